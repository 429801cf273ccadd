/// The seam to the service manager that started us: systemd here, nobody on a terminal.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/time.h"

namespace sounder::io {

/// Service thread. Nothing blocks and nothing fails visibly: a manager that does not listen is none of our business.
class ServiceNotify {
 public:
  ServiceNotify() = default;
  ServiceNotify(const ServiceNotify&) = delete;
  ServiceNotify& operator=(const ServiceNotify&) = delete;
  virtual ~ServiceNotify() = default;

  /// Started, or done with a reload. `status` is one line for people.
  virtual void ready(std::string_view status) = 0;
  /// A reload begins; ready() ends it, also where the new configuration was refused.
  virtual void reloading() = 0;
  virtual void stopping() = 0;
  /// Still at work: to be called at least once in each watchdog().
  virtual void alive() = 0;
  /// How long the manager waits for alive() before it ends us; nothing if it does not.
  [[nodiscard]] virtual std::optional<base::Duration> watchdog() const = 0;
};

}  // namespace sounder::io
