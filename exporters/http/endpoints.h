/// What each path answers, without any connection.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/daemon_status.h"
#include "exporters/http/limits.h"
#include "exporters/http/reply.h"
#include "exporters/http_numbers.h"

namespace sounder::exporters::http {

using Request = boost::beast::http::request<boost::beast::http::string_body>;

/// What is wrong with a request whatever its path is; judged before its body is read.
[[nodiscard]] std::optional<Reply> refuse_head(const boost::beast::http::fields& fields, unsigned version);

/// Service thread.
class Endpoints {
 public:
  /// Gets the answer, at once or, for a reload, when it has ended.
  using Done = std::function<void(Reply)>;

  Endpoints(DaemonStatus status, const Limits& limits);

  void answer(const Request& request, const Done& done);

  [[nodiscard]] HttpNumbers& numbers() { return *numbers_; }

 private:
  [[nodiscard]] Reply get(std::string_view path, std::string_view query);
  [[nodiscard]] Reply index() const;
  [[nodiscard]] Reply ready() const;
  [[nodiscard]] Reply metrics();
  [[nodiscard]] Reply targets(std::string_view query);
  /// An answer that is streamed, if there is room for another.
  [[nodiscard]] Reply streamed(std::string_view content_type, const std::function<std::unique_ptr<Slices>()>& make);
  void reload(const Request& request, const Done& done);

  DaemonStatus status_;
  std::size_t max_scrapes_;
  std::shared_ptr<HttpNumbers> numbers_ = std::make_shared<HttpNumbers>();
  std::shared_ptr<bool> reloading_ = std::make_shared<bool>(false);
};

}  // namespace sounder::exporters::http
