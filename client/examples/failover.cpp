// Watches two gateways and this host's addresses, and says which gateway to use: the first that answers.
//
//     failover PRIMARY BACKUP [DECISIONS]     ends after so many decisions; 0 or nothing: never
//
// The daemon does the probing, so nothing is lost while this program is busy; if the daemon restarts, the library
// connects again, registers again, and says that something may have been missed.
#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include <sounder/session.h>

namespace {

using namespace sounder::client;

struct Gateway {
  std::string name;
  std::optional<bool> answers = {};  // empty: not known yet, or no longer
  Monitor monitor = {};
};

class Failover {
 public:
  Failover(boost::asio::io_context& loop, const char* primary, const char* backup, int decisions)
      : loop_(loop), session_(loop.get_executor()), decisions_(decisions), gateways_{{{primary}, {backup}}} {
    for (Gateway& gateway : gateways_) {
      MonitorOptions options;
      options.request.to = boost::asio::ip::make_address(gateway.name);
      options.request.timeout = std::chrono::milliseconds(500);
      options.every = std::chrono::milliseconds(200);
      gateway.monitor =
          session_.monitor(options, [this, &gateway](const MonitorBatch& batch) { judge(gateway, batch); });
    }
    addresses_ = session_.watch(ObjectKinds::kAddress, WatchMode::kLevel, [](const WatchEvent& event) {
      if (event.kind != WatchEvent::Kind::kChanged && event.kind != WatchEvent::Kind::kGone) return;
      std::cout << (event.kind == WatchEvent::Kind::kGone ? "gone: " : "here: ")
                << std::get<InterfaceAddress>(*event.object).address << std::endl;
    });
  }

 private:
  void judge(Gateway& gateway, const MonitorBatch& batch) {
    if (batch.kind == MonitorBatch::Kind::kRefused)
      std::cerr << gateway.name << ": " << batch.failure.text << std::endl;
    // After a gap, what was known is old.
    if (batch.kind != MonitorBatch::Kind::kOutcomes) gateway.answers.reset();
    for (const Outcome& outcome : batch.outcomes) {
      // This host's own faults say nothing of the gateway.
      if (outcome.kind == OutcomeKind::kLocalDrop || outcome.kind == OutcomeKind::kSlipped) continue;
      gateway.answers = outcome.kind == OutcomeKind::kReply;
    }
    decide();
  }

  void decide() {
    for (const Gateway& gateway : gateways_) {
      if (!gateway.answers) return;
      if (*gateway.answers) return use(gateway.name);
    }
    use("none");
  }

  void use(const std::string& name) {
    if (name == in_use_) return;
    in_use_ = name;
    std::cout << "use " << name << std::endl;
    if (decisions_ > 0 && --decisions_ == 0) loop_.stop();
  }

  boost::asio::io_context& loop_;
  Session session_;
  int decisions_;
  std::array<Gateway, 2> gateways_;
  Watch addresses_;
  std::string in_use_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: failover PRIMARY BACKUP [DECISIONS]\n";
    return 2;
  }
  boost::asio::io_context loop;
  const Failover failover(loop, argv[1], argv[2], argc > 3 ? std::stoi(argv[3]) : 0);
  loop.run();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "failover: " << error.what() << '\n';
  return 1;
}
