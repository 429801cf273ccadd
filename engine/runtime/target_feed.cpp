#include "engine/runtime/target_feed.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/base/limits.h"
#include "engine/platform/platform.h"
#include "engine/probe/address_index.h"
#include "engine/runtime/interface_table.h"
#include "engine/runtime/name_refresh.h"

namespace sounder::runtime {

namespace {

/// Specs or entries worked on in one turn of the service thread: about a millisecond.
constexpr std::size_t kItemsPerTurn = 2048;

/// Changes of one delta: what is prepared before it goes and freed when it is back takes some milliseconds.
constexpr std::size_t kChangesPerDelta = 4096;

/// How often interfaces are looked at again by ourselves: where the system tells nobody of changes, nobody tells us.
constexpr base::Duration kInterfaceRefresh = std::chrono::seconds(5);

/// Lines about repeated targets of one configuration.
constexpr std::size_t kRepeatedLines = 20;

/// Without its zone.
base::IpAddress address_of(const probe::TargetInfo& info) {
  const std::string_view text = info.address;
  return base::IpAddress::parse(text.substr(0, text.find('%'))).value();
}

}  // namespace

class TargetFeed::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(TargetFeedContext context);

  void configure(TargetSpecs specs, const NameSettings& names, std::function<void()> applied);
  void stop();
  void look_at_interfaces();
  void on_applied(std::unique_ptr<probe::TargetDelta> delta);

  [[nodiscard]] const probe::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const std::map<std::string, std::size_t>& by_group() const { return by_group_; }
  [[nodiscard]] TargetDirectory& directory() { return directory_; }
  [[nodiscard]] bool has_address(const base::IpAddress& address) const;
  void on_echo(const probe::EchoResult& result) {
    if (!stopped_ && context_.echo) context_.echo(result);
  }

 private:
  void want_names_and_interfaces();
  void schedule();
  void turn();
  void begin_build();
  void submit_next();
  [[nodiscard]] std::size_t delta_end() const;
  void acknowledge(const probe::TargetChange& change, std::uint32_t entry);
  void publish();
  void log_repeated(const std::vector<std::string>& repeated);
  void watch_interfaces();

  TargetFeedContext context_;
  NameRefresh names_;
  InterfaceTable interfaces_;
  boost::asio::steady_timer interface_timer_;
  TargetDirectory directory_;
  probe::AddressIndex addresses_{base::kMaxTargets, {platform::random_bits(), platform::random_bits()}};

  TargetSpecs specs_ = std::make_shared<const std::vector<probe::TargetSpec>>();
  bool new_specs_ = false;  ///< specs_ have not been built yet
  Touched touched_;
  std::vector<std::function<void()>> applied_;  ///< of configure(), oldest first
  std::size_t applied_in_build_ = 0;            ///< so many of them wait for the build or difference under way

  // At most one of these is under way.
  std::unique_ptr<CatalogBuild> build_;
  std::unique_ptr<Difference> difference_;
  std::size_t submitted_ = 0;  ///< changes of the difference

  std::vector<CatalogEntry> entries_;
  std::vector<CatalogEntry> garbage_;  ///< old entries, freed a few a turn
  std::unordered_set<std::uint64_t> shared_names_;
  probe::Snapshot snapshot_ = std::make_shared<const probe::TargetList>();
  std::map<std::string, std::size_t> by_group_;
  std::set<std::string> repeated_;  ///< logged for this configuration
  bool scheduled_ = false;
  bool stopped_ = false;
};

TargetFeed::Impl::Impl(TargetFeedContext context)
    : context_(std::move(context)),
      names_(context_.service, context_.workers, context_.resolver, context_.clock, context_.log,
             context_.parallel_lookups,
             [this](const std::vector<NameKey>& keys) {
               touched_.names.insert(keys.begin(), keys.end());
               schedule();
             }),
      interfaces_(context_.interface_index),
      interface_timer_(context_.service),
      directory_(std::move(context_.events)) {}

void TargetFeed::Impl::configure(TargetSpecs specs, const NameSettings& names, std::function<void()> applied) {
  if (stopped_) return;
  specs_ = std::move(specs);
  new_specs_ = true;
  touched_.clear();
  repeated_.clear();
  if (build_) {
    build_.reset();
    applied_in_build_ = 0;
  }
  applied_.push_back(std::move(applied));
  names_.table().set_settings(names);
  want_names_and_interfaces();
  names_.turn();
  watch_interfaces();
  schedule();
}

