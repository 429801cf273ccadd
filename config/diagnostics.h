/// Collects what is wrong with a configuration, so that all of it is said at once.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/load.h"

namespace sounder::config {

/// A place in one of the files that were read. Lines and columns count from 1; line 0 is the file as a whole.
struct Position {
  std::uint32_t file = 0;  ///< what Diagnostics::add_file() gave
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// Keeps the first kMaxDiagnostics errors and as many warnings; counts the rest.
class Diagnostics {
 public:
  /// Names a file for the positions in it; messages are ordered by the order of these calls.
  std::uint32_t add_file(std::string name);

  void error(Position position, std::string what);
  void warning(Position position, std::string what);

  [[nodiscard]] bool has_errors() const { return errors_.count != 0; }
  /// "sounder.yaml:7:13", for messages that point to a second place.
  [[nodiscard]] std::string place(Position position) const;

  /// In the order of files and lines, without repetitions.
  [[nodiscard]] std::vector<Diagnostic> errors() const { return sorted(errors_); }
  [[nodiscard]] std::vector<Diagnostic> warnings() const { return sorted(warnings_); }

 private:
  struct Item {
    Position position;
    std::string what;
    friend auto operator<=>(const Item&, const Item&) = default;
  };
  struct List {
    std::vector<Item> items;
    std::size_t count = 0;
  };

  static void add(List& list, Position position, std::string what);
  [[nodiscard]] std::vector<Diagnostic> sorted(const List& list) const;

  std::vector<std::string> files_;
  List errors_;
  List warnings_;
};

}  // namespace sounder::config
