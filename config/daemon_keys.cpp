#include "config/daemon_keys.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/broker_keys.h"
#include "config/limits.h"
#include "config/listen.h"
#include "config/scalars.h"

namespace sounder::config {

namespace {

constexpr std::size_t kMaxUserNameBytes = 32;  // useradd(8)

void read_listen(const Field& field, ListenAddress& listen) {
  const auto text = field.text("an address and a port, such as 127.0.0.1:19719");
  if (!text) return;
  auto parsed = parse_listen(*text);
  if (parsed) {
    listen = std::move(*parsed);
  } else {
    field.diagnostics.error(field.node.position(), "listen: " + parsed.error());
  }
}

/// The characters of useradd(8); whether the user exists is known only where the daemon runs.
bool is_user_name(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  return !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), is_plain);
}

void read_user(const Field& field, std::string& user) {
  auto name = read_text(field, kMaxUserNameBytes);
  if (!name) return;
  if (!is_user_name(*name)) return field.refuse("is no user name", "letters, digits, _, - and ., not - first");
  user = std::move(*name);
}

void read_stamps(const Field& field, bool& kernel) {
  constexpr std::array<std::string_view, 2> kWords = {"kernel", "user"};
  if (const auto index = read_choice(field, kWords)) kernel = *index == 0;
}

void read_engine(Node map, EngineSettings& engine, std::optional<Position>& rate_limit, Diagnostics& diagnostics) {
  const auto buffer = [&diagnostics](std::string_view key, std::size_t& bytes) {
    return Key{key, [key, &bytes, &diagnostics](Node node) {
                 bytes = read_byte_size({key, node, diagnostics}, kMinBuffer, kMaxBuffer).value_or(bytes);
               }};
  };
  const Keys keys = {
      {"rate_limit",
       [&](Node node) {
         rate_limit = node.position();
         engine.rate_limit =
             read_number({"rate_limit", node, diagnostics}, 1, kMaxRateLimit).value_or(engine.rate_limit);
       }},
      buffer("receive_buffer", engine.receive_buffer),
      buffer("send_buffer", engine.send_buffer),
      {"stamps", [&](Node node) {
         read_stamps({"stamps", node, diagnostics}, engine.kernel_stamps);
       }}};
  read_map(map, "engine", keys, diagnostics);
}

void read_resolver(Node map, ResolverSettings& resolver, Diagnostics& diagnostics) {
  const auto period = [&diagnostics](std::string_view key, base::Duration& duration) {
    return Key{key, [key, &duration, &diagnostics](Node node) {
                 duration = read_duration({key, node, diagnostics}, kMinRefresh, kMaxRefresh).value_or(duration);
               }};
  };
  const auto read_workers = [&](Node node) {
    resolver.workers = read_number({"workers", node, diagnostics}, 1, kMaxResolverWorkers).value_or(resolver.workers);
  };
  read_map(map, "resolver",
           {period("refresh", resolver.refresh), period("retry", resolver.retry), {"workers", read_workers}},
           diagnostics);
}

}  // namespace

Keys daemon_keys(Settings& settings, std::optional<Position>& rate_limit, Diagnostics& diagnostics) {
  return {{"listen",
           [&](Node node) {
             read_listen({"listen", node, diagnostics}, settings.listen);
           }},
          {"user",
           [&](Node node) {
             read_user({"user", node, diagnostics}, settings.user);
           }},
          {"engine", [&](Node node) { read_engine(node, settings.engine, rate_limit, diagnostics); }},
          {"resolver", [&](Node node) { read_resolver(node, settings.resolver, diagnostics); }},
          {"broker", [&](Node node) { read_broker(node, settings.broker, diagnostics); }}};
}

}  // namespace sounder::config
