// The unit, `cmake --install` and the .deb.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool has_program(const std::string& name) { return run_program({"sh", "-c", "command -v " + name}).code == 0; }

TEST(Unit, SystemdFindsNothingWrong) {
  SOUNDER_SKIP_WITHOUT(has_program("systemd-analyze"), "systemd-analyze (package systemd)");
  const TemporaryFolder folder;
  std::string unit = read_file(SOUNDER_SOURCE_DIR "/deploy/sounder.service");
  const std::string installed = "/usr/bin/sounder";
  ASSERT_NE(unit.find(installed), std::string::npos);
  // The executable has to be there for the verification.
  unit.replace(unit.find(installed), installed.size(), SOUNDER_BINARY);
  const auto result = run_program({"systemd-analyze", "verify", "--man=no", folder.write("sounder.service", unit)});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.output, "");
}

TEST(Install, PutsEverythingInItsPlaceAndKeepsAConfiguration) {
  const TemporaryFolder root;
  const auto install = [&] {
    return run_program({"env", "DESTDIR=" + root.path().string(), "cmake", "--install", SOUNDER_BINARY_DIR, "--prefix",
                        "/opt/sounder"});
  };
  const auto result = install();
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_TRUE(fs::exists(root.path() / "opt/sounder/bin/sounder"));
  EXPECT_THAT(read_file(root.path() / "opt/sounder/lib/systemd/system/sounder.service"),
              HasSubstr("ExecStart=/opt/sounder/bin/sounder run -c /etc/sounder/sounder.yaml\n"));
  const fs::path config = root.path() / "etc/sounder/sounder.yaml";
  EXPECT_EQ(read_file(config), read_file(SOUNDER_SOURCE_DIR "/config/example.yaml"));

  std::ofstream(config) << "groups: []\n";
  ASSERT_EQ(install().code, 0);
  EXPECT_EQ(read_file(config), "groups: []\n");
}

TEST(DebianPackage, HoldsTheProgramTheUnitAndTheConfiguration) {
  SOUNDER_SKIP_WITHOUT(has_program("dpkg-shlibdeps") && has_program("file"), "packages dpkg-dev and file");
  const TemporaryFolder folder;
  const auto made = run_program(
      {"cpack", "-G", "DEB", "--config", SOUNDER_BINARY_DIR "/CPackConfig.cmake", "-B", folder.path().string()});
  ASSERT_EQ(made.code, 0) << made.output;
  std::string package;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    if (entry.path().extension() == ".deb") package = entry.path().string();
  }
  ASSERT_FALSE(package.empty()) << made.output;

  const auto contents = run_program({"dpkg-deb", "--contents", package}).output;
  for (const char* path :
       {"./usr/bin/sounder\n", "./usr/lib/systemd/system/sounder.service\n", "./etc/sounder/sounder.yaml\n",
        "./usr/share/doc/sounder/example.yaml\n", "./usr/include/sounder/session.h\n",
        "./usr/include/sounder/sounder.h\n", "./usr/lib/libsounder_client.a\n",
        "./usr/lib/libsounder.so.0 -> libsounder.so.0.1.0\n", "./usr/lib/cmake/sounder/sounderConfig.cmake\n",
        "./usr/lib/pkgconfig/sounder.pc\n", "./usr/share/doc/sounder/examples/ping.c\n"}) {
    EXPECT_THAT(contents, HasSubstr(path));
  }
  const auto control = run_program({"dpkg-deb", "--field", package}).output;
  EXPECT_THAT(control, HasSubstr("Package: sounder\n"));
  // Found by dpkg-shlibdeps: what the executable is linked with.
  for (const char* library : {"libc6 (>= ", "libyaml-cpp0.7", "libprometheus-cpp-core1.0"}) {
    EXPECT_THAT(control, HasSubstr(library));
  }
  EXPECT_EQ(run_program({"dpkg-deb", "--info", package, "conffiles"}).output, "/etc/sounder/sounder.yaml\n");
  EXPECT_EQ(run_program({"dpkg-deb", "--info", package, "postinst"}).code, 0);
}

}  // namespace
}  // namespace sounder::testing
