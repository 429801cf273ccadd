#include "engine/broker/wire_requests.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/broker/wire_answers.h"
#include "tests/unit/broker/addresses.h"

namespace sounder::broker {
namespace {

using namespace std::chrono_literals;
using protocol::EchoFlags;
using protocol::Family;
using protocol::ObjectKinds;

/// The fields of an EchoSpec and a MonitorSpec, as a test changes them.
struct Fields {
  protocol::Address to = to_wire(ip("192.0.2.1"));
  protocol::Address source{};
  std::uint32_t timeout_us = 1'500'000;
  std::uint32_t interval_us = 250'000;
  std::uint32_t interface = 3;
  std::uint16_t size = 100;
  std::uint8_t ttl = 9;
  std::uint8_t dscp = 46;
  EchoFlags flags = EchoFlags::DontFragment;
  std::uint8_t keep = 16;

  [[nodiscard]] protocol::EchoSpec echo() const {
    return {77, to, source, timeout_us, interface, size, ttl, dscp, flags};
  }
  [[nodiscard]] protocol::MonitorSpec monitor() const {
    return {to, source, interval_us, timeout_us, interface, size, ttl, dscp, flags, keep};
  }
};

TEST(FromWire, ReadsAnEchoRequest) {
  Fields fields;
  fields.source = to_wire(ip("192.0.2.7"));
  fields.flags = EchoFlags::DontFragment | EchoFlags::AcceptForeign;
  const auto request = from_wire(fields.echo());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->address, ip("192.0.2.1"));
  EXPECT_EQ(request->packet.source, ip("192.0.2.7"));
  EXPECT_EQ(request->packet.interface_index, 3U);
  EXPECT_EQ(request->packet.mark, 0U);
  EXPECT_EQ(request->packet.ttl, 9);
  EXPECT_EQ(request->packet.dscp, 46);
  EXPECT_TRUE(request->packet.dont_fragment);
  EXPECT_TRUE(request->accept_foreign);
  EXPECT_EQ(request->timeout, 1'500ms);
  EXPECT_EQ(request->size, 100);
}

TEST(FromWire, ReadsAMonitor) {
  const auto request = from_wire(Fields{}.monitor());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->interval, 250ms);
  EXPECT_EQ(request->keep, 16);
  EXPECT_EQ(request->echo.timeout, 1'500ms);
  EXPECT_FALSE(request->echo.packet.source);
}

TEST(FromWire, FillsInWhatZeroMeans) {
  Fields fields;
  fields.ttl = 0;
  fields.keep = 0;
  const auto request = from_wire(fields.monitor());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->echo.packet.ttl, 64);
  EXPECT_EQ(request->keep, 8);
}

TEST(FromWire, RefusesEveryValueOutOfItsBounds) {
  struct Case {
    std::string fault;
    std::function<void(Fields&)> change;
  };
  const std::vector<Case> cases{
      {"timeout_us: 1000 to 60000000", [](Fields& f) { f.timeout_us = 999; }},
      {"timeout_us: 1000 to 60000000", [](Fields& f) { f.timeout_us = 60'000'001; }},
      {"size: at most 65507", [](Fields& f) { f.size = 65'508; }},
      {"dscp: at most 63", [](Fields& f) { f.dscp = 64; }},
      {"flags: unknown ones are set", [](Fields& f) { f.flags = static_cast<EchoFlags>(4); }},
      {"to: not an address", [](Fields& f) { f.to = {}; }},
      {"to: not an address", [](Fields& f) { f.to = to_wire(ip("0.0.0.0")); }},
      {"to: not an address", [](Fields& f) { f.to = to_wire(ip("::")); }},
      {"to: not an address",
       [](Fields& f) {
         f.to = {0, 1, 0, static_cast<Family>(5)};
       }},
      {"to: not an address",
       [](Fields& f) {
         f.to = {1, 1, 0, Family::V4};
       }},
      {"to: not an address",
       [](Fields& f) {
         f.to = {0, 1ULL << 32U, 0, Family::V4};
       }},
      {"to: not an address",
       [](Fields& f) {
         f.to = {0, 1, 2, Family::V4};
       }},
      {"source: not an address",
       [](Fields& f) {
         f.source = {0, 1, 0, Family::None};
       }},
      {"source: of another family than to", [](Fields& f) { f.source = to_wire(ip("2001:db8::1")); }},
  };
  for (const Case& each : cases) {
    Fields fields;
    each.change(fields);
    EXPECT_EQ(from_wire(fields.echo()).error(), each.fault);
    EXPECT_EQ(from_wire(fields.monitor()).error(), each.fault);
  }
  for (const std::uint32_t interval : {9'999U, 3'600'000'001U}) {
    Fields fields;
    fields.interval_us = interval;
    EXPECT_STREQ(from_wire(fields.monitor()).error(), "interval_us: 10000 to 3600000000");
  }
  Fields fields;
  fields.keep = 65;
  EXPECT_STREQ(from_wire(fields.monitor()).error(), "keep: at most 64");
}

TEST(FromWire, ReadsAWatch) {
  using protocol::WatchMode;
  const auto request = from_wire(protocol::WatchSpec(ObjectKinds::Address | ObjectKinds::Route, WatchMode::Edge));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->kinds, ObjectKinds::Address | ObjectKinds::Route);
  EXPECT_TRUE(request->edge);
  const auto fault = [](int kinds, int mode) {
    return std::string(
        from_wire(protocol::WatchSpec(static_cast<ObjectKinds>(kinds), static_cast<WatchMode>(mode))).error());
  };
  EXPECT_EQ(fault(0, 0), "kinds: none is set");
  EXPECT_EQ(fault(9, 0), "kinds: unknown ones are set");
  EXPECT_EQ(fault(1, 2), "mode: unknown");
}

TEST(FromWire, ReadsWhatOutcomesAreAskedFor) {
  const auto request = [](const std::string& group, const std::string& target) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(protocol::CreateOutcomesSpecDirect(builder, group.empty() ? nullptr : group.c_str(),
                                                      target.empty() ? nullptr : target.c_str()));
    const auto read = from_wire(*flatbuffers::GetRoot<protocol::OutcomesSpec>(builder.GetBufferPointer()));
    return read ? std::string(read->group) + "/" + std::string(read->target) : std::string(read.error());
  };
  EXPECT_EQ(request("", ""), "/");
  EXPECT_EQ(request("web", ""), "web/");
  EXPECT_EQ(request("web", "host"), "web/host");
  EXPECT_EQ(request("", "host"), "target: without its group");
  EXPECT_EQ(request(std::string(256, 'x'), ""), "group: longer than any");
  EXPECT_EQ(request("web", std::string(256, 'x')), "target: longer than any");
}

TEST(Printable, ShowsNothingThatATerminalObeys) {
  const auto shown = [](const std::string& text, std::size_t most = 64) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(builder.CreateString(text));
    return printable(flatbuffers::GetRoot<flatbuffers::String>(builder.GetBufferPointer()), most);
  };
  EXPECT_EQ(printable(nullptr, 64), "");
  EXPECT_EQ(shown("ping 1"), "ping 1");
  EXPECT_EQ(shown("a\x1b[2Jb\n"), "a?[2Jb?");
  EXPECT_EQ(shown(std::string("a\0b", 3)), "a?b");
  EXPECT_EQ(shown("\xc2\x9b\x7f"), "???") << "C1 controls and DEL";
  EXPECT_EQ(shown("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(shown("\xc0\x80\xed\xa0\x80\xf5"), "??????") << "overlong, surrogate, beyond Unicode";
  EXPECT_EQ(shown("\xe2\x82"), "??");
  EXPECT_EQ(shown("ab\xc3\xa9", 3), "ab") << "no half characters";
  EXPECT_EQ(shown(std::string(70, 'x')), std::string(64, 'x'));
}

}  // namespace
}  // namespace sounder::broker
