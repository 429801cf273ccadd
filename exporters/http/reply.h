/// An answer before it becomes bytes on a connection.
#pragma once

#include <boost/beast/http/status.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "exporters/slices.h"

namespace sounder::exporters::http {

inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

struct Reply {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string_view content_type = kPlainText;
  std::string body;
  std::unique_ptr<Slices> stream;  ///< if set, it is sent instead of `body`
  std::string_view allow;          ///< of 405: the methods that the path takes
  bool retry_after = false;        ///< of 503: worth trying again in a second
  bool close = false;              ///< the connection ends with this answer
};

/// A line of text for people.
[[nodiscard]] inline Reply text_reply(boost::beast::http::status status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.body += '\n';
  return reply;
}

}  // namespace sounder::exporters::http
