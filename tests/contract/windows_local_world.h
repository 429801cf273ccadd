/// The contract's world on Windows, or Wine: a pipe of the test's own, and processes of the test's own program.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/local_stream_contract.h"

namespace sounder::contract {

class WindowsLocalWorld final : public LocalWorld {
 public:
  WindowsLocalWorld();

  [[nodiscard]] base::Result<std::unique_ptr<io::LocalListener>> listen() override;
  [[nodiscard]] base::Result<std::unique_ptr<io::LocalStream>> connect() override;
  [[nodiscard]] std::unique_ptr<LocalProcess> start_client() override;
  [[nodiscard]] std::unique_ptr<LocalProcess> start_listener() override;
  [[nodiscard]] io::Credentials ourselves() override;
  void run_until(const std::function<bool()>& done) override;
  void run_some() override;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

 private:
  std::string name_;
  boost::asio::io_context loop_;
};

/// What the program does when it was started as one of the processes above; nothing if it was not.
[[nodiscard]] std::optional<int> play_part(const std::vector<std::string>& arguments);

}  // namespace sounder::contract
