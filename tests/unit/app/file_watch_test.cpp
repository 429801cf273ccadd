#include "app/file_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/app/reload_fixture.h"

namespace sounder::app {
namespace {

constexpr base::Duration kOften = std::chrono::milliseconds(1);

/// A watch looks on until the fixture's reloader has applied something.
class FileWatching : public testing::ReloadTest {
 protected:
  FileWatching() {
    on_apply_ = [this](const std::function<void()>& applied) {
      applied();
      service_.stop();
    };
  }
};

TEST_F(FileWatching, ReloadsWhenTheFileChanged) {
  write(one_target("127.0.0.1"));
  reloader();
  write(one_target("127.0.0.1, 127.0.0.2"));
  FileWatch watch(service_, workers_, reloader(), kOften);
  watch.start();
  service_.run();
  EXPECT_EQ(applied_, 1);
}

TEST_F(FileWatching, ReloadsWhenAFileOfAGlobAppears) {
  write("groups:\n  - name: only\n    files: [lists/*.yaml]\n");
  reloader();
  std::filesystem::create_directory(folder_ / "lists");
  std::ofstream(folder_ / "lists" / "a.yaml") << "- 127.0.0.1\n";
  FileWatch watch(service_, workers_, reloader(), kOften);
  watch.start();
  service_.run();
  EXPECT_EQ(applied_, 1);
}

TEST_F(FileWatching, ReloadsOnceForOneChangeAlsoForOneThatIsRefused) {
  write(one_target("127.0.0.1"));
  reloader();
  write("groups: 7\n");
  FileWatch watch(service_, workers_, reloader(), kOften);
  watch.start();
  // From the refusal on, some twenty more looks: each could start another reload of the same file.
  boost::asio::steady_timer looked_on(service_);
  on_ended_ = [&] {
    looked_on.expires_after(20 * kOften);
    looked_on.async_wait([this](const boost::system::error_code& /*error*/) { service_.stop(); });
  };
  service_.run();
  EXPECT_EQ(begun_, 1);
  EXPECT_EQ(applied_, 0);
}

}  // namespace
}  // namespace sounder::app
