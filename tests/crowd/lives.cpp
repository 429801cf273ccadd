#include "tests/crowd/lives.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/crowd/messages.h"
#include "tests/crowd/network_table.h"
#include "tests/crowd/raw_client.h"
#include "tests/crowd/route_flapper.h"

namespace sounder::crowd {

namespace {

using Clock = std::chrono::steady_clock;
using protocol::EchoSpec;
using std::filesystem::path;

constexpr std::size_t kEchoesPerMessage = 128;
constexpr std::uint32_t kTimeout = 2'000'000;  // µs
/// Short, so that the silent ones among the targets do not use up the window: 20,000 of them a second with 1,024
/// credits.
constexpr std::uint32_t kFloodTimeout = 50'000;
constexpr std::uint32_t kFullWindow = 256;
/// Half of the requests that a client may leave unanswered (engine/broker/limits.h).
constexpr std::size_t kUnanswered = 4;
constexpr std::size_t kRegistrationsPerMessage = 1024;

/// Half of them to addresses that answer.
std::vector<EchoSpec> requests(std::size_t count, std::size_t targets, std::uint64_t first_token,
                               std::uint32_t timeout) {
  std::vector<EchoSpec> list;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t token = first_token + i;
    const auto host = static_cast<std::uint32_t>(token / 2 % std::max<std::size_t>(targets / 2, 1));
    list.push_back(echo_to((token % 2 == 0 ? kAnswering : kSilent) + host, token, timeout));
  }
  return list;
}

void send_echoes(RawClient& client, std::size_t count) {
  for (std::size_t sent = 0; sent < count; sent += kEchoesPerMessage) {
    client.send(echoes(requests(std::min(kEchoesPerMessage, count - sent), 512, sent, kTimeout)));
  }
}

void register_some(RawClient& client, const Holding& holding) {
  for (std::size_t done = 0; done < holding.registrations;) {
    const std::size_t count = std::min(kRegistrationsPerMessage, holding.registrations - done);
    client.send(registrations(count, done == 0 ? std::min(holding.monitors, count) : 0, kAnswering));
    const auto& answer = client.expect<protocol::Registered>();
    if (answer.ids() == nullptr || answer.ids()->size() != count) throw std::runtime_error("not all were registered");
    done += count;
  }
}

void send_half(RawClient& client) {
  const Bytes message = watches(64, kEverything, protocol::WatchMode::Level);
  client.send(std::span(message).first(message.size() / 2));
}

}  // namespace

const char* to_string(Ending ending) {
  switch (ending) {
    case Ending::kInFlight:
      return "requests in flight";
    case Ending::kMidMessage:
      return "in the middle of a message";
    case Ending::kUnspoken:
      return "before Hello";
    case Ending::kHeir:
      return "a child has the descriptor";
    case Ending::kInMessage:
      return "the descriptor is in a message";
    case Ending::kStopped:
      return "stopped before";
  }
  return "";
}

Crowd::Life hold_and_wait(const path& socket, const Holding& holding, Ending ending) {
  return [=](Member& member) {
    RawClient client(socket);
    if (ending == Ending::kUnspoken) {
      member.reach(Stage::kReady);
      member.wait_for_go();
      member.reach(Stage::kBusy);
      member.linger();
    }
    client.greet("holder");
    register_some(client, holding);
    if (ending == Ending::kHeir) member.leave_to_heir();
    if (ending == Ending::kInMessage) member.leave_in_message(client.fd());
    member.reach(Stage::kReady);
    member.wait_for_go();
    send_echoes(client, holding.echoes);
    if (ending == Ending::kMidMessage) send_half(client);
    member.reach(Stage::kBusy);
    member.linger();
  };
}

Crowd::Life survive_the_daemon(const path& socket, std::size_t count) {
  return [=](Member& member) {
    const Holding holding{count, 0, 0};
    protocol::Instance first;
    {
      RawClient client(socket);
      first = *client.greet("survivor").instance();
      register_some(client, holding);
      member.reach(Stage::kReady);
      try {
        while (client.next(RawClient::kHang) != nullptr) {
        }
        throw std::runtime_error("the daemon's death was not noticed");
      } catch (const Ended&) {
      }
    }
    member.reach(Stage::kBusy);
    member.wait_for_go();
    RawClient again(socket);
    const protocol::Instance second = *again.greet("survivor").instance();
    // Whoever remembers numbers of the first run knows by this that they mean nothing now.
    if (first.high() == second.high() && first.low() == second.low()) ++member.report().wrong;
    register_some(again, holding);
    member.reach(Stage::kDone);
    member.linger();
  };
}

