// A ping without privileges: the running daemon sends the requests. ping ADDRESS [COUNT]
#include <sounder/session.h>
#include <iostream>

int main(int argc, char** argv) try {
  auto session = sounder::client::Session::open();
  const auto to = boost::asio::ip::make_address(argc > 1 ? argv[1] : "127.0.0.1");
  for (int left = argc > 2 ? std::stoi(argv[2]) : 4; left > 0; --left) {
    const auto reply = session.echo({.to = to, .timeout = std::chrono::seconds(1)});
    std::cout << to << ": " << to_string(reply.kind) << ", " << reply.rtt.count() / 1e6 << " ms\n";
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
