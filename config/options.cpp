#include "config/options.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/dscp.h"
#include "config/duration.h"
#include "config/host.h"
#include "config/limits.h"
#include "config/scalars.h"
#include "config/text.h"

namespace sounder::config {

namespace {

using probe::FamilyChoice;
using probe::ProbeOptions;

constexpr std::uint64_t kMaxMark = 0xffff'ffff;

void read_interval(const Field& field, ProbeOptions& options) {
  if (const auto value = read_duration(field, kMinInterval, kMaxInterval)) options.interval = *value;
}

void read_timeout(const Field& field, ProbeOptions& options) {
  if (const auto value = read_duration(field, kMinTimeout, kMaxTimeout)) options.timeout = *value;
}

void read_size(const Field& field, ProbeOptions& options) {
  const auto value = read_number(field, 0, kMaxDataBytes);
  if (!value) return;
  options.size = static_cast<std::uint16_t>(*value);
  if (*value >= kTagBytes) return;
  field.diagnostics.warning(
      field.node.position(),
      fmt::format("size: {} bytes have no room for the tag of {} that tells our replies from others; they are matched "
                  "by address, identifier and sequence alone",
                  *value, kTagBytes));
}

void read_family(const Field& field, ProbeOptions& options) {
  constexpr std::array<std::string_view, 4> kWords = {"any", "ipv4", "ipv6", "all"};
  constexpr std::array<FamilyChoice, 4> kChoices = {FamilyChoice::kAny, FamilyChoice::kIpv4, FamilyChoice::kIpv6,
                                                    FamilyChoice::kAll};
  if (const auto index = read_choice(field, kWords)) options.family = kChoices.at(*index);
}

void read_source(const Field& field, ProbeOptions& options) {
  constexpr std::string_view kAllowed = "an address of this host";
  const auto text = field.text(kAllowed);
  if (!text) return;
  const auto host = parse_host(*text);
  const auto* const address = host ? std::get_if<probe::HostAddress>(&*host) : nullptr;
  if (!host) {
    field.diagnostics.error(field.node.position(), fmt::format("source: {}", host.error()));
  } else if (address == nullptr || !address->zone.empty()) {
    field.refuse("is not one address without a zone", kAllowed);
  } else {
    options.source = address->address;
  }
}

void read_interface(const Field& field, ProbeOptions& options) {
  constexpr std::string_view kAllowed = "the name of a network interface";
  const auto text = field.text(kAllowed);
  if (!text) return;
  if (!is_interface_name(*text)) return field.refuse("can't be one", kAllowed);
  options.interface = *text;
}

void read_mark(const Field& field, ProbeOptions& options) {
  if (const auto value = read_number(field, 0, kMaxMark)) options.mark = static_cast<std::uint32_t>(*value);
}

void read_dscp(const Field& field, ProbeOptions& options) {
  constexpr std::string_view kAllowed = "0 to 63, be, cs0 to cs7, af11 to af43, ef, va or le";
  const auto text = field.text(kAllowed);
  if (!text) return;
  const auto value = parse_dscp(*text);
  if (!value) return field.refuse("is no code point", kAllowed);
  options.dscp = *value;
}

void read_ttl(const Field& field, ProbeOptions& options) {
  if (const auto value = read_number(field, 1, 255)) options.ttl = static_cast<std::uint8_t>(*value);
}

void read_dont_fragment(const Field& field, ProbeOptions& options) {
  if (const auto value = read_bool(field)) options.dont_fragment = *value;
}

void read_accept_foreign(const Field& field, ProbeOptions& options) {
  if (const auto value = read_bool(field)) options.accept_foreign = *value;
}

void read_down_after(const Field& field, ProbeOptions& options) {
  if (const auto value = read_number(field, 1, kMaxRun)) options.down_after = static_cast<std::uint32_t>(*value);
}

void read_up_after(const Field& field, ProbeOptions& options) {
  if (const auto value = read_number(field, 1, kMaxRun)) options.up_after = static_cast<std::uint32_t>(*value);
}

void read_buckets(const Field& field, ProbeOptions& options) {
  const auto allowed = fmt::format("a list of 1 to {} durations, ascending", base::kMaxBuckets);
  const Node& list = field.node;
  if (list.kind() != NodeKind::kList) {
    const auto given = list.kind() == NodeKind::kScalar ? shown(list.text()) : std::string(kind_name(list.kind()));
    return field.diagnostics.error(list.position(), fmt::format("buckets: {} is given; allowed is {}", given, allowed));
  }
  if (list.size() == 0 || list.size() > base::kMaxBuckets) {
    return field.diagnostics.error(list.position(),
                                   fmt::format("buckets: {} are given; allowed is {}", list.size(), allowed));
  }
  probe::Buckets buckets;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Field bound{field.key, list.item(i), field.diagnostics};
    const auto value = read_duration(bound, kMinBucket, kMaxBucket);
    if (!value) return;
    if (!buckets.empty() && *value <= buckets.back()) {
      return bound.refuse(fmt::format("follows {}", format_duration(buckets.back())), allowed);
    }
    buckets.push_back(*value);
  }
  options.buckets = std::move(buckets);
}

struct Option {
  std::string_view key;
  void (*read)(const Field&, ProbeOptions&);
};

constexpr std::array<Option, 14> kOptions = {{{"interval", read_interval},
                                              {"timeout", read_timeout},
                                              {"size", read_size},
                                              {"family", read_family},
                                              {"source", read_source},
                                              {"interface", read_interface},
                                              {"mark", read_mark},
                                              {"dscp", read_dscp},
                                              {"ttl", read_ttl},
                                              {"dont_fragment", read_dont_fragment},
                                              {"accept_foreign", read_accept_foreign},
                                              {"down_after", read_down_after},
                                              {"up_after", read_up_after},
                                              {"buckets", read_buckets}}};

}  // namespace

Keys option_keys(ProbeOptions& options, Diagnostics& diagnostics) {
  Keys keys;
  keys.reserve(kOptions.size() + 8);
  for (const auto& option : kOptions) {
    keys.push_back({option.key, [&options, &diagnostics, &option](Node node) {
                      option.read({option.key, node, diagnostics}, options);
                    }});
  }
  return keys;
}

}  // namespace sounder::config
