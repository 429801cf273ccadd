#include "exporters/http/endpoints.h"

#include <array>
#include <utility>

#include "exporters/http/index_page.h"
#include "exporters/http/request_target.h"
#include "exporters/http/scrape.h"
#include "exporters/http/target_page.h"
#include "exporters/registry/daemon_collector.h"

namespace sounder::exporters::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::field;
using beast_http::status;
using beast_http::verb;

constexpr std::string_view kIndexPath = "/";
constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::string_view kHealthyPath = "/-/healthy";
constexpr std::string_view kReadyPath = "/-/ready";
constexpr std::string_view kReloadPath = "/-/reload";
constexpr std::string_view kTargetsPath = "/api/v1/targets";

constexpr std::string_view kExposition = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

/// The methods that a path takes; empty if there is no such path.
std::string_view methods_of(std::string_view path) {
  static constexpr std::array kGetPaths{kIndexPath, kMetricsPath, kHealthyPath, kReadyPath, kTargetsPath};
  if (path == kReloadPath) return "POST";
  for (const std::string_view known : kGetPaths) {
    if (path == known) return "GET, HEAD";
  }
  return {};
}

Reply method_not_allowed(std::string_view methods) {
  Reply reply = text_reply(status::method_not_allowed, "this path takes " + std::string(methods) + " only");
  reply.allow = methods;
  return reply;
}

Reply unavailable(std::string text) {
  Reply reply = text_reply(status::service_unavailable, std::move(text));
  reply.retry_after = true;
  return reply;
}

/// Slices that count as a scrape for as long as they exist.
class CountedSlices final : public Slices {
 public:
  CountedSlices(std::unique_ptr<Slices> slices, std::shared_ptr<HttpNumbers> numbers)
      : slices_(std::move(slices)), numbers_(std::move(numbers)) {}
  ~CountedSlices() override { --numbers_->scrapes; }

  [[nodiscard]] bool next(std::string_view& slice) override { return slices_->next(slice); }

 private:
  std::unique_ptr<Slices> slices_;
  std::shared_ptr<HttpNumbers> numbers_;
};

}  // namespace

std::optional<Reply> refuse_head(const beast_http::fields& fields, unsigned version) {
  if (version != 10 && version != 11) {
    return text_reply(status::http_version_not_supported, "HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  if (version == 11 && fields.count(field::host) != 1) {
    return text_reply(status::bad_request, "exactly one Host field is needed (RFC 9112 section 3.2)");
  }
  if (fields.count(field::expect) != 0) return text_reply(status::expectation_failed, "no body is read here");
  return std::nullopt;
}

Endpoints::Endpoints(DaemonStatus status, const Limits& limits)
    : status_(std::move(status)), max_scrapes_(limits.scrapes) {}

void Endpoints::answer(const Request& request, const Done& done) {
  const std::string_view target(request.target().data(), request.target().size());
  const auto [path, query] = split_target(target);
  const std::string_view methods = methods_of(path);
  if (request.method() == verb::unknown) return done(text_reply(status::not_implemented, "no such method"));
  if (methods.empty()) return done(text_reply(status::not_found, "no such path; / lists those that there are"));
  if (path == kReloadPath) {
    if (request.method() != verb::post) return done(method_not_allowed(methods));
    return reload(request, done);
  }
  const bool reads = request.method() == verb::get || request.method() == verb::head;
  done(reads ? get(path, query) : method_not_allowed(methods));
}

Reply Endpoints::get(std::string_view path, std::string_view query) {
  if (path == kMetricsPath) return metrics();
  if (path == kHealthyPath) return text_reply(status::ok, "healthy");
  if (path == kReadyPath) return ready();
  if (path == kTargetsPath) return targets(query);
  return index();
}

Reply Endpoints::index() const {
  Reply reply;
  reply.content_type = kHtml;
  reply.body = index_page(status_.version, status_.targets_by_group());
  return reply;
}

Reply Endpoints::ready() const { return status_.ready() ? text_reply(status::ok, "ready") : unavailable("not ready"); }

Reply Endpoints::streamed(std::string_view content_type, const std::function<std::unique_ptr<Slices>()>& make) {
  if (numbers_->scrapes >= max_scrapes_) {
    ++numbers_->refused_scrapes;
    return unavailable("too many scrapes at once");
  }
  ++numbers_->scrapes;
  Reply reply;
  reply.content_type = content_type;
  reply.stream = std::make_unique<CountedSlices>(make(), numbers_);
  return reply;
}

Reply Endpoints::metrics() {
  return streamed(kExposition, [this] {
    return std::make_unique<Scrape>(registry::daemon_exposition(status_, *numbers_), status_.snapshot());
  });
}

Reply Endpoints::targets(std::string_view query) {
  std::string error;
  const auto page = parse_page_query(query, error);
  if (!page) return text_reply(status::bad_request, error);
  return streamed(kJson, [&] { return std::make_unique<TargetPage>(status_.snapshot(), *page); });
}

void Endpoints::reload(const Request& request, const Done& done) {
  // A browser tells so where a request comes from; no page of another site may make the daemon work.
  if (request.count(field::origin) != 0)
    return done(text_reply(status::forbidden, "refused: the request has an Origin"));
  if (*reloading_) return done(text_reply(status::conflict, "a reload is in progress"));
  *reloading_ = true;
  status_.reload([reloading = reloading_, done](const std::optional<std::string>& errors) {
    *reloading = false;
    done(errors ? text_reply(status::bad_request, *errors) : text_reply(status::ok, "reloaded"));
  });
}

}  // namespace sounder::exporters::http
