/// From `broker:` of the configuration to what the broker and its listener are made with.
#pragma once

#include <filesystem>
#include <string>

#include "config/load.h"
#include "engine/broker/settings.h"
#include "exporters/daemon_status.h"

namespace sounder::app {

/// As config::load(), and puts the ids of this host in the place of the names of users and groups that the broker's
/// policy has; one that does not exist here is one more mistake. Blocks, also on the system's directory of names.
[[nodiscard]] config::LoadResult load_configuration(const std::filesystem::path& path);

/// Of a configuration that load_configuration() gave.
[[nodiscard]] broker::Settings broker_settings(const config::BrokerSettings& settings);

/// Where clients connect: as configured, or the system's usual place.
[[nodiscard]] std::string broker_path(const config::BrokerSettings& settings);

/// The limits as a scrape shows them.
[[nodiscard]] exporters::BrokerNumbers broker_limits(const broker::Quotas& quotas);

}  // namespace sounder::app
