#include "engine/runtime/catalog_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <variant>

#include "tests/unit/runtime/specs.h"

namespace sounder::runtime {
namespace {

using probe::FamilyChoice;
using testing::address_spec;
using ::testing::ElementsAre;
using testing::ip;
using testing::ips;
using ::testing::IsEmpty;
using testing::name_spec;
using testing::specs_of;
using Kind = probe::TargetChange::Kind;

class CatalogBuildTest : public ::testing::Test {
 protected:
  /// Builds `specs` in full and makes the result what runs.
  Difference& configure(std::vector<probe::TargetSpec> specs) {
    specs_ = specs_of(std::move(specs));
    want_names();
    return finish(CatalogBuild(specs_, old_, names_, interfaces_));
  }
  /// Builds again what uses `touched`.
  Difference& rebuild(Touched touched) {
    return finish(CatalogBuild(specs_, old_, names_, interfaces_, std::move(touched), shared_names_));
  }
  Difference& resolve(const std::string& name, io::Addresses addresses) {
    Touched touched;
    const auto changed = names_.on_answer(name, std::move(addresses), base::MonoTime());
    touched.names = {changed.begin(), changed.end()};
    return rebuild(std::move(touched));
  }
  void want_names() {
    std::set<NameKey> keys;
    std::set<std::string> interfaces;
    for (const auto& spec : *specs_) {
      if (!spec.options->interface.empty()) interfaces.insert(spec.options->interface);
      if (const auto* host = std::get_if<probe::HostName>(&spec.host)) {
        keys.insert(name_key(spec, *host));
      } else if (const auto& zone = std::get<probe::HostAddress>(spec.host).zone; !zone.empty()) {
        interfaces.insert(zone);
      }
    }
    names_.want(keys, base::MonoTime());
    interfaces_.want(interfaces);
  }
  Difference& finish(CatalogBuild build) {
    while (!build.step(1)) ++steps_;  // the smallest slices: the result may not depend on their size
    difference_ = build.take();
    previous_ = old_;
    old_ = difference_.entries;
    shared_names_ = difference_.shared_names;
    return difference_;
  }
  [[nodiscard]] std::vector<Kind> kinds() const {
    std::vector<Kind> found;
    for (const auto& planned : difference_.changes) found.push_back(planned.change.kind);
    return found;
  }
  /// "target address", in the order of the list.
  [[nodiscard]] std::vector<std::string> list() const {
    std::vector<std::string> lines;
    for (const auto& entry : *difference_.list) lines.push_back(entry.info->target + ' ' + entry.info->address);
    return lines;
  }
  [[nodiscard]] const probe::TargetPlan& plan(std::size_t change = 0) const {
    return *difference_.changes.at(change).change.plan;
  }

  std::map<std::string, std::uint32_t> existing_interfaces_{{"eth0", 7}};
  NameTable names_{NameSettings{}};
  InterfaceTable interfaces_{[this](const std::string& name) -> std::optional<std::uint32_t> {
    const auto found = existing_interfaces_.find(name);
    if (found == existing_interfaces_.end()) return std::nullopt;
    return found->second;
  }};
  TargetSpecs specs_;
  std::vector<CatalogEntry> old_;
  std::vector<CatalogEntry> previous_;
  std::unordered_set<std::uint64_t> shared_names_;
  Difference difference_;
  std::size_t steps_ = 0;
};

TEST_F(CatalogBuildTest, EverythingIsAddedAtFirst) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  EXPECT_THAT(kinds(), ElementsAre(Kind::kAdd, Kind::kAdd));
  EXPECT_EQ(plan().address, ip("192.0.2.1"));
  EXPECT_THAT(list(), ElementsAre("192.0.2.1 192.0.2.1", "192.0.2.2 192.0.2.2"));
  EXPECT_EQ(difference_.by_group, (std::map<std::string, std::size_t>{{"g", 2}}));
  EXPECT_NE((*difference_.list)[0].record, nullptr);
}

TEST_F(CatalogBuildTest, TheSameAgainChangesNothing) {
  configure({address_spec("192.0.2.1"), name_spec("host")});
  configure({address_spec("192.0.2.1"), name_spec("host")});
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(difference_.renamed, IsEmpty());
  EXPECT_EQ(old_[0].info, previous_[0].info);
}

TEST_F(CatalogBuildTest, WhatIsGoneIsRemovedBeforeOthersAreAdded) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  const auto record = old_[0].record;
  configure({address_spec("192.0.2.2"), address_spec("192.0.2.3")});
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemove, Kind::kAdd));
  EXPECT_EQ(difference_.changes[0].change.record, record);
}

