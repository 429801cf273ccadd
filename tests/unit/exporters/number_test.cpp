#include "exporters/text/number.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <string>

namespace sounder::exporters::text {
namespace {

using namespace std::chrono_literals;

template <class Value>
std::string written(char* (*write)(char*, Value), Value value) {
  std::array<char, kMaxNumber> text{};
  return {text.data(), write(text.data(), value)};
}

TEST(Number, CountsAreWhole) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{10}, UINT64_MAX}) {
    EXPECT_EQ(written(write_count, value), std::to_string(value));
  }
}

TEST(Number, ValuesAreShortAndExact) {
  EXPECT_EQ(written(write_value, 5e-05), "5e-05");
  EXPECT_EQ(written(write_value, 1e-04), "0.0001");
  EXPECT_EQ(written(write_value, 26.2144), "26.2144");
  EXPECT_EQ(written(write_value, 20.0), "20");
  EXPECT_EQ(written(write_value, 1.0), "1");
  EXPECT_EQ(written(write_value, std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(written(write_value, std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(written(write_value, -std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_LE(written(write_value, -std::numeric_limits<double>::denorm_min()).size(), kMaxNumber);
  EXPECT_LE(written(write_value, -1.7976931348623157e308).size(), kMaxNumber);
}

TEST(Number, SecondsAreExactToTheNanosecond) {
  EXPECT_EQ(written(write_seconds, base::Duration(0)), "0");
  EXPECT_EQ(written(write_seconds, base::Duration(1ns)), "0.000000001");
  EXPECT_EQ(written(write_seconds, base::Duration(314'159ns)), "0.000314159");
  EXPECT_EQ(written(write_seconds, base::Duration(1'500ms)), "1.5");
  EXPECT_EQ(written(write_seconds, base::Duration(20s)), "20");
  EXPECT_EQ(written(write_seconds, base::Duration(-1'500ms)), "-1.5");
  EXPECT_EQ(written(write_seconds, base::Duration::max()), "9223372036.854775807");
  EXPECT_EQ(written(write_seconds, base::Duration::min()), "-9223372036.854775808");
}

TEST(Number, SecondsReadBackAsTheDurationsValue) {
  for (const base::Duration value : {base::Duration(1), base::Duration(50'000), base::Duration(123'456'789'012)}) {
    EXPECT_EQ(std::strtod(written(write_seconds, value).c_str(), nullptr), base::to_seconds(value));
  }
}

}  // namespace
}  // namespace sounder::exporters::text
