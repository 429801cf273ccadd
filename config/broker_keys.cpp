#include "config/broker_keys.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/limits.h"
#include "config/map_keys.h"
#include "config/scalars.h"

namespace sounder::config {

namespace {

using broker::Maximum;
using broker::Rights;

/// As chmod(1) takes it.
void read_mode(const Field& field, unsigned& mode) {
  constexpr std::string_view kAllowed = "an octal number from 0 to 0777";
  const auto text = field.text(kAllowed);
  if (!text) return;
  unsigned value = 0;
  const char* const last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, value, 8);
  if (text->empty() || end != last || error != std::errc{}) return field.refuse("is no octal number", kAllowed);
  if (value > 0777) return field.refuse("is too large", kAllowed);
  mode = value;
}

/// One resource: how much of it each level may have. What `read` gives is nothing if it has complained.
class MaximumReader {
 public:
  using Read = std::optional<std::uint64_t> (*)(const Field&);

  MaximumReader(std::string_view name, bool of_clients, Read read, Maximum& maximum, Diagnostics& diagnostics)
      : name_(name), of_clients_(of_clients), read_(read), maximum_(maximum), diagnostics_(diagnostics) {}

  void operator()(Node map) const {
    Keys keys;
    if (of_clients_) keys.push_back(level("client", maximum_.client));
    keys.push_back(level("user", maximum_.user));
    keys.push_back(level("broker", maximum_.broker));
    const Maximum before = maximum_;
    if (!read_map(map, name_, keys, diagnostics_)) return;
    if (maximum_.client <= maximum_.user && maximum_.user <= maximum_.broker) return;
    diagnostics_.error(
        map.position(),
        fmt::format("{}: {} of a client, {} of a user and {} of the broker are given or the default; none "
                    "may be more than the next",
                    name_, maximum_.client, maximum_.user, maximum_.broker));
    maximum_ = before;
  }

 private:
  [[nodiscard]] Key level(std::string_view key, std::uint64_t& value) const {
    return {key, [this, key, &value](Node node) { value = read_({key, node, diagnostics_}).value_or(value); }};
  }

