#include "tests/support/daemon.h"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fstream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>

#include "tests/support/throw_errno.h"

namespace sounder::testing {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::milliseconds kPollPause{20};

/// The port in the line that says that the listener is open.
std::optional<std::uint16_t> find_port(const std::string& log) {
  static const std::regex pattern(R"re(msg="?listening"?[^\n]* port=(\d+))re");
  std::smatch match;
  if (!std::regex_search(log, match, pattern)) return std::nullopt;
  return static_cast<std::uint16_t>(std::stoul(match[1]));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "sounder-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw_errno("mkdtemp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name, std::string_view text) const {
  const auto temporary = path_ / ("." + name + ".new");
  std::ofstream(temporary, std::ios::binary) << text;
  std::filesystem::rename(temporary, path_ / name);
  return path_ / name;
}

HttpAnswer http_request(std::uint16_t port, const std::string& method, const std::string& target) {
  asio::io_context context;
  boost::beast::tcp_stream stream(context);
  stream.connect({asio::ip::address_v4::loopback(), port});
  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::connection, "close");
  request.prepare_payload();
  http::write(stream, request);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::uint64_t{1} << 32U);
  http::read(stream, buffer, parser);
  return {parser.get().result_int(), std::move(parser.get().body())};
}

Daemon::Daemon(std::string_view yaml, const std::vector<std::string>& options, std::vector<std::string> wrapper,
               const std::string& program)
    : config_(folder_.write("sounder.yaml", yaml)) {
  std::vector<std::string> argv = std::move(wrapper);
  argv.insert(argv.end(),
              {program.empty() ? SOUNDER_BINARY : program, "run", "-c", config_.string(), "--listen", "127.0.0.1:0"});
  if (std::find(options.begin(), options.end(), "--broker") == options.end()) {
    argv.insert(argv.end(), {"--broker", broker().string()});
  }
  argv.insert(argv.end(), options.begin(), options.end());
  process_ = std::make_unique<ChildProcess>(std::move(argv));
  const bool listens = process_->wait_for_output([](const auto& log) { return find_port(log).has_value(); }, kHang);
  if (!listens) give_up("it did not listen");
  port_ = *find_port(process_->output());
  const auto give_up_at = std::chrono::steady_clock::now() + kHang;
  while (get("/-/ready").status != 200) {
    if (!process_->runs_for(kPollPause) || std::chrono::steady_clock::now() > give_up_at) give_up("it was not ready");
  }
}

Exposition Daemon::scrape() { return Exposition::parse(get("/metrics").body); }

Exposition Daemon::scrape_until(const std::function<bool(const Exposition&)>& condition,
                                std::chrono::milliseconds limit) {
  const auto give_up_at = std::chrono::steady_clock::now() + limit;
  while (true) {
    auto exposition = scrape();
    if (condition(exposition)) return exposition;
    if (!process_->runs_for(kPollPause)) give_up("it ended");
    if (std::chrono::steady_clock::now() > give_up_at) give_up("what was waited for did not come");
  }
}

void Daemon::run_for(std::chrono::milliseconds time) {
  if (!process_->runs_for(time)) give_up("it ended");
}

int Daemon::stop() {
  process_->signal(SIGTERM);
  const auto code = process_->wait_exit(kHang);
  if (!code) give_up("it did not stop");
  return *code;
}

void Daemon::give_up(const std::string& why) {
  throw std::runtime_error("sounder: " + why + "; its log:\n" + process_->output());
}

}  // namespace sounder::testing
