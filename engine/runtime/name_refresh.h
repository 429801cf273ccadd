/// Looks up the names of a NameTable on workers, when the table says so.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/io/clock.h"
#include "engine/io/resolver.h"
#include "engine/runtime/name_table.h"
#include "engine/runtime/workers.h"

namespace sounder::runtime {

/// Service thread. At most `parallel` look-ups are under way at once, so that a resolver that hangs takes no more than
/// that from the workers.
class NameRefresh {
 public:
  /// Called with the keys whose addresses changed.
  using OnChange = std::function<void(const std::vector<NameKey>& keys)>;

  NameRefresh(boost::asio::io_context& service, Workers& workers, std::shared_ptr<io::Resolver> resolver,
              const io::Clock& clock, base::Logger& log, std::size_t parallel, OnChange on_change);
  NameRefresh(const NameRefresh&) = delete;
  NameRefresh& operator=(const NameRefresh&) = delete;
  ~NameRefresh() = default;

  [[nodiscard]] NameTable& table() { return table_; }
  [[nodiscard]] const NameTable& table() const { return table_; }

  /// Starts what is due and arms the timer for the rest. To be called after the table's wishes changed.
  void turn();
  /// No look-up is started and `on_change` is not called afterwards.
  void stop();

 private:
  void look_up(const std::string& name);
  void on_answer(const std::string& name, const base::Result<io::Addresses>& answer);
  void log_answer(const std::string& name, const base::Result<io::Addresses>& answer);
  void arm();

  Workers& workers_;
  std::shared_ptr<io::Resolver> resolver_;
  const io::Clock& clock_;
  base::Logger& log_;
  std::size_t parallel_;
  OnChange on_change_;
  NameTable table_;
  boost::asio::steady_timer timer_;
  std::size_t under_way_ = 0;
  std::set<std::string> failing_;  ///< names whose failure has been logged
  base::MonoTime minute_began_{};
  int lines_ = 0;
  /// What handlers and completions hold of us: gone with stop().
  std::shared_ptr<NameRefresh*> self_ = std::make_shared<NameRefresh*>(this);
  bool stopped_ = false;
};

}  // namespace sounder::runtime