TEST_F(CatalogBuildTest, AnotherOrderKeepsTheRecords) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  configure({address_spec("192.0.2.2"), address_spec("192.0.2.1")});
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(list(), ElementsAre("192.0.2.2 192.0.2.2", "192.0.2.1 192.0.2.1"));
  EXPECT_EQ(old_[0].record, previous_[1].record);
}

TEST_F(CatalogBuildTest, AnotherNameOrGroupIsAnotherTarget) {
  configure({address_spec("192.0.2.1", "a")});
  configure({address_spec("192.0.2.1", "b")});
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemove, Kind::kAdd));
  auto moved = address_spec("192.0.2.1", "b");
  moved.group = std::make_shared<const std::string>("h");
  configure({moved});
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemove, Kind::kAdd));
}

TEST_F(CatalogBuildTest, OtherOptionsAreAnUpdateOfTheSameRecord) {
  configure({address_spec("192.0.2.1")});
  auto spec = address_spec("192.0.2.1");
  spec.options = testing::options(std::chrono::seconds(5));
  configure({spec});
  EXPECT_THAT(kinds(), ElementsAre(Kind::kUpdate));
  EXPECT_EQ(difference_.changes[0].change.record, previous_[0].record);
  EXPECT_EQ(plan().options->interval, std::chrono::seconds(5));
  EXPECT_EQ((*difference_.list)[0].info->options->interval, std::chrono::seconds(5));
}

TEST_F(CatalogBuildTest, OtherLabelsAreNoMatterOfTheEngine) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  auto spec = address_spec("192.0.2.2");
  spec.labels = testing::labels({{"site", "berlin"}});
  configure({address_spec("192.0.2.1"), spec});
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(difference_.renamed, ElementsAre(1U));
  EXPECT_EQ(old_[1].record, previous_[1].record);
  EXPECT_EQ((*(*difference_.list)[1].info->labels)[0].second, "berlin");
}

TEST_F(CatalogBuildTest, ThePhaseIsOfTheIdentityAlone) {
  configure({address_spec("192.0.2.1")});
  const auto phase = plan().phase_hash;
  configure({});
  auto spec = address_spec("192.0.2.1");
  spec.options = testing::options(std::chrono::seconds(5));
  configure({address_spec("192.0.2.9"), spec});
  EXPECT_EQ(plan(1).phase_hash, phase);
  EXPECT_NE(plan(0).phase_hash, phase);
}

TEST_F(CatalogBuildTest, ThePhaseIsTheSameInEveryRun) {
  EXPECT_EQ(identity_hash("g", "192.0.2.1", "192.0.2.1"), 9871766052399388626U)
      << "phases would jump at the next restart";
  EXPECT_NE(identity_hash("a", "bc", "d"), identity_hash("ab", "c", "d"));
  EXPECT_NE(identity_hash("a", "b", "cd"), identity_hash("a", "bc", "d"));
}

TEST_F(CatalogBuildTest, ANameWithoutAnAddressIsAnEntryWithoutARecord) {
  configure({name_spec("host")});
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(list(), ElementsAre("host "));
  const auto& entry = (*difference_.list)[0];
  EXPECT_EQ(entry.record, nullptr);
  ASSERT_NE(entry.info->resolved, nullptr);
  EXPECT_FALSE(*entry.info->resolved);
  EXPECT_EQ(difference_.by_group.at("g"), 1U);
}

