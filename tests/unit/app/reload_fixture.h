/// A configuration on the disk, and the reloader and workers that read it, as in the daemon.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/reload.h"
#include "engine/platform/platform.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::app::testing {

/// What became of a reload, as the one who asked for it was told: nothing, or the errors.
using Ending = std::optional<std::string>;

class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() { std::filesystem::create_directory(folder_); }
  ~ReloadTest() override {
    workers_.stop();
    std::filesystem::remove_all(folder_);
  }

  void write(const std::string& text) { std::ofstream(file_) << text; }
  static std::string one_target(const std::string& host) {
    return "groups:\n  - name: only\n    targets: [" + host + "]\n";
  }

  Reloader& reloader() {
    if (!reloader_) {
      reloader_.emplace(file_, config::load(file_).sources, workers_, clock_, log_,
                        ReloadHooks{.begun = [this] { ++begun_; },
                                    .apply =
                                        [this](config::Settings /*settings*/, std::function<void()> applied) {
                                          ++applied_;
                                          on_apply_(std::move(applied));
                                        },
                                    .ended =
                                        [this] {
                                          ++ended_;
                                          on_ended_();
                                        }});
    }
    return *reloader_;
  }

  /// For Reloader::request(): remembers the ending and stops run() at the `last`th.
  exporters::ReloadDone note(std::size_t last) {
    return [this, last](const Ending& errors) {
      endings_.push_back(errors);
      if (endings_.size() == last) service_.stop();
    };
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("sounder-reload-" + std::to_string(platform::random_bits()));
  std::filesystem::path file_ = folder_ / "sounder.yaml";
  boost::asio::io_context service_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{service_.get_executor()};
  runtime::Workers workers_{service_, 1};
  runtime::testing::ManualClock clock_;
  runtime::testing::MemoryLogger log_;
  std::optional<Reloader> reloader_;
  std::function<void(std::function<void()>)> on_apply_ = [](const std::function<void()>& applied) { applied(); };
  std::function<void()> on_ended_ = [] {};
  int begun_ = 0;
  int applied_ = 0;
  int ended_ = 0;
  std::vector<Ending> endings_;
};

}  // namespace sounder::app::testing
