#include "app/probing.h"

#include <cstdint>
#include <utility>

#include "engine/platform/platform.h"

namespace sounder::app {

base::Result<std::unique_ptr<io::PacketIo>> open_sockets(const config::EngineSettings& settings,
                                                         boost::asio::any_io_executor executor, const io::Clock& clock,
                                                         base::Logger& log) {
  platform::PacketIoConfig wanted;
  wanted.receive_buffer = settings.receive_buffer;
  wanted.send_buffer = settings.send_buffer;
  wanted.identifier = static_cast<std::uint16_t>(platform::random_bits());
  wanted.tx_stamps = settings.kernel_stamps;
  wanted.rx_stamps = settings.kernel_stamps;
  return platform::open_packet_io(wanted, std::move(executor), clock, log);
}

probe::EngineConfig engine_config(const config::EngineSettings& settings, const io::PacketIoTraits& traits) {
  probe::EngineConfig engine;
  engine.key = {platform::random_bits(), platform::random_bits()};
  engine.identifier_v4 = traits.identifier_v4;
  engine.identifier_v6 = traits.identifier_v6;
  engine.seed = platform::random_bits();
  engine.rate_limit = settings.rate_limit;
  engine.tx_stamps = traits.tx_stamps;
  return engine;
}

}  // namespace sounder::app
