/// What a process may still do after dropping its privileges, as /proc/PID/status of a child shows it.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "engine/platform/platform.h"
#include "tests/support/require.h"

namespace sounder::platform {

namespace {

constexpr const char* kNothing = "0000000000000000";
constexpr const char* kNetRaw = "0000000000002000";          // bit 13
constexpr const char* kNetRawAndAdmin = "0000000000003000";  // and bit 12

/// The lines of /proc/PID/status.
std::map<std::string, std::string> read_status(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  std::map<std::string, std::string> status;
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(" \t", colon + 1);
    status[line.substr(0, colon)] = value == std::string::npos ? "" : line.substr(value);
  }
  return status;
}

/// A child that has run `body`, and lives until the object goes.
class Child {
 public:
  explicit Child(const std::function<bool()>& body) {
    if (pipe(ready_) != 0 || pipe(stop_) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(stop_[1]);
      const char verdict = body() ? 'y' : 'n';
      char end = 0;
      if (write(ready_[1], &verdict, 1) != 1 || read(stop_[0], &end, 1) < 0) _exit(1);
      _exit(0);
    }
    char verdict = 0;
    succeeded_ = read(ready_[0], &verdict, 1) == 1 && verdict == 'y';
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    for (const int fd : {ready_[0], ready_[1], stop_[0], stop_[1]}) close(fd);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool succeeded() const { return succeeded_; }

 private:
  int ready_[2]{};
  int stop_[2]{};
  pid_t pid_ = -1;
  bool succeeded_ = false;
};

bool can_open_raw() {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

class PrivilegesTest : public ::testing::Test {
 protected:
  void SetUp() override { SOUNDER_SKIP_WITHOUT(geteuid() == 0, "needs root"); }
};

TEST_F(PrivilegesTest, KeepsOnlyRawSocketsEverywhere) {
  const Child child([] { return make_privileges()->drop({}).has_value() && can_open_raw(); });
  ASSERT_TRUE(child.succeeded());
  auto status = read_status(child.pid());
  EXPECT_EQ(status["CapPrm"], kNetRaw);
  EXPECT_EQ(status["CapEff"], kNetRaw);
  EXPECT_EQ(status["CapBnd"], kNetRaw);
  EXPECT_EQ(status["CapInh"], kNothing);
  EXPECT_EQ(status["CapAmb"], kNothing);
  EXPECT_EQ(status["NoNewPrivs"], "1");
}

TEST_F(PrivilegesTest, KeepsMarksWhereTheyAreAskedFor) {
  const Child child([] { return make_privileges()->drop({.keep_mark = true, .user = ""}).has_value(); });
  ASSERT_TRUE(child.succeeded());
  auto status = read_status(child.pid());
  EXPECT_EQ(status["CapEff"], kNetRawAndAdmin);
  EXPECT_EQ(status["CapBnd"], kNetRawAndAdmin);
}

TEST_F(PrivilegesTest, ChangesToAUserAndStillOpensRawSockets) {
  const Child child([] { return make_privileges()->drop({.keep_mark = false, .user = "nobody"}) && can_open_raw(); });
  ASSERT_TRUE(child.succeeded());
  auto status = read_status(child.pid());
  EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
  EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
  EXPECT_EQ(status["CapEff"], kNetRaw);
  EXPECT_EQ(status["NoNewPrivs"], "1");
}

TEST_F(PrivilegesTest, DropsOnceMoreWithoutHarm) {
  const Child child([] { return make_privileges()->drop({}) && make_privileges()->drop({}); });
  ASSERT_TRUE(child.succeeded());
  EXPECT_EQ(read_status(child.pid())["CapEff"], kNetRaw);
}

TEST_F(PrivilegesTest, NamesAUserThatDoesNotExist) {
  const Child child([] {
    const auto dropped = make_privileges()->drop({.keep_mark = false, .user = "nosuchuser"});
    return !dropped && dropped.error().message().find("nosuchuser") != std::string::npos;
  });
  EXPECT_TRUE(child.succeeded());
}

}  // namespace

}  // namespace sounder::platform
