#include "engine/platform/linux/error_queue.h"

namespace sounder::platform {

namespace {

/// What the quote is of is our own request, so `bytes` is never "truncated": a quote is a beginning by its nature.
std::optional<wire::RxPacket> read_icmp_error(const IcmpSocket& socket, const ControlData& control, MessageBatch& batch,
                                              std::size_t index) {
  const auto target = from_native(batch.sender(index));
  if (!target || !control.offender) return std::nullopt;
  wire::RxPacket packet;
  packet.form = wire::RxPacket::Form::kQuoted;
  packet.family = socket.family;
  packet.checksum_verified = true;
  packet.error_type = control.error->ee_type;
  packet.error_code = control.error->ee_code;
  packet.source = *control.offender;
  packet.destination = target;
  packet.stamp = control.stamp;
  packet.bytes = batch.bytes(index);
  return packet;
}

}  // namespace

ErrorQueueEntry read_error_queue_entry(const IcmpSocket& socket, const StampIds& ids, MessageBatch& batch,
                                       std::size_t index) {
  const ControlData control = read_control(batch.header(index));
  ErrorQueueEntry entry;
  if (!control.error) return entry;
  const auto origin = control.error->ee_origin;
  if (origin == SO_EE_ORIGIN_TIMESTAMPING && control.stamp) {
    if (const auto probe = ids.find(control.error->ee_data)) {
      entry.stamp.emplace();
      entry.stamp->probe = *probe;
      entry.stamp->kind = wire::TxResult::Kind::kStamp;
      entry.stamp->stamp = *control.stamp;
    }
  }
  entry.from_icmp = origin == SO_EE_ORIGIN_ICMP || origin == SO_EE_ORIGIN_ICMP6;
  if (entry.from_icmp && !socket.is_raw()) entry.icmp_error = read_icmp_error(socket, control, batch, index);
  return entry;
}

}  // namespace sounder::platform
