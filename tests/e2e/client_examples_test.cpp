// The client library as it is installed: its examples are built with it, and run as a user without rights against the
// real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/broker_folder.h"
#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRoot = "needs root: raw sockets, and becoming somebody else";
constexpr std::chrono::seconds kHang{60};
/// A compiler at work beside other tests.
constexpr std::chrono::seconds kBuildHang{600};

bool has_program(const std::string& name) { return run_program({"sh", "-c", "command -v " + name}).code == 0; }

/// The installed tree and the examples that were built with it, once for all tests.
class Installed {
 public:
  static const Installed& instance() {
    static const Installed kInstance;
    return kInstance;
  }

  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] fs::path prefix() const { return folder_.path() / "opt/sounder"; }
  [[nodiscard]] std::string example(const std::string& name) const {
    return (folder_.path() / "build" / name).string();
  }

 private:
  Installed() {
    fs::permissions(folder_.path(), fs::perms(0755));
    run({"env", "DESTDIR=" + folder_.path().string(), "cmake", "--install", SOUNDER_BINARY_DIR, "--prefix",
         "/opt/sounder"});
    run({"cmake", "-S", SOUNDER_SOURCE_DIR "/client/examples", "-B", (folder_.path() / "build").string(),
         "-DCMAKE_PREFIX_PATH=" + prefix().string(), "-DCMAKE_C_FLAGS=-std=c11 -Wall -Wextra -Wpedantic -Werror",
         "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"});
    run({"cmake", "--build", (folder_.path() / "build").string()});
  }
  void run(std::vector<std::string> argv) {
    if (!fault_.empty()) return;
    const auto result = run_program(std::move(argv), kBuildHang);
    if (result.code != 0) fault_ = result.output;
  }

  TemporaryFolder folder_;
  std::string fault_;
};

class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(::geteuid() == 0, kRoot);
    ASSERT_EQ(Installed::instance().fault(), "");
  }
  /// An example as nobody, with the folder's socket.
  ProgramResult run_example(std::vector<std::string> argv) {
    argv.front() = Installed::instance().example(argv.front());
    argv.insert(argv.begin(), {"env", "SOUNDER_BROKER=" + folder_.socket()});
    return run_program(as_nobody(std::move(argv)));
  }
  BrokerFolder folder_;
};

TEST_F(Examples, ThePingsNeedNoRights) {
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  for (const char* program : {"ping_cpp", "ping_c"}) {
    const auto result = run_example({program, "127.0.0.1", "2"});
    EXPECT_EQ(result.code, 0) << program << ": " << result.output;
    EXPECT_THAT(result.output, ::testing::MatchesRegex("(127.0.0.1: reply, [0-9.e-]+ ms\n){2}")) << program;
  }
  // Not a target of the daemon's, and nobody may not go elsewhere.
  EXPECT_THAT(run_example({"ping_cpp", "127.0.0.2", "1"}).output, HasSubstr("127.0.0.2: refused"));
}

TEST_F(Examples, ThePingsSayThatThereIsNoDaemon) {
  for (const char* program : {"ping_cpp", "ping_c"}) {
    const auto result = run_example({program, "127.0.0.1", "1"});
    EXPECT_EQ(result.code, 1) << program;
    EXPECT_THAT(result.output, HasSubstr("No such file or directory")) << program;
  }
}

TEST_F(Examples, TheFailoverWatcherFollowsWhatAnswers) {
  SOUNDER_SKIP_WITHOUT(can_make_namespaces(), "network namespaces");
  VethPair lab;
  const InNamespace inside(lab.monitor);
  Daemon daemon(broker_config("10.99.0.2, 127.0.0.1", "packets_per_second: 100"), folder_.options());
  ChildProcess failover(as_nobody({"env", "SOUNDER_BROKER=" + folder_.socket(),
                                   Installed::instance().example("failover"), "10.99.0.2", "127.0.0.1", "3"}));
  const auto says = [&](const std::string& text) {
    return failover.wait_for_output([&](const std::string& output) { return output.find(text) != output.npos; }, kHang);
  };
  EXPECT_TRUE(says("here: 10.99.0.1")) << failover.output();
  EXPECT_TRUE(says("use 10.99.0.2\n")) << failover.output();
  lab.responder.run("ip link set vb down");
  EXPECT_TRUE(says("use 127.0.0.1\n")) << failover.output();
  lab.responder.run("ip link set vb up");
  EXPECT_EQ(failover.wait_exit(kHang), 0) << failover.output();
  EXPECT_TRUE(says("use 127.0.0.1\nuse 10.99.0.2\n") ||
              failover.output().rfind("use 10.99.0.2\n") > failover.output().find("use 127.0.0.1\n"))
      << failover.output();
}

TEST_F(Examples, PkgConfigKnowsWhatCMakeKnows) {
  SOUNDER_SKIP_WITHOUT(has_program("pkg-config"), "pkg-config");
  const fs::path prefix = Installed::instance().prefix();
  const auto build = [&](const std::string& compiler, const std::string& source, const std::string& package) {
    const std::string output = (folder_.path() / package).string();
    return run_program({"sh", "-c",
                        "export PKG_CONFIG_PATH=" + (prefix / "lib/pkgconfig").string() + "; " + compiler + " -o " +
                            output + " " SOUNDER_SOURCE_DIR "/client/examples/" + source + " $(pkg-config --cflags " +
                            package + ") $(pkg-config --libs " + package + ")"},
                       kBuildHang);
  };
  const auto c = build("cc", "ping.c", "sounder");
  EXPECT_EQ(c.code, 0) << c.output;
  const auto cpp = build("c++ -std=c++20", "ping.cpp", "sounder-client");
  EXPECT_EQ(cpp.code, 0) << cpp.output;
}

TEST_F(Examples, TheLibraryForCShowsItsFunctionsAlone) {
  const fs::path library = Installed::instance().prefix() / "lib/libsounder.so.0";
  const auto symbols = run_program({"nm", "--dynamic", "--defined-only", library.string()});
  ASSERT_EQ(symbols.code, 0) << symbols.output;
  EXPECT_THAT(symbols.output, HasSubstr(" T sounder_echo\n"));
  EXPECT_THAT(symbols.output, Not(::testing::ContainsRegex(" [TWV] [^s]")));
}

}  // namespace
}  // namespace sounder::testing
