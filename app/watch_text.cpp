#include "app/watch_text.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string_view>
#include <variant>

namespace sounder::app {
namespace {

namespace json = boost::json;
using client::WatchEvent;

double milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

std::string prefix_text(const boost::asio::ip::address& address, unsigned length) {
  return fmt::format("{}/{}", address.to_string(), length);
}

json::object object_json(const client::Interface& interface) {
  return {{"object", "interface"}, {"index", interface.index},     {"name", interface.name},
          {"up", interface.up},    {"carrier", interface.carrier}, {"loopback", interface.loopback},
          {"mtu", interface.mtu}};
}

json::object object_json(const client::InterfaceAddress& address) {
  return {{"object", "address"},
          {"interface", address.interface_index},
          {"address", prefix_text(address.address, address.prefix_length)},
          {"usable", address.usable}};
}

json::object object_json(const client::Route& route) {
  json::object object{{"object", "route"},
                      {"destination", prefix_text(route.destination, route.prefix_length)},
                      {"interface", route.interface_index},
                      {"table", route.table},
                      {"metric", route.metric},
                      {"kind", to_string(route.kind)},
                      {"link_down", route.link_down}};
  if (route.gateway) object["gateway"] = route.gateway->to_string();
  if (route.preferred_source) object["source"] = route.preferred_source->to_string();
  return object;
}

constexpr std::string_view event_name(WatchEvent::Kind kind) {
  switch (kind) {
    case WatchEvent::Kind::kSnapshotBegins:
      return "snapshot_begins";
    case WatchEvent::Kind::kSnapshotEnds:
      return "snapshot_ends";
    case WatchEvent::Kind::kChanged:
      return "changed";
    case WatchEvent::Kind::kGone:
      return "gone";
    case WatchEvent::Kind::kMissed:
      return "missed";
    case WatchEvent::Kind::kRefused:
      return "refused";
  }
  return "unknown";
}

std::string missed_json(std::string_view what, std::optional<std::uint64_t> count) {
  json::object object{{"event", "missed"}, {"what", what}};
  object["count"] = count ? json::value(*count) : json::value(nullptr);
  return json::serialize(object);
}

std::string missed_text(std::string_view what, std::optional<std::uint64_t> count) {
  return fmt::format("! {} {} were missed", count ? std::to_string(*count) : "an unknown number of", what);
}

std::string event_json(const WatchEvent& event) {
  json::object object{{"event", event_name(event.kind)}};
  if (event.object) {
    const json::object fields = std::visit([](const auto& known) { return object_json(known); }, *event.object);
    object.insert(fields.begin(), fields.end());
  }
  return json::serialize(object);
}

/// What a line says after the outcome's name.
std::string detail_text(const client::Outcome& outcome) {
  switch (outcome.kind) {
    case client::OutcomeKind::kReply:
      return fmt::format(" {:.3f} ms", milliseconds(outcome.rtt));
    case client::OutcomeKind::kIcmpError:
      return fmt::format(" type {} code {}{}", outcome.icmp_type, outcome.icmp_code,
                         outcome.from ? " from " + outcome.from->to_string() : std::string());
    case client::OutcomeKind::kSendFailed:
      return fmt::format(" {}", to_string(outcome.send_failure));
    case client::OutcomeKind::kSlipped:
      return fmt::format(" {}", outcome.count);
    default:
      return {};
  }
}

}  // namespace

std::string WatchText::line(const WatchEvent& event) {
  learn(event);
  if (event.kind == WatchEvent::Kind::kRefused) return refused(event.failure);
  if (event.kind == WatchEvent::Kind::kMissed) {
    return json_ ? missed_json("changes", event.missed) : missed_text("changes", event.missed);
  }
  if (json_) return event_json(event);
  if (event.kind == WatchEvent::Kind::kSnapshotBegins) return "= all there is:";
  if (event.kind == WatchEvent::Kind::kSnapshotEnds) return "= changes from here on:";
  const std::string text = std::visit([this](const auto& object) { return object_text(object); }, *event.object);
  return fmt::format("{} {}", event.kind == WatchEvent::Kind::kGone ? '-' : '+', text);
}

void WatchText::learn(const WatchEvent& event) {
  if (!event.object) return;
  const auto* interface = std::get_if<client::Interface>(&*event.object);
  if (interface != nullptr && !interface->name.empty()) names_[interface->index] = interface->name;
}

std::string WatchText::interface_name(std::uint32_t index) const {
  const auto found = names_.find(index);
  return found == names_.end() ? fmt::format("interface {}", index) : found->second;
}

std::string WatchText::object_text(const client::Interface& interface) const {
  std::string text = fmt::format("interface {} ({})", interface_name(interface.index), interface.index);
  if (interface.name.empty()) return text;  // the key of one that has gone
  return text + fmt::format(" {}, {}, MTU {}", interface.up ? "up" : "down",
                            interface.carrier ? "carrier" : "no carrier", interface.mtu);
}

std::string WatchText::object_text(const client::InterfaceAddress& address) const {
  return fmt::format("address {} on {}{}", prefix_text(address.address, address.prefix_length),
                     interface_name(address.interface_index), address.usable ? "" : ", not usable yet");
}

std::string WatchText::object_text(const client::Route& route) const {
  std::string text = "route ";
  if (route.kind != client::RouteKind::kUnicast) text += fmt::format("{} ", to_string(route.kind));
  text += route.prefix_length == 0 ? "default" : prefix_text(route.destination, route.prefix_length);
  if (route.prefix_length == 0 && route.destination.is_v6()) text += " (IPv6)";
  if (route.gateway) text += " via " + route.gateway->to_string();
  if (route.interface_index != 0) text += " on " + interface_name(route.interface_index);
  text += fmt::format(", metric {}", route.metric);
  if (route.table != 0) text += fmt::format(", table {}", route.table);
  return route.link_down ? text + ", link down" : text;
}

std::string WatchText::line(const client::TargetOutcome& told) const {
  const client::Outcome& outcome = told.outcome;
  if (!json_) {
    return fmt::format("{}/{} {} {}{}", told.group, told.target, told.address, to_string(outcome.kind),
                       detail_text(outcome));
  }
  json::object object{{"event", "outcome"},      {"group", told.group},       {"target", told.target},
                      {"address", told.address}, {"sequence", told.sequence}, {"outcome", to_string(outcome.kind)}};
  if (outcome.kind == client::OutcomeKind::kReply) object["rtt_seconds"] = milliseconds(outcome.rtt) / 1000;
  if (outcome.kind == client::OutcomeKind::kSendFailed) object["reason"] = to_string(outcome.send_failure);
  if (outcome.kind == client::OutcomeKind::kSlipped) object["count"] = outcome.count;
  if (outcome.kind == client::OutcomeKind::kIcmpError) {
    object["type"] = outcome.icmp_type;
    object["code"] = outcome.icmp_code;
    if (outcome.from) object["from"] = outcome.from->to_string();
  }
  return json::serialize(object);
}

std::string WatchText::missed_outcomes(std::optional<std::uint64_t> count) const {
  return json_ ? missed_json("outcomes", count) : missed_text("outcomes", count);
}

std::string WatchText::refused(const client::Failure& failure) const {
  const std::string why = failure.text.empty() ? failure.error.message() : failure.text;
  if (!json_) return "! refused: " + why;
  return json::serialize(json::object{{"event", "refused"}, {"text", why}});
}

}  // namespace sounder::app
