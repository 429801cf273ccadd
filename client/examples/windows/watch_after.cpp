// After: the same through the running daemon, whole objects and a snapshot included. watch_after SECONDS
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <sounder/session.h>

int main(int argc, char** argv) {
  using namespace sounder::client;
  boost::asio::io_context loop;
  SessionOptions options;
  bool connected = false;
  options.on_event = [&](const SessionEvent& event) {
    connected = connected || event.kind == SessionEvent::Kind::kConnected;
    if (event.kind == SessionEvent::Kind::kDisconnected) std::fprintf(stderr, "%s\n", event.failure.text.c_str());
  };
  Session session(loop.get_executor(), std::move(options));
  const Watch watch = session.watch(ObjectKinds::kAddress, WatchMode::kLevel, [](const WatchEvent& event) {
    if (!event.object) return;
    const auto& address = std::get<InterfaceAddress>(*event.object);
    std::printf("%s on interface %u: %s\n", event.kind == WatchEvent::Kind::kGone ? "gone" : "here",
                static_cast<unsigned>(address.interface_index), address.address.to_string().c_str());
  });
  loop.run_for(std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 0));
  return connected ? 0 : 1;
}