TEST_F(CatalogBuildTest, ANameFollowsItsAddress) {
  configure({address_spec("192.0.2.9"), name_spec("host"), address_spec("192.0.2.8")});
  resolve("host", ips({"192.0.2.1"}));
  EXPECT_THAT(kinds(), ElementsAre(Kind::kAdd));
  EXPECT_THAT(list(), ElementsAre("192.0.2.9 192.0.2.9", "host 192.0.2.1", "192.0.2.8 192.0.2.8"));
  EXPECT_TRUE(*(*difference_.list)[1].info->resolved);
  resolve("host", ips({"192.0.2.2"}));
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemove, Kind::kAdd));
  EXPECT_THAT(list(), ElementsAre("192.0.2.9 192.0.2.9", "host 192.0.2.2", "192.0.2.8 192.0.2.8"));
  EXPECT_EQ(old_[0].record, previous_[0].record);
  EXPECT_EQ(old_[2].record, previous_[2].record);
}

TEST_F(CatalogBuildTest, AllKeepsTheAddressesThatStay) {
  configure({name_spec("host", FamilyChoice::kAll)});
  resolve("host", ips({"192.0.2.1", "192.0.2.2"}));
  const auto kept = old_[1].record;
  resolve("host", ips({"192.0.2.2", "2001:db8::1"}));
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemove, Kind::kAdd));
  EXPECT_THAT(list(), ElementsAre("host 192.0.2.2", "host 2001:db8::1"));
  EXPECT_EQ(old_[0].record, kept);
}

TEST_F(CatalogBuildTest, AReloadKeepsWhatANameHasResolvedTo) {
  configure({name_spec("host")});
  resolve("host", ips({"192.0.2.1"}));
  configure({name_spec("other"), name_spec("host")});
  EXPECT_THAT(kinds(), IsEmpty());
  EXPECT_THAT(list(), ElementsAre("other ", "host 192.0.2.1"));
}

TEST_F(CatalogBuildTest, TwoNamesWithOneAddressAreTwoTargets) {
  configure({name_spec("a"), name_spec("b")});
  resolve("a", ips({"192.0.2.1"}));
  resolve("b", ips({"192.0.2.1"}));
  EXPECT_THAT(list(), ElementsAre("a 192.0.2.1", "b 192.0.2.1"));
  EXPECT_THAT(difference_.repeated, IsEmpty());
}

TEST_F(CatalogBuildTest, TwoHostsOfOneNameAndAddressAreOneTarget) {
  auto first = name_spec("a");
  auto second = name_spec("b");
  first.target = second.target = "web";
  configure({first, second});
  EXPECT_THAT(list(), ElementsAre("web "));
  resolve("a", ips({"192.0.2.1"}));
  EXPECT_THAT(list(), ElementsAre("web 192.0.2.1", "web "));
  resolve("b", ips({"192.0.2.1"}));
  EXPECT_THAT(list(), ElementsAre("web 192.0.2.1"));
  EXPECT_THAT(difference_.repeated, ElementsAre("g/web/192.0.2.1"));
  EXPECT_THAT(kinds(), IsEmpty());
  // The record passes to the other when the first moves away.
  const auto record = old_[0].record;
  resolve("a", ips({"192.0.2.5"}));
  EXPECT_THAT(list(), ElementsAre("web 192.0.2.5", "web 192.0.2.1"));
  EXPECT_EQ(old_[1].record, record);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kAdd));
}