namespace {

/// A client's side of credit: how many requests it may still send.
class Flooder {
 public:
  Flooder(const path& socket, Member& member, std::size_t total, std::size_t targets)
      : client_(socket), member_(member), total_(total), targets_(targets) {
    limit_ = client_.greet("flooder").credit_limit();
    member.report().credit = limit_;
  }

  void run() {
    member_.reach(Stage::kReady);
    member_.wait_for_go();
    member_.reach(Stage::kBusy);
    while (member_.report().results < total_) {
      const bool may_send = send_what_may();
      receive(may_send ? std::chrono::milliseconds(0) : RawClient::kHang);
    }
    member_.reach(Stage::kDone);
    member_.linger();
  }

 private:
  /// False if there was no credit or the socket took nothing: only a result changes that.
  bool send_what_may() {
    if (pending_.empty()) {
      const std::size_t credit = limit_ - static_cast<std::uint32_t>(sent_);  // serial arithmetic, modulo 2^32
      const std::size_t count = std::min({credit, total_ - sent_, kEchoesPerMessage});
      if (count == 0) return false;
      pending_ = echoes(requests(count, targets_, sent_, kFloodTimeout));
      sent_ += count;
    }
    const std::size_t taken = client_.send_some(pending_);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (pending_.empty()) member_.report().sent = sent_;
    return true;
  }

  void receive(std::chrono::milliseconds limit) {
    const protocol::Message* message = client_.next(limit);
    if (message == nullptr && limit > std::chrono::milliseconds(0)) throw std::runtime_error("no result came");
    if (message == nullptr) return;
    if (message->body_type() == protocol::Body::Closing) throw std::runtime_error("the daemon closed the session");
    if (message->body_type() == protocol::Body::Refused)
      throw std::runtime_error("requests within credit were refused");
    const auto* results = message->body_as_EchoResults();
    if (results == nullptr) return;
    limit_ = results->credit_limit();
    if (results->results() == nullptr) return;
    Report& report = member_.report();
    for (const protocol::EchoResult* result : *results->results()) {
      if (result->kind() == protocol::OutcomeKind::Reply) ++report.replies;
    }
    report.results += results->results()->size();
  }

  RawClient client_;
  Member& member_;
  std::uint64_t total_;
  std::size_t targets_;
  std::uint32_t limit_ = 0;
  std::uint64_t sent_ = 0;
  Bytes pending_;
};

/// One echo each period, and for each result how much later than its reply it came.
class PoliteClient {
 public:
  PoliteClient(const path& socket, Member& member, std::size_t total, std::chrono::milliseconds period)
      : client_(socket), report_(member.report()), total_(total), period_(period), sent_at_(total) {
    client_.greet("polite");
  }

  void run() {
    const auto begin = Clock::now();
    for (std::size_t sent = 0; report_.results < total_;) {
      const auto due = begin + period_ * sent;
      if (sent < total_ && Clock::now() >= due) {
        sent_at_[sent] = Clock::now();
        client_.send(echoes(std::vector{echo_to(kAnswering + 1, sent, kTimeout)}));
        report_.sent = ++sent;
        continue;
      }
      const auto pause = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
      receive(sent < total_ ? std::max(pause, std::chrono::milliseconds(0)) : RawClient::kHang);
    }
  }

 private:
  void receive(std::chrono::milliseconds limit) {
    const protocol::Message* message = client_.next(limit);
    const auto now = Clock::now();
    const auto* results = message == nullptr ? nullptr : message->body_as_EchoResults();
    if (results == nullptr || results->results() == nullptr) return;
    for (const protocol::EchoResult* result : *results->results()) {
      ++report_.results;
      if (result->kind() != protocol::OutcomeKind::Reply) continue;
      ++report_.replies;
      report_.added.count(now - sent_at_.at(result->token()) - std::chrono::nanoseconds(result->rtt_ns()));
    }
  }

  RawClient client_;
  Report& report_;
  std::size_t total_;
  std::chrono::milliseconds period_;
  std::vector<Clock::time_point> sent_at_;
};

}  // namespace

