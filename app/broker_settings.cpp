#include "app/broker_settings.h"

#include <array>
#include <cstddef>
#include <utility>

#include "engine/base/result.h"
#include "engine/platform/local_stream.h"
#include "engine/platform/platform.h"

namespace sounder::app {
namespace {

/// Puts the id in the place of the name; what is wrong, if there is none.
std::string take_id(std::string& name, base::Result<std::string> (*id_of)(const std::string&)) {
  auto id = id_of(name);
  if (!id) return id.error().message();
  name = std::move(*id);
  return {};
}

}  // namespace

config::LoadResult load_configuration(const std::filesystem::path& path) {
  config::LoadResult result = config::load(path);
  if (!result.settings || !result.settings->broker.enabled) return result;
  for (config::BrokerRule& rule : result.settings->broker.rules) {
    const std::string wrong =
        rule.user.empty() ? take_id(rule.group, platform::group_id) : take_id(rule.user, platform::user_id);
    if (!wrong.empty()) result.errors.push_back({rule.place, 0, 0, wrong});
  }
  if (!result.errors.empty()) result.settings.reset();
  return result;
}

broker::Settings broker_settings(const config::BrokerSettings& settings) {
  broker::Settings out;
  out.quotas = settings.quotas;
  out.policy.administrators = settings.administrators;
  out.policy.everybody = settings.everybody;
  for (const config::BrokerRule& rule : settings.rules) {
    out.policy.rules.push_back({rule.user, rule.group, rule.rights});
  }
  return out;
}

std::string broker_path(const config::BrokerSettings& settings) {
  return settings.path.empty() ? platform::default_local_name() : settings.path;
}

exporters::BrokerNumbers broker_limits(const broker::Quotas& quotas) {
  const std::array<broker::Maximum, broker::kResources> by_resource{
      quotas.connections, quotas.handshakes, quotas.registrations, quotas.credits, quotas.bytes, quotas.kernel_bytes};
  exporters::BrokerNumbers numbers;
  for (std::size_t i = 0; i < by_resource.size(); ++i) {
    numbers.limits[static_cast<std::size_t>(broker::Level::kClient)][i] = by_resource[i].client;
    numbers.limits[static_cast<std::size_t>(broker::Level::kUser)][i] = by_resource[i].user;
    numbers.limits[static_cast<std::size_t>(broker::Level::kBroker)][i] = by_resource[i].broker;
  }
  return numbers;
}

}  // namespace sounder::app
