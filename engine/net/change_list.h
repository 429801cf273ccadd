/// Changes of the network in the order in which they happened, each object once: whoever remembers a position reads on
/// from there, and nothing is kept for anybody.
///
/// An object that changes moves to the end of the list; one that has gone stays there as a tombstone, of which a
/// bounded number is kept. So a walk from the beginning is a snapshot, a walk from a position is what changed since,
/// and both end with the reader's table equal to this one (CouchDB's `_changes` works like it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/base/strong_id.h"
#include "engine/net/objects.h"
#include "engine/net/state.h"

namespace sounder::net {

/// The number of a change; rises with each. 0 is before all.
using ChangeNumber = base::StrongId<struct ChangeNumberTag, std::uint64_t>;

struct NumberedChange {
  ChangeNumber number;
  Update update;
};

/// Fed by State through its ChangeSink. One thread.
class ChangeList final : public ChangeSink {
 public:
  explicit ChangeList(std::size_t max_tombstones = base::kMaxTombstones);
  ~ChangeList() override;

  void on_change(const Update& update) override;

  /// Of the latest change.
  [[nodiscard]] ChangeNumber last() const;
  /// A reader whose position is below this has missed that something went: it needs a snapshot, from 0 on. So does one
  /// at 0, always.
  [[nodiscard]] ChangeNumber floor() const;
  /// The first change after `position`, or null if there is none. Valid until the next on_change(). Time: logarithmic.
  [[nodiscard]] const NumberedChange* after(ChangeNumber position) const;
  /// Objects that exist, and tombstones.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t tombstones() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::net
