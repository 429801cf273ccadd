/// The seam to the process' rights: given up once the sockets are open.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace sounder::io {

struct PrivilegePlan {
  bool keep_mark = false;  ///< a target has `mark`: CAP_NET_ADMIN stays (Linux)
  std::string user;        ///< change to this user if started as root; empty: stay
};

class Privileges {
 public:
  Privileges() = default;
  Privileges(const Privileges&) = delete;
  Privileges& operator=(const Privileges&) = delete;
  virtual ~Privileges() = default;

  /// Drops everything that probing does not need, for good and for all threads to come: call before any is started.
  [[nodiscard]] virtual base::Result<void> drop(const PrivilegePlan& plan) = 0;
};

}  // namespace sounder::io
