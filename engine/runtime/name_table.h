/// What is known of the host names in the configuration, and which of them is to be looked up next. Sans I/O.
///
/// The rules:
/// - A name that never had an address has none; once it had one, the last known is kept until another is known.
/// - `any`, `ipv4`, `ipv6`: the address in use stays as long as it is among the answers, so that a name server that
///   rotates its answers moves nothing; else the first answer of the family takes its place.
/// - `all`: exactly the answers, in the order of the addresses.
/// - An answer without an address of the family counts as a failure for that family alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/resolver.h"
#include "engine/probe/target_spec.h"

namespace sounder::runtime {

struct NameSettings {
  base::Duration refresh = std::chrono::minutes(1);  ///< how often a name is looked up again
  base::Duration retry = std::chrono::seconds(10);   ///< how soon after a failure

  friend bool operator==(const NameSettings&, const NameSettings&) = default;
};

/// A name as the targets of one family choice use it.
struct NameKey {
  std::string name;
  probe::FamilyChoice family = probe::FamilyChoice::kAny;

  friend auto operator<=>(const NameKey&, const NameKey&) = default;
};

/// What NameTable knows of a NameKey. The shared numbers go into probe::TargetInfo.
struct NameBinding {
  io::Addresses addresses;  ///< empty: never resolved
  std::shared_ptr<std::atomic<std::uint64_t>> errors = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<std::atomic<bool>> resolved = std::make_shared<std::atomic<bool>>(false);
};

/// Service thread.
class NameTable {
 public:
  explicit NameTable(const NameSettings& settings) : settings_(settings) {}

  void set_settings(const NameSettings& settings) { settings_ = settings; }

  /// The names that are wanted from now on. What is known of those that stay is kept; new ones are due at once.
  void want(const std::set<NameKey>& keys, base::MonoTime now);

  /// At most `limit` names whose look-up is due; each is under way until on_answer().
  [[nodiscard]] std::vector<std::string> take_due(base::MonoTime now, std::size_t limit);
  /// When take_due() has something to give; MonoTime::max() if never.
  [[nodiscard]] base::MonoTime next_due() const;

  /// A look-up ended. Returns the keys whose addresses are others now. A name that is no longer wanted is ignored.
  std::vector<NameKey> on_answer(const std::string& name, const base::Result<io::Addresses>& answer,
                                 base::MonoTime now);

  /// Null if the key is not wanted. Valid until the next want().
  [[nodiscard]] const NameBinding* find(const NameKey& key) const;
  [[nodiscard]] std::size_t names() const { return names_.size(); }

 private:
  struct Name {
    std::map<probe::FamilyChoice, NameBinding> bindings;
    std::optional<base::MonoTime> due;  ///< empty while a look-up is under way
  };

  void schedule(const std::string& name, Name& entry, base::MonoTime due);
  [[nodiscard]] base::MonoTime next_refresh(const std::string& name, base::MonoTime now) const;

  NameSettings settings_;
  std::map<std::string, Name> names_;
  std::set<std::pair<base::MonoTime, std::string>> due_;
};

}  // namespace sounder::runtime
