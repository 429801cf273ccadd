#include "engine/runtime/target_expansion.h"

#include <span>
#include <utility>
#include <variant>

#include "engine/base/siphash.h"

namespace sounder::runtime {

namespace {

constexpr base::SipKey kIdentityKey{0x736f756e64657220U, 0x7461726765742031U};

WantedTarget expand_address(const probe::HostAddress& host, std::uint32_t interface_index,
                            const InterfaceTable& interfaces) {
  if (host.zone.empty()) return {host.address.to_string(), host.address, interface_index, nullptr};
  const std::uint32_t scope = interfaces.index(host.zone);
  // The scope of an address that needs none is ignored by the system, a control message never is.
  if (scope == kNoSuchInterface) interface_index = kNoSuchInterface;
  std::string text = host.address.with_scope(0).to_string() + '%' + host.zone;
  return {std::move(text), host.address.with_scope(scope), interface_index, nullptr};
}

}  // namespace

NameKey name_key(const probe::TargetSpec& spec, const probe::HostName& host) {
  const probe::ProbeOptions& options = *spec.options;
  if (options.family != probe::FamilyChoice::kAny || !options.source) return {host.name, options.family};
  return {host.name, options.source->is_v4() ? probe::FamilyChoice::kIpv4 : probe::FamilyChoice::kIpv6};
}

void expand(const probe::TargetSpec& spec, const NameTable& names, const InterfaceTable& interfaces,
            std::vector<WantedTarget>& out) {
  out.clear();
  const std::string& interface = spec.options->interface;
  const std::uint32_t interface_index = interface.empty() ? 0 : interfaces.index(interface);
  if (const auto* host = std::get_if<probe::HostAddress>(&spec.host)) {
    out.push_back(expand_address(*host, interface_index, interfaces));
    return;
  }
  const NameBinding* binding = names.find(name_key(spec, std::get<probe::HostName>(spec.host)));
  if (binding == nullptr || binding->addresses.empty()) {
    out.push_back({std::string(), base::IpAddress(), 0, binding});
    return;
  }
  for (const base::IpAddress& address : binding->addresses) {
    out.push_back({address.to_string(), address, interface_index, binding});
  }
}

std::unique_ptr<probe::TargetPlan> make_plan(const probe::TargetSpec& spec, const WantedTarget& wanted,
                                             std::uint64_t phase_hash) {
  const probe::ProbeOptions& options = *spec.options;
  auto plan = std::make_unique<probe::TargetPlan>();
  plan->address = wanted.address;
  plan->options = spec.options;
  plan->phase_hash = phase_hash;
  if (options.source && options.source->family() == wanted.address.family()) plan->packet.source = options.source;
  plan->packet.interface_index = wanted.interface_index;
  plan->packet.mark = options.mark;
  plan->packet.ttl = options.ttl;
  plan->packet.dscp = options.dscp;
  plan->packet.dont_fragment = options.dont_fragment;
  return plan;
}

std::uint64_t identity_hash(const std::string& group, const std::string& target, const std::string& address) {
  // A byte that no label can hold keeps ("a", "bc") and ("ab", "c") apart.
  std::string identity;
  identity.reserve(group.size() + target.size() + address.size() + 2);
  identity.append(group).append(1, '\0').append(target).append(1, '\0').append(address);
  return base::siphash(kIdentityKey, std::as_bytes(std::span(identity)));
}

}  // namespace sounder::runtime
