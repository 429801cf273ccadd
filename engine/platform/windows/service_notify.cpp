// On a console nobody waits for us to say that we are ready.
#include <memory>
#include <optional>
#include <string_view>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

class SilentNotify final : public io::ServiceNotify {
 public:
  void ready(std::string_view /*status*/) override {}
  void reloading() override {}
  void stopping() override {}
  void alive() override {}
  [[nodiscard]] std::optional<base::Duration> watchdog() const override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<io::ServiceNotify> make_service_notify() { return std::make_unique<SilentNotify>(); }

bool stderr_is_journal() { return false; }

}  // namespace sounder::platform