Crowd::Life flood(const path& socket, std::size_t total, std::size_t targets) {
  return [=](Member& member) { Flooder(socket, member, total, targets).run(); };
}

Crowd::Life fill_the_window(const path& socket) {
  return [=](Member& member) {
    RawClient client(socket);
    const std::uint32_t window = std::min(client.greet("stopped").credit_limit(), kFullWindow);
    member.report().credit = window;
    send_echoes(client, window);
    member.report().sent = window;
    member.reach(Stage::kBusy);
    member.linger();
  };
}

Crowd::Life be_polite(const path& socket, std::size_t total, std::chrono::milliseconds period) {
  return [=](Member& member) {
    PoliteClient client(socket, member, total, period);
    member.reach(Stage::kReady);
    member.wait_for_go();
    client.run();
    member.reach(Stage::kDone);
    member.linger();
  };
}

namespace {

class Watcher {
 public:
  Watcher(const path& socket, Member& member, std::uint32_t marker, std::size_t routes)
      : client_(socket), member_(member), marker_(marker), routes_(routes) {
    client_.greet("watcher");
  }

  void register_for(std::size_t registrations) {
    const std::size_t level = std::max<std::size_t>(registrations / 2, 1);
    for (std::size_t done = 0; done < registrations;) {
      const auto mode = done < level ? protocol::WatchMode::Level : protocol::WatchMode::Edge;
      const std::size_t end = done < level ? level : registrations;
      const std::size_t count = std::min(kRegistrationsPerMessage, end - done);
      client_.send(watches(count, done < level ? kEverything : protocol::ObjectKinds::Route, mode));
      done += count;
      ++answers_due_;
      while (answers_due_ == kUnanswered) take(next());
    }
    has_edge_ = registrations > level;
  }

  void run() {
    while (answers_due_ > 0 || !table_.complete()) take(next());
    member_.reach(Stage::kReady);
    while (!knows_all()) take(next());
    tell();
    member_.reach(Stage::kDone);
    member_.linger();
  }

 private:
  const protocol::Message& next() {
    const protocol::Message* message = client_.next(RawClient::kHang);
    if (message == nullptr) throw std::runtime_error("nothing came, though changes were due: " + state());
    return *message;
  }

  [[nodiscard]] std::string state() const {
    return std::to_string(routes()) + " of " + std::to_string(routes_) + " routes, the marker " +
           (table_.has_route(marker_) ? "" : "not ") + "in the table, " + (marker_seen_ ? "" : "not ") + "told of, " +
           std::to_string(events_.told()) + " events, " + std::to_string(events_.missed()) + " missed";
  }

  [[nodiscard]] std::size_t routes() const {
    return table_.routes_between(RouteFlapper::kFirst, RouteFlapper::kFirst + 0xffff);
  }
  [[nodiscard]] bool knows_all() const {
    return table_.has_route(marker_) && (!has_edge_ || marker_seen_) && table_.complete() && routes() == routes_;
  }

  void take(const protocol::Message& message) {
    if (message.body_type() == protocol::Body::Registered) --answers_due_;
    if (const auto* changes = message.body_as_Changes()) table_.take(*changes);
    if (const auto* events = message.body_as_ChangeEvents()) {
      events_.take(*events);
      marker_seen_ = marker_seen_ || tells_of_route(*events, marker_);
    }
    if (message.body_type() == protocol::Body::Refused) throw std::runtime_error("a watch was refused");
    if (message.body_type() == protocol::Body::Closing) throw std::runtime_error("the daemon closed the session");
  }

  void tell() {
    Report& report = member_.report();
    report.events = events_.told();
    report.missed = events_.missed();
    report.unknown = events_.unknown();
    report.wrong = events_.wrong();
    report.objects = table_.size();
    report.bytes = client_.bytes_read();
  }

  RawClient client_;
  Member& member_;
  std::uint32_t marker_;
  std::size_t routes_;
  NetworkTable table_;
  EventCount events_;
  std::size_t answers_due_ = 0;
  bool has_edge_ = false;
  bool marker_seen_ = false;
};

}  // namespace

Crowd::Life watch_routes(const path& socket, std::size_t registrations, std::uint32_t marker, std::size_t routes) {
  return [=](Member& member) {
    Watcher watcher(socket, member, marker, routes);
    watcher.register_for(registrations);
    watcher.run();
  };
}

}  // namespace sounder::crowd
