// accuracy_daemon CONFIGURATION FILE: what `sounder run` does, and a note of every outcome, which goes to FILE at the
// end: `ADDRESS SEQUENCE RTT_NS STAMPS` of a reply, `ADDRESS SEQUENCE OUTCOME` of anything else.
#include <fmt/core.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "app/daemon.h"
#include "app/log_format.h"
#include "app/log_sink.h"
#include "config/load.h"
#include "engine/platform/platform.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"
#include "engine/wire/packet.h"

namespace {

using namespace sounder;

struct Note {
  std::string address;
  std::uint16_t sequence = 0;
  probe::OutcomeKind kind = probe::OutcomeKind::kReply;
  probe::RoundTrip rtt;
};

/// Some minutes at 50,000 a second before it must grow.
constexpr std::size_t kNotes = 4'000'000;

void write_notes(const char* name, const std::vector<Note>& notes) {
  std::FILE* const file = std::fopen(name, "w");
  if (file == nullptr) return;
  for (const Note& note : notes) {
    if (note.kind != probe::OutcomeKind::kReply) {
      fmt::print(file, "{} {} {}\n", note.address, note.sequence, probe::to_string(note.kind));
      continue;
    }
    const bool kernel = note.rtt.tx == probe::StampSource::kKernel && note.rtt.rx == probe::StampSource::kKernel;
    fmt::print(file, "{} {} {} {}\n", note.address, note.sequence, note.rtt.time.count(), kernel ? "kernel" : "user");
  }
  std::fclose(file);
}

int run(const char* config_file, const char* notes_file) {
  const auto clock = platform::make_clock();
  app::LogSink log({}, *clock);
  config::LoadResult loaded = config::load(config_file);
  if (!loaded.settings) {
    fmt::print(stderr, "{}\n", loaded.error_text());
    return 2;
  }
  std::vector<Note> notes;
  notes.reserve(kNotes);
  app::DaemonOptions options;
  options.config_file = config_file;
  options.on_outcome = [&notes](const probe::TargetInfo& target, const probe::Outcome& outcome) {
    notes.push_back({target.address, wire::to_wire(outcome.sequence).value(), outcome.kind, outcome.rtt});
  };
  app::Daemon daemon(std::move(options), *clock, log);
  if (const auto opened = daemon.open(std::move(*loaded.settings)); !opened) {
    fmt::print(stderr, "{}\n", opened.error().message());
    return 1;
  }
  daemon.run();
  write_notes(notes_file, notes);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: accuracy_daemon CONFIGURATION FILE\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return run(argv[1], argv[2]);
}
