/// Requests for tests that ask for any.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <sounder/outcome.h>

namespace sounder::client {

inline EchoRequest request() {
  EchoRequest request;
  request.to = boost::asio::ip::make_address("192.0.2.1");
  return request;
}

}  // namespace sounder::client
