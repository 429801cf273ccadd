/// What `run` and `ping` have in common: packet I/O with random identifiers and an engine that fits it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "config/settings.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/probe/engine.h"

namespace sounder::app {

/// Sockets as `settings` wants them. `executor` is the probe loop's.
[[nodiscard]] base::Result<std::unique_ptr<io::PacketIo>> open_sockets(const config::EngineSettings& settings,
                                                                       boost::asio::any_io_executor executor,
                                                                       const io::Clock& clock, base::Logger& log);

/// With a new key and seed: no other run's packets are taken for this one's.
[[nodiscard]] probe::EngineConfig engine_config(const config::EngineSettings& settings,
                                                const io::PacketIoTraits& traits);

}  // namespace sounder::app