  std::string_view name_;
  bool of_clients_;
  Read read_;
  Maximum& maximum_;
  Diagnostics& diagnostics_;
};

std::optional<std::uint64_t> read_count(const Field& field) { return read_number(field, 1, kMaxBrokerCount); }
std::optional<std::uint64_t> read_credits(const Field& field) { return read_number(field, 1, kMaxBrokerCredits); }
std::optional<std::uint64_t> read_size(const Field& field) {
  return read_byte_size(field, kMinBrokerBytes, kMaxBrokerBytes);
}

void read_limits(Node map, broker::Quotas& quotas, Diagnostics& diagnostics) {
  const auto resource = [&](std::string_view name, bool of_clients, MaximumReader::Read read, Maximum& maximum) {
    return Key{name, [=, &maximum, &diagnostics](Node node) {
                 MaximumReader(name, of_clients, read, maximum, diagnostics)(node);
               }};
  };
  read_map(map, "limits",
           {resource("connections", false, read_count, quotas.connections),
            resource("handshakes", false, read_count, quotas.handshakes),
            resource("registrations", true, read_count, quotas.registrations),
            resource("credits", true, read_credits, quotas.credits), resource("bytes", true, read_size, quotas.bytes),
            resource("kernel_bytes", true, read_size, quotas.kernel_bytes)},
           diagnostics);
}

void read_rate(const Field& field, std::optional<std::uint32_t>& rate) {
  if (field.node.kind() == NodeKind::kScalar && field.node.text() == "unlimited") return rate.reset();
  const auto number = read_number(field, 1, kMaxRateLimit);
  if (number) rate = static_cast<std::uint32_t>(*number);
}

/// Whom a rule is for: exactly one of the three, whatever its value.
struct Subject {
  int given = 0;
  std::optional<std::string> user;
  std::optional<std::string> group;
  std::optional<std::size_t> everybody;  ///< index into kClasses
};
constexpr std::array<std::string_view, 2> kClasses{"everybody", "administrators"};

Keys rights_keys(Rights& rights, Diagnostics& diagnostics) {
  const auto flag = [&diagnostics](std::string_view key, bool& value) {
    return Key{key, [key, &value, &diagnostics](Node node) {
                 value = read_bool({key, node, diagnostics}).value_or(value);
               }};
  };
  return {flag("connect", rights.connect),
          flag("watch", rights.watch),
          flag("outcomes", rights.outcomes),
          flag("echo", rights.echo),
          flag("monitor", rights.monitor),
          flag("anywhere", rights.anywhere),
          {"packets_per_second", [&](Node node) {
             read_rate({"packets_per_second", node, diagnostics}, rights.packets_per_second);
           }}};
}

/// What a rule does not say is as for everybody by default, or as administrators have it, wherever it says so.
Rights rights_before(Node map, const BrokerSettings& broker) {
  for (std::size_t i = 0; i < map.size() && map.kind() == NodeKind::kMap; ++i) {
    if (map.key(i).text() == "for" && map.value(i).text() == kClasses[1]) return broker.administrators;
  }
  return {};
}

void read_rule(Node map, BrokerSettings& broker, Diagnostics& diagnostics) {
  Subject subject;
  Position place = map.position();
  Rights said = rights_before(map, broker);
  Keys keys = {{"user",
                [&](Node node) {
                  place = node.position();
                  ++subject.given;
                  subject.user = read_text({"user", node, diagnostics}, kMaxPrincipalBytes);
                }},
               {"group",
                [&](Node node) {
                  place = node.position();
                  ++subject.given;
                  subject.group = read_text({"group", node, diagnostics}, kMaxPrincipalBytes);
                }},
               {"for", [&](Node node) {
                  ++subject.given;
                  subject.everybody = read_choice({"for", node, diagnostics}, kClasses);
                }}};
  for (Key& key : rights_keys(said, diagnostics)) keys.push_back(std::move(key));
  if (!read_map(map, "a rule", keys, diagnostics)) return;
  if (subject.given != 1) {
    return diagnostics.error(map.position(),
                             "a rule is for one user, for one group, or (for) for everybody or administrators");
  }
  if (subject.everybody == 0U) {
    broker.everybody = said;
  } else if (subject.everybody) {
    broker.administrators = said;
  } else if (subject.user || subject.group) {
    broker.rules.push_back({subject.user.value_or(""), subject.group.value_or(""), said, diagnostics.place(place)});
  }
}

void read_policy(Node list, BrokerSettings& broker, Diagnostics& diagnostics) {
  if (list.kind() != NodeKind::kList) {
    return diagnostics.error(list.position(),
                             fmt::format("policy: {} is given; allowed is a list of rules", kind_name(list.kind())));
  }
  if (list.size() > kMaxBrokerRules) {
    return diagnostics.error(list.position(),
                             fmt::format("policy: {} rules are given; allowed are {}", list.size(), kMaxBrokerRules));
  }
  for (std::size_t i = 0; i < list.size(); ++i) read_rule(list.item(i), broker, diagnostics);
}

}  // namespace

void read_broker(Node map, BrokerSettings& broker, Diagnostics& diagnostics) {
  const auto text = [&diagnostics](std::string_view key, std::size_t most, std::string& value) {
    return Key{key, [=, &value, &diagnostics](Node node) {
                 value = read_text({key, node, diagnostics}, most).value_or(value);
               }};
  };
  const Keys keys = {{"enabled",
                      [&](Node node) {
                        broker.enabled = read_bool({"enabled", node, diagnostics}).value_or(broker.enabled);
                      }},
                     text("path", kMaxSocketPathBytes, broker.path),
                     {"mode",
                      [&](Node node) {
                        read_mode({"mode", node, diagnostics}, broker.mode);
                      }},
                     text("group", kMaxPrincipalBytes, broker.group),
                     {"limits", [&](Node node) { read_limits(node, broker.quotas, diagnostics); }},
                     {"policy", [&](Node node) { read_policy(node, broker, diagnostics); }}};
  read_map(map, "broker", keys, diagnostics);
}

}  // namespace sounder::config
