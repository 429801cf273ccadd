/// Sending echo requests of one family: the socket for their options, and what the system says to them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>

#include "engine/base/limits.h"
#include "engine/base/log.h"
#include "engine/io/clock.h"
#include "engine/platform/windows/icmp_socket.h"
#include "engine/platform/windows/option_table.h"
#include "engine/platform/windows/send_pool.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

class Sender {
 public:
  /// `buffer`: bytes asked for each socket. All that is borrowed outlives the sender.
  Sender(SocketCalls& calls, boost::asio::io_context& loop, base::Family family, std::size_t buffer,
         const io::Clock& clock, base::Logger& log);

  /// Opens the socket for requests without options. Bytes granted for its send buffer, or why there is none.
  [[nodiscard]] base::Result<std::size_t> start();
  /// Tries the request, which is of this family, and says what became of it.
  [[nodiscard]] wire::TxResult send(const wire::TxRequest& request);

  /// As SendPool::take_failures().
  [[nodiscard]] std::span<const wire::TxResult> take_failures() { return pool_->take_failures(); }

 private:
  /// The socket for these options, opened where there is none yet. Null if there can't be one.
  [[nodiscard]] const IcmpSocket* socket_for(const wire::PacketOptions& options, base::MonoTime now);
  [[nodiscard]] bool possible(const wire::PacketOptions& options) const;
  [[nodiscard]] int attempt(const wire::TxRequest& request, const IcmpSocket& socket);
  void note_full();
  void note_refusal(const base::Error& error, base::MonoTime now);

  SocketCalls& calls_;
  boost::asio::io_context& loop_;
  base::Family family_;
  std::size_t buffer_;
  const io::Clock& clock_;
  base::Logger& log_;
  std::shared_ptr<SendPool> pool_;
  OptionTable<IcmpSocket> sockets_{base::kMaxSendSockets};
  bool noted_full_ = false;
  base::MonoTime next_note_ = base::MonoTime::min();
};

}  // namespace sounder::platform::windows
