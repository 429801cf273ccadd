#include "engine/platform/windows/address_list_change.h"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/windows/overlapped_ptr.hpp>
#include <cstddef>

#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

namespace {

using boost::asio::ip::udp;

}  // namespace

struct AddressListChange::State : std::enable_shared_from_this<State> {
  State(const boost::asio::any_io_executor& executor, base::Family family) : socket(executor) {
    boost::system::error_code error;
    socket.open(family == base::Family::kIpv4 ? udp::v4() : udp::v6(), error);
  }

  void await() {
    if (awaiting || !socket.is_open()) return;
    awaiting = true;
    boost::asio::windows::overlapped_ptr operation(
        socket.get_executor(),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) { self->on_complete(error); });
    DWORD size = 0;
    const int result = WSAIoctl(socket.native_handle(), SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &size,
                                operation.get(), nullptr);
    const int error = result == 0 ? 0 : WSAGetLastError();
    if (error == 0 || error == WSA_IO_PENDING) {
      operation.release();  // a completion will come
    } else {
      operation.complete({error, boost::system::system_category()}, 0);
    }
  }

  void on_complete(const boost::system::error_code& error) {
    awaiting = false;
    if (error) return close();
    if (ring != nullptr) (*ring)();
  }

  void close() {
    ring = nullptr;
    boost::system::error_code ignored;
    socket.cancel(ignored);
    socket.close(ignored);
  }

  udp::socket socket;
  const std::function<void()>* ring = nullptr;
  bool awaiting = false;
};

AddressListChange::AddressListChange(const boost::asio::any_io_executor& executor, base::Family family)
    : state_(std::make_shared<State>(executor, family)) {}

AddressListChange::~AddressListChange() { state_->close(); }

void AddressListChange::await(const std::function<void()>& ring) {
  state_->ring = &ring;
  state_->await();
}

}  // namespace sounder::platform::windows
