#include "engine/platform/linux/self_test.h"

#include <poll.h>

#include <array>
#include <cerrno>

#include "engine/platform/linux/control_message.h"
#include "engine/platform/linux/kernel_constants.h"
#include "engine/platform/linux/message_batch.h"
#include "engine/platform/linux/socket_address.h"
#include "engine/wire/echo_request.h"

namespace sounder::platform {

namespace {

constexpr int kAttempts = 20;
constexpr int kPauseMilliseconds = 5;
constexpr std::uint32_t kTestId = 0x7e57'7e57;  // no id that the kernel's own counter begins with

int send_test(const IcmpSocket& socket, bool own_id) {
  wire::TxRequest request;
  request.destination = socket.is_v4() ? base::IpAddress::v4(0x7f000001)
                                       : base::IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  request.identifier = socket.identifier;
  request.data_size = 0;
  std::array<std::byte, 64> bytes{};
  SocketAddress address{};
  ControlWriter control;
  if (own_id) control.add(SOL_SOCKET, kScmTsOptId, kTestId);
  iovec part{bytes.data(), wire::encode_echo_request(request, bytes)};
  msghdr message{};
  message.msg_namelen = to_native(request.destination, address);
  message.msg_name = &address;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (own_id) message.msg_control = control.data();
  message.msg_controllen = own_id ? control.size() : 0;
  return sendmsg(socket.fd.get(), &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

/// Reads both queues until they are empty and notes what was stamped.
void collect(const IcmpSocket& socket, MessageBatch& batch, StampSupport& found) {
  for (const int flags : {0, int{MSG_ERRQUEUE}}) {
    batch.clear();
    const auto taken = batch.take(socket.fd.get(), batch.free(), flags);
    for (std::size_t i = 0; i < taken.count; ++i) {
      const ControlData control = read_control(batch.header(taken.first + i));
      if (!control.stamp) continue;
      if (flags == 0) found.rx = true;
      if (!control.error) continue;
      found.tx = true;
      found.own_ids = found.own_ids || control.error->ee_data == kTestId;
    }
  }
}

bool complete(const IcmpSocket& socket, const StampSupport& found, bool own_ids) {
  return found.tx == socket.tx_stamps && found.rx == socket.rx_stamps && (found.own_ids || !own_ids);
}

}  // namespace

StampSupport test_stamps(const IcmpSocket& socket, bool try_own_ids) {
  StampSupport found;
  MessageBatch batch(16, 256, false);
  bool own_ids = try_own_ids && socket.tx_stamps;
  for (int attempt = 0; attempt < kAttempts && !complete(socket, found, own_ids); ++attempt) {
    int error = send_test(socket, own_ids);
    if (error == EINVAL && own_ids) {  // an older kernel, or a blackhole route: once more without
      own_ids = false;
      error = send_test(socket, own_ids);
    }
    if (error != 0) return {socket.tx_stamps, socket.rx_stamps, own_ids};
    collect(socket, batch, found);  // loopback answers within the call, as a rule
    if (!complete(socket, found, own_ids)) ::poll(nullptr, 0, kPauseMilliseconds);
  }
  collect(socket, batch, found);
  return found;
}

}  // namespace sounder::platform
