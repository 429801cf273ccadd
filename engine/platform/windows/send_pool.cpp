#include "engine/platform/windows/send_pool.h"

#include <boost/asio/windows/overlapped_ptr.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/limits.h"
#include "engine/platform/windows/system_error_numbers.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmpv6_checksum.h"

namespace sounder::platform::windows {

struct SendPool::Slot {
  OperationRoom room;
  std::span<std::byte> bytes;
  wire::ProbeId probe;
};

/// The handler of one send.
struct SendPool::Completion {
  using allocator_type = RoomAllocator<std::byte>;  // NOLINT(readability-identifier-naming): Asio's name for it
  [[nodiscard]] allocator_type get_allocator() const { return allocator_type(pool->slots_[index].room); }

  void operator()(const boost::system::error_code& error, std::size_t /*bytes*/) const {
    pool->on_complete(index, error.value());
  }

  std::shared_ptr<SendPool> pool;
  std::size_t index;
};

SendPool::SendPool(SocketCalls& calls, boost::asio::io_context& loop, base::Logger& log)
    : calls_(calls),
      loop_(loop),
      log_(log),
      slots_(base::kSendBatch + kLargeCount),
      small_(std::make_unique_for_overwrite<std::byte[]>(base::kSendBatch * kSmallRoom)),
      large_(std::make_unique_for_overwrite<std::byte[]>(kLargeCount * kLargeRoom)),
      failures_(slots_.size()),
      taken_(slots_.size()) {
  free_small_.reserve(base::kSendBatch);
  free_large_.reserve(kLargeCount);
  for (std::size_t i = 0; i < base::kSendBatch; ++i) {
    slots_[i].bytes = {small_.get() + i * kSmallRoom, kSmallRoom};
    free_small_.push_back(i);
  }
  for (std::size_t i = 0; i < kLargeCount; ++i) {
    slots_[base::kSendBatch + i].bytes = {large_.get() + i * kLargeRoom, kLargeRoom};
    free_large_.push_back(base::kSendBatch + i);
  }
}

SendPool::~SendPool() = default;

std::size_t SendPool::under_way() const { return slots_.size() - free_small_.size() - free_large_.size(); }

std::span<const wire::TxResult> SendPool::take_failures() {
  taken_.clear();
  std::swap(taken_, failures_);
  return std::as_const(taken_).span();
}

std::vector<std::size_t>& SendPool::free_of(std::size_t index) {
  return index < base::kSendBatch ? free_small_ : free_large_;
}

int SendPool::send(const IcmpSocket& socket, const wire::TxRequest& request,
                   const std::optional<base::IpAddress>& source) {
  const bool large = wire::kIcmpHeaderSize + request.data_size > kSmallRoom;
  auto& free = large ? free_large_ : free_small_;
  if (free.empty()) return number::kWsaNoBuffer;
  const std::size_t index = free.back();
  free.pop_back();
  slots_[index].probe = request.probe;
  const std::span<std::byte> room = slots_[index].bytes;
  const std::size_t size = wire::encode_echo_request(request, room);
  if (source) wire::write_icmpv6_checksum(room.first(size), *source, request.destination);
  return hand_over(socket, index, size, request.destination);
}

int SendPool::hand_over(const IcmpSocket& socket, std::size_t index, std::size_t size,
                        const base::IpAddress& destination) {
  SocketAddress to{};
  const int to_size = to_native(destination, to);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): buffers are char to Winsock.
  WSABUF bytes{static_cast<ULONG>(size), reinterpret_cast<char*>(slots_[index].bytes.data())};
  boost::asio::windows::overlapped_ptr operation(loop_, Completion{shared_from_this(), index});
  const int error = calls_.send(socket.get(), bytes, to, to_size, *operation.get());
  const bool completion_comes = error == number::kIoPending || (error == 0 && !socket.skips_completions());
  if (completion_comes) {
    operation.release();
    return 0;
  }
  operation.reset();
  free_of(index).push_back(index);
  return error;
}

void SendPool::on_complete(std::size_t index, int error) {
  free_of(index).push_back(index);
  if (error == 0 || is_stop(error)) return;
  wire::TxResult failure;
  failure.probe = slots_[index].probe;
  failure.kind = wire::TxResult::Kind::kRefused;
  failure.failure = to_send_failure(error);
  if (!failures_.full()) failures_.push_back(failure);
  if (std::exchange(failed_before_, true)) return;
  log_.warning(
      "a send that the system had accepted failed later",
      {{"error", std::to_string(error)}, {"reason", std::error_code(error, std::system_category()).message()}});
}

}  // namespace sounder::platform::windows