void TargetFeed::Impl::want_names_and_interfaces() {
  std::set<NameKey> names;
  std::set<std::string> interfaces;
  for (const probe::TargetSpec& spec : *specs_) {
    if (!spec.options->interface.empty()) interfaces.insert(spec.options->interface);
    if (const auto* address = std::get_if<probe::HostAddress>(&spec.host)) {
      if (!address->zone.empty()) interfaces.insert(address->zone);
    } else {
      names.insert(name_key(spec, std::get<probe::HostName>(spec.host)));
    }
  }
  names_.table().want(names, context_.clock.mono_now());
  interfaces_.want(interfaces);
}

void TargetFeed::Impl::stop() {
  stopped_ = true;
  names_.stop();
  directory_.stop();
  interface_timer_.cancel();
}

/// One turn is to follow, after what else waits for the service thread.
void TargetFeed::Impl::schedule() {
  if (scheduled_ || stopped_) return;
  scheduled_ = true;
  boost::asio::post(context_.service, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->turn();
  });
}

void TargetFeed::Impl::turn() {
  scheduled_ = false;
  if (stopped_ || difference_) return;
  if (!garbage_.empty()) {
    garbage_.resize(garbage_.size() - std::min(garbage_.size(), kItemsPerTurn));
    return schedule();
  }
  if (!build_) {
    if (!new_specs_ && touched_.empty()) return;
    begin_build();
  }
  if (!build_->step(kItemsPerTurn)) return schedule();
  difference_ = std::make_unique<Difference>(build_->take());
  build_.reset();
  submitted_ = 0;
  submit_next();
}

void TargetFeed::Impl::begin_build() {
  if (new_specs_) {
    build_ = std::make_unique<CatalogBuild>(specs_, entries_, names_.table(), interfaces_);
    applied_in_build_ = applied_.size();
    new_specs_ = false;
  } else {
    build_ = std::make_unique<CatalogBuild>(specs_, entries_, names_.table(), interfaces_, std::move(touched_),
                                            std::move(shared_names_));
  }
  touched_.clear();
}

void TargetFeed::Impl::submit_next() {
  auto& changes = difference_->changes;
  if (submitted_ == changes.size()) return publish();
  const std::size_t end = delta_end();
  auto delta = std::make_unique<probe::TargetDelta>();
  delta->changes.reserve(end - submitted_);
  for (std::size_t i = submitted_; i < end; ++i) delta->changes.push_back(std::move(changes[i].change));
  directory_.expect();
  context_.submit(std::move(delta));
}

/// A delta either removes or does not: a slot that is free again is used again only when nobody can still take an event
/// of its new target for one of the old.
std::size_t TargetFeed::Impl::delta_end() const {
  const auto& changes = difference_->changes;
  const auto removes = [&](std::size_t i) { return changes[i].change.kind == probe::TargetChange::Kind::kRemove; };
  const std::size_t limit = std::min(submitted_ + kChangesPerDelta, changes.size());
  std::size_t end = submitted_ + 1;
  while (end < limit && removes(end) == removes(submitted_)) ++end;
  return end;
}

void TargetFeed::Impl::on_applied(std::unique_ptr<probe::TargetDelta> delta) {
  if (stopped_) return;
  for (const probe::TargetChange& change : delta->changes) {
    acknowledge(change, difference_->changes[submitted_++].entry);
  }
  delta.reset();
  directory_.settle();
  if (!stopped_) submit_next();
}

void TargetFeed::Impl::acknowledge(const probe::TargetChange& change, std::uint32_t entry) {
  const probe::TargetSlot slot = probe::slot_of(*change.record);
  if (change.kind == probe::TargetChange::Kind::kRemove) {
    addresses_.erase(address_of(*directory_.find(slot)), slot.value());
    return directory_.erase(slot);
  }
  CatalogEntry& target = difference_->entries[entry];
  if (change.replacement) {
    target.record = change.replacement;
    (*difference_->list)[entry].record = change.replacement;
  }
  if (change.kind == probe::TargetChange::Kind::kAdd) addresses_.insert(address_of(*target.info), slot.value());
  directory_.set(slot, target.info);
}

