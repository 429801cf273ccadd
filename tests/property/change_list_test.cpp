/// The list of changes against a plain history, and readers of it against the state itself.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "engine/net/change_list.h"
#include "engine/net/state.h"
#include "tests/unit/net/network.h"

namespace sounder::net {
namespace {

using namespace testing;

/// Everything that was ever told, in order.
class History final : public ChangeSink {
 public:
  explicit History(ChangeList& list) : list_(list) {}

  void on_change(const Update& update) override {
    list_.on_change(update);
    updates.push_back(update);
  }

  std::vector<Update> updates;

 private:
  ChangeList& list_;
};

std::uint32_t index_of(const Update& update) { return std::get<Interface>(update.object).index.value(); }

/// What the list must have by its description: of each object the latest change, of those that are gone the newest
/// `most`. And the floor: the number of the newest that was forgotten.
struct Expected {
  std::map<std::uint64_t, Update> changes;
  std::uint64_t floor = 0;
};

Expected expected_of(const std::vector<Update>& updates, std::size_t most) {
  Expected expected;
  std::map<std::uint32_t, std::uint64_t> latest;
  for (std::uint64_t number = 1; number <= updates.size(); ++number) {
    const Update& update = updates[number - 1];
    const auto before = latest.find(index_of(update));
    if (before != latest.end()) expected.changes.erase(before->second);
    latest[index_of(update)] = number;
    expected.changes.emplace(number, update);
    std::vector<std::uint64_t> gone;
    for (const auto& [each, change] : expected.changes) {
      if (change.kind == Update::Kind::kGone) gone.push_back(each);
    }
    if (gone.size() <= most) continue;
    expected.floor = gone.front();
    latest.erase(index_of(expected.changes.at(gone.front())));
    expected.changes.erase(gone.front());
  }
  return expected;
}

/// A client's table, kept by level.
struct Reader {
  ChangeNumber position;
  std::map<std::uint32_t, Interface> table;

  /// Walks at most `most` changes.
  void read(const ChangeList& list, std::size_t most) {
    if (position < list.floor()) {
      position = ChangeNumber();
      table.clear();
    }
    for (std::size_t i = 0; i < most; ++i) {
      const NumberedChange* change = list.after(position);
      if (change == nullptr) return;
      RC_ASSERT(change->number > position);
      position = change->number;
      const auto& interface = std::get<Interface>(change->update.object);
      if (change->update.kind == Update::Kind::kGone) {
        table.erase(interface.index.value());
      } else {
        table.insert_or_assign(interface.index.value(), interface);
      }
    }
  }
};

WatchEvent any_event() {
  const Interface interface = link(*rc::gen::inRange(1U, 8U), *rc::gen::arbitrary<bool>());
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return begin();
    case 1:
      return end();
    case 2:
      return interrupted();
    case 3:
    case 4:
    case 5:
    case 6:
      return gone(interface);
    default:
      return present(interface);
  }
}

RC_GTEST_PROP(ChangeList, IsTheLatestOfEachAndTheNewestThatWent, ()) {
  const auto most = *rc::gen::inRange<std::size_t>(0, 4);
  ChangeList list(most);
  History history(list);
  State state(base::kMaxNetworkObjects, &history);
  const int steps = *rc::gen::inRange(0, 60);
  for (int i = 0; i < steps; ++i) state.apply(any_event());
  const Expected expected = expected_of(history.updates, most);
  RC_ASSERT(list.last().value() == history.updates.size());
  RC_ASSERT(list.floor().value() == expected.floor);
  RC_ASSERT(list.size() == expected.changes.size());
  for (std::uint64_t position = 0; position <= history.updates.size(); ++position) {
    const NumberedChange* change = list.after(ChangeNumber(position));
    const auto next = expected.changes.upper_bound(position);
    RC_ASSERT((change == nullptr) == (next == expected.changes.end()));
    if (change == nullptr) continue;
    RC_ASSERT(change->number.value() == next->first);
    RC_ASSERT(change->update == next->second);
  }
}

RC_GTEST_PROP(ChangeList, LeavesEveryReaderWithTheStateItself, ()) {
  ChangeList list(*rc::gen::inRange<std::size_t>(0, 3));
  State state(base::kMaxNetworkObjects, &list);
  std::vector<Reader> readers(3);
  const int steps = *rc::gen::inRange(0, 80);
  for (int i = 0; i < steps; ++i) {
    state.apply(any_event());
    Reader& reader = *(readers.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, 3));
    reader.read(list, *rc::gen::inRange<std::size_t>(0, 3));
  }
  std::map<std::uint32_t, Interface> table;
  for (const auto& [index, entry] : state.interfaces()) table.emplace(index.value(), entry.object);
  for (Reader& reader : readers) {
    reader.read(list, list.size());
    reader.read(list, list.size());
    RC_ASSERT(reader.table == table);
  }
}

}  // namespace
}  // namespace sounder::net
