/// What a fuzz target defines; libFuzzer or replay_main.cpp calls it.
#pragma once

#include <cstddef>
#include <cstdint>

/// Treats `size` bytes as they could come from outside and returns 0. It must neither crash nor read beyond them; what
/// else must hold is CHECKed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