bool TargetFeed::Impl::has_address(const base::IpAddress& address) const {
  bool found = false;
  const base::IpAddress wanted = address.with_scope(0);
  addresses_.find(wanted, [&](std::uint32_t slot) {
    const probe::TargetInfo* const info = directory_.find(probe::TargetSlot(slot));
    found = info != nullptr && address_of(*info) == wanted;
    return found;
  });
  return found;
}

void TargetFeed::Impl::publish() {
  const std::unique_ptr<Difference> difference = std::move(difference_);
  for (const std::uint32_t entry : difference->renamed) {
    const CatalogEntry& target = difference->entries[entry];
    directory_.set(probe::slot_of(*target.record), target.info);
  }
  garbage_ = std::exchange(entries_, std::move(difference->entries));
  snapshot_ = std::move(difference->list);
  by_group_ = std::move(difference->by_group);
  shared_names_ = std::move(difference->shared_names);
  log_repeated(difference->repeated);
  if (difference->left_out != 0) {
    context_.log.error("there are more addresses than targets are allowed; the last ones are left out",
                       {{"left_out", std::to_string(difference->left_out)}});
  }

  const auto end = applied_.begin() + static_cast<std::ptrdiff_t>(std::exchange(applied_in_build_, 0));
  const std::vector<std::function<void()>> applied(std::make_move_iterator(applied_.begin()),
                                                   std::make_move_iterator(end));
  applied_.erase(applied_.begin(), end);
  schedule();
  for (const auto& callback : applied) {
    if (callback && !stopped_) callback();
  }
}

void TargetFeed::Impl::log_repeated(const std::vector<std::string>& repeated) {
  for (const std::string& identity : repeated) {
    if (repeated_.size() >= kRepeatedLines || !repeated_.insert(identity).second) continue;
    context_.log.warning("two entries of the configuration came to the same target; the first one counts",
                         {{"target", identity}});
  }
}

void TargetFeed::Impl::watch_interfaces() {
  interface_timer_.cancel();
  if (interfaces_.empty()) return;
  interface_timer_.expires_after(kInterfaceRefresh);
  interface_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->stopped_) return;
    self->look_at_interfaces();
    self->watch_interfaces();
  });
}

void TargetFeed::Impl::look_at_interfaces() {
  if (stopped_) return;
  for (const std::string& name : interfaces_.refresh()) {
    const std::uint32_t index = interfaces_.index(name);
    context_.log.info(index == kNoSuchInterface ? "interface is gone" : "interface is there", {{"interface", name}});
    touched_.interfaces.insert(name);
  }
  if (!touched_.empty()) schedule();
}

TargetFeed::TargetFeed(TargetFeedContext context) : impl_(std::make_shared<Impl>(std::move(context))) {}

TargetFeed::~TargetFeed() { stop(); }

void TargetFeed::configure(TargetSpecs specs, const NameSettings& names, std::function<void()> applied) {
  impl_->configure(std::move(specs), names, std::move(applied));
}

void TargetFeed::look_at_interfaces() { impl_->look_at_interfaces(); }

void TargetFeed::stop() { impl_->stop(); }

probe::Snapshot TargetFeed::snapshot() const { return impl_->snapshot(); }
const std::map<std::string, std::size_t>& TargetFeed::targets_by_group() const { return impl_->by_group(); }

void TargetFeed::on_applied(std::unique_ptr<probe::TargetDelta> delta) { impl_->on_applied(std::move(delta)); }
void TargetFeed::on_outcome(const probe::Outcome& outcome) { impl_->directory().on_outcome(outcome); }
void TargetFeed::on_outcomes_lost(std::uint64_t count) { impl_->directory().on_outcomes_lost(count); }
void TargetFeed::on_echo(const probe::EchoResult& result) { impl_->on_echo(result); }
bool TargetFeed::has_address(const base::IpAddress& address) const { return impl_->has_address(address); }
void TargetFeed::on_stray(const probe::StrayReply& stray) { impl_->directory().on_stray(stray); }
void TargetFeed::on_change(const probe::StateChange& change) { impl_->directory().on_change(change); }

}  // namespace sounder::runtime
