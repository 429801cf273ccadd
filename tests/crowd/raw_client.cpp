#include "tests/crowd/raw_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "tests/crowd/messages.h"
#include "tests/support/throw_errno.h"

namespace sounder::crowd {

namespace {

constexpr std::size_t kPrefix = sizeof(std::uint32_t);
/// The longest message that the daemon may send (engine/broker/limits.h), twice. Who is told little has less.
constexpr std::size_t kRoom = std::size_t{128} << 10U;
constexpr std::size_t kFirstRoom = std::size_t{4} << 10U;

int connect_to(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) throw std::invalid_argument("too long for a socket: " + name);
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) testing::throw_errno("open a Unix socket");
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int why = errno;
    ::close(fd);
    throw std::system_error(why, std::generic_category(), "connect to " + name);
  }
  return fd;
}

std::string text_of(const protocol::Refused& refused) {
  const auto* limit = refused.limit();
  const auto* text = refused.text();
  return "refused: " + (limit != nullptr ? limit->str() : "") + " maximum " + std::to_string(refused.maximum()) +
         " used " + std::to_string(refused.used()) + " " + (text != nullptr ? text->str() : "");
}

}  // namespace

RawClient::RawClient(const std::filesystem::path& socket) : fd_(connect_to(socket)) {}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      input_(std::move(other.input_)),
      begin_(other.begin_),
      end_(other.end_),
      frame_(std::move(other.frame_)),
      bytes_read_(other.bytes_read_) {}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

void RawClient::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw Ended();
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

std::size_t RawClient::send_some(std::span<const std::byte> bytes) {
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EINTR) return 0;
  throw Ended();
}

bool RawClient::frame_complete() const {
  std::uint32_t length = 0;
  if (end_ - begin_ < kPrefix) return false;
  std::memcpy(&length, &input_[begin_], kPrefix);
  if (length > kRoom / 2) throw std::runtime_error("a message of " + std::to_string(length) + " bytes");
  return end_ - begin_ >= kPrefix + length;
}

bool RawClient::read_more(std::chrono::milliseconds limit) {
  if (end_ == input_.size()) input_.resize(std::clamp(4 * input_.size(), kFirstRoom, kRoom));
  if (begin_ > 0) {
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_), input_.begin() + static_cast<std::ptrdiff_t>(end_),
              input_.begin());
    end_ -= std::exchange(begin_, 0);
  }
  pollfd wait{fd_, POLLIN, 0};
  // Without patience the read itself tells, which is a system call less for those who measure.
  if (limit.count() > 0 && ::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return false;
  const auto size = ::recv(fd_, &input_[end_], input_.size() - end_, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return limit.count() > 0;
  if (size <= 0) throw Ended();
  end_ += static_cast<std::size_t>(size);
  bytes_read_ += static_cast<std::uint64_t>(size);
  return true;
}

/// Copies it out: in a stream a message begins anywhere, and FlatBuffers wants it aligned.
const protocol::Message* RawClient::take_frame() {
  std::uint32_t length = 0;
  std::memcpy(&length, &input_[begin_], kPrefix);
  const auto first = input_.begin() + static_cast<std::ptrdiff_t>(begin_);
  frame_.assign(first, first + static_cast<std::ptrdiff_t>(kPrefix + length));
  begin_ += kPrefix + length;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(frame_.data()), frame_.size());
  if (!protocol::VerifySizePrefixedMessageBuffer(verifier)) throw std::runtime_error("bytes that are no message");
  return protocol::GetSizePrefixedMessage(frame_.data());
}

const protocol::Message* RawClient::next(std::chrono::milliseconds limit) {
  const auto give_up_at = std::chrono::steady_clock::now() + limit;
  while (!frame_complete()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up_at - std::chrono::steady_clock::now());
    if (!read_more(std::max(left, std::chrono::milliseconds(0)))) return nullptr;
  }
  return take_frame();
}

const void* RawClient::expect_body(protocol::Body type) {
  while (true) {
    const protocol::Message* message = next(kHang);
    if (message == nullptr) throw std::runtime_error("nothing came, though an answer was due");
    if (message->body_type() == type) return message->body();
    if (const auto* refused = message->body_as_Refused()) throw std::runtime_error(text_of(*refused));
    if (const auto* closing = message->body_as_Closing()) {
      throw std::runtime_error(std::string("closed: ") + protocol::EnumNameCloseReason(closing->reason()));
    }
  }
}

const protocol::Welcome& RawClient::greet(const std::string& program) {
  send(hello(program));
  return expect<protocol::Welcome>();
}

}  // namespace sounder::crowd
