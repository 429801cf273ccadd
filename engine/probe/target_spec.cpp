#include "engine/probe/target_spec.h"

namespace sounder::probe {

Buckets default_buckets() {
  Buckets buckets;
  for (int i = 0; i < 20; ++i) buckets.push_back(std::chrono::microseconds(50) * (1 << i));
  return buckets;
}

}  // namespace sounder::probe
