// A target with a defect: proves that a replay, or libFuzzer, notices one.
#include <string_view>

#include "engine/base/check.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  SOUNDER_CHECK(!input.starts_with("tweet"));
  return 0;
}
