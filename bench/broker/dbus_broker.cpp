// dbus-broker: AddMatch is its registration, by the wire format of the D-Bus specification. Its launcher takes the
// listening socket as systemd would hand it over, and wants a journal to log to; bench_broker.sh makes room for one.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "bench/broker/peers.h"
#include "bench/broker/talk.h"
#include "tests/support/daemon.h"

namespace sounder::bench {

namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

constexpr const char* kJournal = "/run/systemd/journal/socket";
constexpr const char* kOwner = "bench.Owner";
constexpr std::size_t kBatch = 500;

// ---- Messages ----

void align(std::string& out, std::size_t to) { out.append((to - out.size() % to) % to, '\0'); }

void put_number(std::string& out, std::uint32_t value) {
  align(out, 4);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, const std::string& text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out.append(text.c_str(), text.size() + 1);
}

/// A header field: its code, and a variant of one type.
void put_field(std::string& out, char code, char type, const std::string& value) {
  align(out, 8);
  out += {code, 1, type, '\0'};
  if (type == 'g') {
    out += static_cast<char>(value.size());
    out.append(value.c_str(), value.size() + 1);
  } else {
    put_text(out, value);
  }
}

/// A call of the bus itself.
std::string call(const std::string& member, const std::string& signature, const std::string& body) {
  std::string out{'l', 1, 0, 1};
  put_number(out, static_cast<std::uint32_t>(body.size()));
  put_number(out, 1);  // serial; answers come in order
  put_number(out, 0);  // length of the fields, which follow
  const std::size_t begin = out.size();
  put_field(out, 1, 'o', "/org/freedesktop/DBus");
  put_field(out, 2, 's', "org.freedesktop.DBus");
  put_field(out, 3, 's', member);
  put_field(out, 6, 's', "org.freedesktop.DBus");
  if (!signature.empty()) put_field(out, 8, 'g', signature);
  const auto size = static_cast<std::uint32_t>(out.size() - begin);
  std::memcpy(&out[12], &size, sizeof size);
  align(out, 8);
  return out + body;
}

std::string text_body(const std::string& text) {
  std::string body;
  put_text(body, text);
  return body;
}

/// The body of the next answer; signals are passed over.
std::string read_answer(Talk& talk) {
  while (true) {
    const std::string head = talk.read(16);
    std::uint32_t body = 0;
    std::uint32_t fields = 0;
    std::memcpy(&body, &head[4], sizeof body);
    std::memcpy(&fields, &head[12], sizeof fields);
    talk.read((fields + 7U) / 8U * 8U);
    std::string text = talk.read(body);
    if (head[1] == 3) throw std::runtime_error("dbus-broker: " + text.substr(std::min<std::size_t>(4, text.size())));
    if (head[1] == 2) return text;
  }
}

std::shared_ptr<Talk> greet(const path& socket) {
  auto talk = std::make_shared<Talk>(socket);
  std::string uid;
  for (const char digit : std::to_string(getuid())) {
    uid += "3";
    uid += digit;
  }
  talk->send(std::string(1, '\0') + "AUTH EXTERNAL " + uid + "\r\n");
  talk->read_until("\r\n");
  talk->send("BEGIN\r\n" + call("Hello", "", ""));
  read_answer(*talk);
  return talk;
}

std::function<void()> add_all_matches(const path& socket, std::size_t count) {
  const auto talk = greet(socket);
  std::string name = text_body(kOwner);
  put_number(name, 0);
  talk->send(call("RequestName", "su", name));
  read_answer(*talk);
  for (std::size_t done = 0; done < count;) {
    std::string batch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      batch += call("AddMatch", "s", text_body(fmt::format("type='signal',member='Member{}'", done++)));
    }
    talk->send(batch);
    for (std::size_t i = 0; i < kBatch; ++i) read_answer(*talk);
  }
  return [talk] {};
}

// ---- The server ----

int listen_at(const path& place, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  place.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (!bound || (type == SOCK_STREAM && ::listen(fd, 128) != 0)) {
    throw std::system_error(errno, std::generic_category(), "listen at " + place.string());
  }
  return fd;
}

/// The only child of a process.
pid_t child_of(pid_t parent) {
  pid_t child = 0;
  std::ifstream("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children") >> child;
  return child;
}

class DbusBroker final : public Peer {
 public:
  DbusBroker() : socket_(folder_.path() / "bus.sock") {
    if (std::system("command -v dbus-broker-launch > /dev/null") != 0) throw std::runtime_error("it is not installed");
    journal_ = listen_at(kJournal, SOCK_DGRAM);
    const int listener = listen_at(socket_, SOCK_STREAM);
    // As sd_listen_fds(3) wants it: descriptor 3, and the process' own number, which a shell knows best.
    const std::string start = "export LISTEN_FDS=1 LISTEN_PID=$$; exec dbus-broker-launch --scope user --config-file " +
                              configuration() + " 3<&" + std::to_string(listener);
    ::fcntl(listener, F_SETFD, 0);
    launcher_ = std::make_unique<testing::ChildProcess>(
        std::vector<std::string>{"sh", "-c", start},
        std::vector<std::string>{"DBUS_SESSION_BUS_ADDRESS=unix:path=" + socket_.string()});
    ::close(listener);
    control_ = greet(socket_);
  }
  ~DbusBroker() override { ::close(journal_); }

  [[nodiscard]] Subject subject() const override {
    return {.name = "dbus-broker",
            .process = child_of(launcher_->pid()),
            .register_all = [socket = socket_](std::size_t count) { return add_all_matches(socket, count); },
            .ping =
                [socket = socket_] {
                  return Exchange([talk = greet(socket)] {
                    talk->send(call("GetId", "", ""));
                    read_answer(*talk);
                  });
                },
            // It does not say how many matches there are. It forgets a client's name after its matches.
            .count =
                [talk = control_] {
                  talk->send(call("NameHasOwner", "s", text_body(kOwner)));
                  return read_answer(*talk).at(0) == 0 ? std::size_t{0} : kUncounted;
                }};
  }

 private:
  [[nodiscard]] std::string configuration() const {
    return folder_
        .write("bus.conf", "<busconfig><listen>unix:path=" + socket_.string() + R"(</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow own="*"/></policy>
<limit name="max_match_rules_per_connection">400000</limit>
<limit name="max_incoming_bytes">1000000000</limit>
<limit name="max_outgoing_bytes">1000000000</limit></busconfig>)")
        .string();
  }

  testing::TemporaryFolder folder_;
  path socket_;
  int journal_ = -1;
  std::unique_ptr<testing::ChildProcess> launcher_;
  std::shared_ptr<Talk> control_;
};

}  // namespace

std::unique_ptr<Peer> start_dbus_broker() try {
  return std::make_unique<DbusBroker>();
} catch (const std::exception& error) {
  std::printf("dbus-broker is left out: %s\n", error.what());
  return nullptr;
}

}  // namespace sounder::bench