TEST_F(CatalogBuildTest, AnAddressAndAHostOfOneNameAreOneTarget) {
  configure({address_spec("192.0.2.1", "web"), [] {
               auto spec = name_spec("host");
               spec.target = "web";
               return spec;
             }()});
  resolve("host", ips({"192.0.2.1"}));
  EXPECT_THAT(list(), ElementsAre("web 192.0.2.1"));
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(CatalogBuildTest, AZoneIsPartOfTheAddressAndFollowsItsInterface) {
  auto spec = address_spec("fe80::1");
  spec.host = probe::HostAddress{ip("fe80::1"), "eth0"};
  configure({spec});
  EXPECT_THAT(list(), ElementsAre("fe80::1 fe80::1%eth0"));
  EXPECT_EQ(plan().address, ip("fe80::1%7"));
  existing_interfaces_["eth0"] = 9;
  Touched touched;
  for (const auto& name : interfaces_.refresh()) touched.interfaces.insert(name);
  rebuild(touched);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kUpdate));
  EXPECT_EQ(plan().address, ip("fe80::1%9"));
  EXPECT_THAT(list(), ElementsAre("fe80::1 fe80::1%eth0"));
}

TEST_F(CatalogBuildTest, AMissingInterfaceIsAnImpossibleOneUntilItIsThere) {
  auto spec = address_spec("192.0.2.1");
  auto changed = *spec.options;
  changed.interface = "wlan0";
  spec.options = std::make_shared<const probe::ProbeOptions>(changed);
  configure({spec, address_spec("192.0.2.2")});
  EXPECT_EQ(plan().packet.interface_index, kNoSuchInterface);
  existing_interfaces_["wlan0"] = 4;
  Touched touched;
  for (const auto& name : interfaces_.refresh()) touched.interfaces.insert(name);
  rebuild(touched);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kUpdate));
  EXPECT_EQ(plan().packet.interface_index, 4U);
}

TEST_F(CatalogBuildTest, AMissingZoneMakesSendsFail) {
  auto spec = address_spec("fe80::1");
  spec.host = probe::HostAddress{ip("fe80::1"), "wlan0"};
  configure({spec});
  EXPECT_EQ(plan().packet.interface_index, kNoSuchInterface);
}

TEST_F(CatalogBuildTest, ASourceIsForItsOwnFamily) {
  auto spec = name_spec("host", FamilyChoice::kAll);
  auto changed = *spec.options;
  changed.source = ip("192.0.2.100");
  spec.options = std::make_shared<const probe::ProbeOptions>(changed);
  configure({spec});
  resolve("host", ips({"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(plan(0).packet.source, ip("192.0.2.100"));
  EXPECT_EQ(plan(1).packet.source, std::nullopt);
}

TEST_F(CatalogBuildTest, AnyFollowsTheFamilyOfTheSource) {
  auto spec = name_spec("host");
  auto changed = *spec.options;
  changed.source = ip("2001:db8::100");
  spec.options = std::make_shared<const probe::ProbeOptions>(changed);
  configure({spec});
  resolve("host", ips({"192.0.2.1", "2001:db8::1"}));
  EXPECT_THAT(list(), ElementsAre("host 2001:db8::1"));
}

TEST_F(CatalogBuildTest, OptionsReachThePlan) {
  auto spec = address_spec("192.0.2.1");
  auto changed = *spec.options;
  changed.interface = "eth0";
  changed.mark = 5;
  changed.dscp = 46;
  changed.ttl = 3;
  changed.dont_fragment = true;
  spec.options = std::make_shared<const probe::ProbeOptions>(changed);
  configure({spec});
  const wire::PacketOptions expected{std::nullopt, 7, 5, 3, 46, true};
  EXPECT_EQ(plan().packet, expected);
}

TEST_F(CatalogBuildTest, WorksInSlices) {
  std::vector<probe::TargetSpec> specs;
  for (int i = 1; i <= 50; ++i) specs.push_back(address_spec(("192.0.2." + std::to_string(i)).c_str()));
  configure(specs);
  EXPECT_GE(steps_, 50U);
}

}  // namespace
}  // namespace sounder::runtime
