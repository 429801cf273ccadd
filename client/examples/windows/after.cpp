// After: the same through the running daemon. after ADDRESS
//
// What is left: a session, a request, an outcome. Microseconds instead of milliseconds, one way to tell failures of
// this host from what the network did, and nothing that a killed program could leave behind.
#include <cstdio>

#include <sounder/session.h>

int main(int argc, char** argv) try {
  boost::system::error_code error;
  const auto to = boost::asio::ip::make_address(argc > 1 ? argv[1] : "", error);
  if (error) {
    std::fprintf(stderr, "usage: after ADDRESS\n");
    return 2;
  }
  auto session = sounder::client::Session::open();
  const auto outcome = session.echo({.to = to, .timeout = std::chrono::seconds(1), .size = 32});
  const bool reply = outcome.kind == sounder::client::OutcomeKind::kReply;
  std::printf("%s: %s", argv[1], to_string(outcome.kind));
  if (reply) std::printf(", %.3f ms", static_cast<double>(outcome.rtt.count()) / 1e6);
  std::printf("\n");
  return reply ? 0 : 1;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "after: %s\n", failure.what());
  return 1;
}
