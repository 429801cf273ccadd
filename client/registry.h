/// What a session wants to be registered for: the library's own list, from which a new connection is given everything
/// again. Sans I/O.
///
/// A registration is wanted (add), asked for (take_batch), in place (registered), or refused; and removed from any of
/// these. What the daemon confirms after its removal is unregistered at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <sounder/monitor.h>
#include <sounder/network.h>
#include <sounder/outcomes.h>

namespace sounder::client {

/// Names a registration within the library: rises, never reused.
using RegistrationKey = std::uint64_t;

struct WatchSpec {
  ObjectKinds kinds = ObjectKinds::kAll;
  WatchMode mode = WatchMode::kLevel;

  friend bool operator==(const WatchSpec&, const WatchSpec&) = default;
};

using Spec = std::variant<WatchSpec, MonitorOptions, OutcomesFilter>;

class Registry {
 public:
  /// Registrations in one message, and about how many bytes of them: the daemon takes 1,024, and 16 KiB.
  static constexpr std::size_t kMaxBatch = 1024;
  static constexpr std::size_t kMaxBatchBytes = std::size_t{12} << 10U;
  static constexpr std::size_t kMaxUnregister = 1024;

  void add(RegistrationKey key, Spec spec);
  void remove(RegistrationKey key);

  /// A connection has ended: nothing is in place any more, and everything is wanted, in its order.
  void forget_connection();

  struct Entry {
    RegistrationKey key = 0;
    Spec spec;
  };
  /// The next to be asked for in one message, in the order in which it names them: watches, monitors, outcomes. Empty
  /// if nothing is wanted.
  [[nodiscard]] std::vector<Entry> take_batch(std::uint32_t correlation);
  /// Ids of the daemon that are to be given back in one message.
  [[nodiscard]] std::vector<std::uint64_t> take_unregister();

  /// A batch is in place. The keys that are; false if the answer fits no question.
  [[nodiscard]] bool registered(std::uint32_t correlation, const std::vector<std::uint64_t>& ids,
                                std::vector<RegistrationKey>& keys);
  /// A batch was refused, which is all or nothing. What of it is refused for good is given: the only one there was; of
  /// more than one each half is asked for anew, until it is known which it was.
  [[nodiscard]] bool refused(std::uint32_t correlation, std::vector<RegistrationKey>& keys);

  [[nodiscard]] const Spec* spec_of(RegistrationKey key) const;
  /// Keys of monitors in place by the daemon's id; 0: none.
  [[nodiscard]] RegistrationKey monitor_of(std::uint64_t id) const;
  /// Watches and outcomes in place, in the order of their keys.
  [[nodiscard]] const std::map<RegistrationKey, WatchSpec>& watches() const { return watches_; }
  [[nodiscard]] const std::vector<RegistrationKey>& outcomes_of(const std::string& group,
                                                                const std::string& target) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool wants() const { return !batches_.empty(); }

 private:
  struct State {
    Spec spec;
    std::uint64_t id = 0;  ///< the daemon's; 0: not in place
  };
  using Filter = std::pair<std::string, std::string>;

  void put_in_place(RegistrationKey key, State& state, std::uint64_t id);
  void take_out(RegistrationKey key, const State& state);

  std::map<RegistrationKey, State> entries_;
  std::deque<std::vector<RegistrationKey>> batches_;  ///< wanted; what has been removed is skipped
  std::unordered_map<std::uint32_t, std::vector<RegistrationKey>> asked_;
  std::deque<std::uint64_t> to_unregister_;
  std::map<RegistrationKey, WatchSpec> watches_;
  std::unordered_map<std::uint64_t, RegistrationKey> monitors_;
  std::map<Filter, std::vector<RegistrationKey>> outcomes_;
};

}  // namespace sounder::client
