/// Reading a map key by key, with a word on every key that does not belong.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/yaml_document.h"

namespace sounder::config {

/// A key that a map may have and what reads its value.
struct Key {
  std::string_view name;
  std::function<void(Node)> read;
};
using Keys = std::vector<Key>;

/// Calls `read` for each entry of `map` in the order of the file. Reports unknown keys with the nearest known one, keys
/// that are given twice (the second is not read), and anything that is no map; `what` names it: "a group". Whether
/// there was nothing to report: only then does a key that is missing deserve a message of its own.
bool read_map(Node map, std::string_view what, const Keys& keys, Diagnostics& diagnostics);

}  // namespace sounder::config
