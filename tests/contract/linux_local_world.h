/// The contract's world over the real kernel: a socket in a folder of the test's own, and forked processes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "tests/contract/local_stream_contract.h"
#include "tests/support/daemon.h"

namespace sounder::contract {

class LinuxLocalWorld final : public LocalWorld {
 public:
  [[nodiscard]] base::Result<std::unique_ptr<io::LocalListener>> listen() override;
  [[nodiscard]] base::Result<std::unique_ptr<io::LocalStream>> connect() override;
  [[nodiscard]] std::unique_ptr<LocalProcess> start_client() override;
  [[nodiscard]] std::unique_ptr<LocalProcess> start_listener() override;
  [[nodiscard]] io::Credentials ourselves() override;
  void run_until(const std::function<bool()>& done) override;
  void run_some() override;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

 private:
  testing::TemporaryFolder folder_;
  std::string path_ = (folder_.path() / "made" / "broker.sock").string();
  boost::asio::io_context loop_;
};

/// A blocking client socket, as programs without our library have it; -1 with errno.
[[nodiscard]] int plain_connect(const std::string& path);

}  // namespace sounder::contract
