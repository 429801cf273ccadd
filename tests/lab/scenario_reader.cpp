#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/wire/echo_payload.h"
#include "tests/lab/scenario_text.h"

namespace sounder::lab {

namespace {

using base::Duration;

/// Every mistake of a file, in words.
class Mistakes {
 public:
  void add(const YAML::Node& node, const std::string& what) {
    const auto mark = node.Mark();
    if (mark.is_null()) {
      lines_.push_back(what);
    } else {
      lines_.push_back(fmt::format("{}:{}: {}", mark.line + 1, mark.column + 1, what));
    }
  }
  [[nodiscard]] bool none() const { return lines_.empty(); }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::string all;
    for (const auto& line : lines_) all += (all.empty() ? "" : "\n") + name + ":" + line;
    return all;
  }

 private:
  std::vector<std::string> lines_;
};

std::optional<std::uint64_t> to_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "250ms": a whole number and its unit.
std::optional<Duration> to_duration(const std::string& text) {
  static const std::map<std::string, std::int64_t, std::less<>> kUnits{{"ns", 1},
                                                                       {"us", 1'000},
                                                                       {"ms", 1'000'000},
                                                                       {"s", 1'000'000'000},
                                                                       {"m", 60'000'000'000},
                                                                       {"h", 3'600'000'000'000}};
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = to_number(text.substr(0, digits));
  if (number == std::optional<std::uint64_t>(0) && digits == text.size()) return Duration::zero();
  const auto unit = kUnits.find(text.substr(digits));
  if (!number || *number > 1'000'000'000 || unit == kUnits.end()) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*number) * unit->second);
}

/// A mapping whose keys are taken one by one; what was not taken is a mistake.
class Section {
 public:
  Section(const YAML::Node& node, std::string what, Mistakes& mistakes)
      : node_(node), what_(std::move(what)), mistakes_(mistakes) {
    if (node_.IsDefined() && !node_.IsMap()) mistakes_.add(node_, what_ + " must be a mapping");
  }

  [[nodiscard]] const YAML::Node& node() const { return node_; }

  [[nodiscard]] YAML::Node take(const std::string& key) {
    known_.insert(key);
    return node_.IsMap() ? node_[key] : YAML::Node(YAML::NodeType::Undefined);
  }

  void require(const std::string& key) {
    if (!take(key).IsDefined()) mistakes_.add(node_, what_ + " needs '" + key + "'");
  }

  template <class T>
  void number(const std::string& key, T& into, std::uint64_t least, std::uint64_t most) {
    scalar(key, fmt::format("a whole number from {} to {}", least, most), [&](const std::string& text) {
      const auto value = to_number(text);
      if (!value || *value < least || *value > most) return false;
      into = static_cast<T>(*value);
      return true;
    });
  }

  void duration(const std::string& key, Duration& into) {
    scalar(key, "a time such as 250ms", [&](const std::string& text) {
      const auto value = to_duration(text);
      into = value.value_or(into);
      return value.has_value();
    });
  }

  void share(const std::string& key, sim::Ppm& into) {
    scalar(key, "a share from 0 to 1", [&](const std::string& text) {
      char* end = nullptr;
      const double value = std::strtod(text.c_str(), &end);
      if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1)) return false;
      into = static_cast<sim::Ppm>(std::lround(value * sim::kAlways));
      return true;
    });
  }

  void flag(const std::string& key, bool& into) {
    scalar(key, "true or false", [&](const std::string& text) {
      into = text == "true";
      return into || text == "false";
    });
  }

  void text(const std::string& key, std::string& into) {
    scalar(key, "a word", [&](const std::string& text) {
      into = text;
      return !text.empty();
    });
  }

  template <class Enum>
  void word(const std::string& key, Enum& into, std::span<const char* const> words) {
    scalar(key, fmt::format("one of {}", fmt::join(words, ", ")), [&](const std::string& text) {
      const auto found = std::find(words.begin(), words.end(), text);
      if (found == words.end()) return false;
      into = static_cast<Enum>(found - words.begin());
      return true;
    });
  }

  void scalar(const std::string& key, const std::string& wanted, const std::function<bool(const std::string&)>& parse) {
    const YAML::Node value = take(key);
    if (!value.IsDefined()) return;
    if (!value.IsScalar() || !parse(value.Scalar())) {
      mistakes_.add(value, fmt::format("'{}' of {} must be {}{}", key, what_, wanted,
                                       value.IsScalar() ? ", not '" + value.Scalar() + "'" : ""));
    }
  }

  void end() {
    if (!node_.IsMap()) return;
    for (const auto& entry : node_) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (known_.count(key) == 0) {
        mistakes_.add(entry.first, fmt::format("{} has no '{}'; it has {}", what_, key, fmt::join(known_, ", ")));
      }
    }
  }

 private:
  YAML::Node node_;
  std::string what_;
  Mistakes& mistakes_;
  std::set<std::string> known_;
};

class Reader {
 public:
  Scenario read(const YAML::Node& root) {
    Section section(root, "the scenario", mistakes_);
    section.text("about", scenario_.about);
    section.number("seed", scenario_.seed, 0, ~std::uint64_t{0});
    section.duration("duration", scenario_.duration);
    section.require("groups");
    for (const auto& node : list(section.take("groups"), "'groups'")) read_group(node);
    for (const auto& node : list(section.take("timeline"), "'timeline'")) read_event(node);
    section.end();
    check_addresses(root);
    if (scenario_.duration <= base::Duration::zero()) mistakes_.add(root, "'duration' of the scenario must not be 0");
    std::stable_sort(scenario_.timeline.begin(), scenario_.timeline.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    check_order(root);
    return std::move(scenario_);
  }

  [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

 private:
  YAML::Node list(const YAML::Node& node, const char* what) {
    if (!node.IsDefined()) return YAML::Node(YAML::NodeType::Sequence);
    if (node.IsSequence()) return node;
    mistakes_.add(node, std::string(what) + " must be a list");
    return YAML::Node(YAML::NodeType::Sequence);
  }

  void read_group(const YAML::Node& node) {
    HostGroup group;
    Section section(node, "a group", mistakes_);
    section.require("name");
    section.require("first");
    section.text("name", group.name);
    section.scalar("first", "an address", [&](const std::string& text) {
      const auto address = base::IpAddress::parse(text);
      group.first = address.value_or(group.first);
      return address.has_value() && address->scope() == 0;
    });
    section.number("count", group.count, 1, 1'000'000);
    read_probing(section.take("probe"), group.probe);
    read_path(section, group.host);
    read_answers(section, group);
    section.end();
    for (const auto& other : scenario_.groups) {
      if (other.name == group.name) mistakes_.add(node, "there are two groups '" + group.name + "'");
    }
    scenario_.groups.push_back(std::move(group));
  }

  void read_probing(const YAML::Node& node, Probing& probe) {
    Section section(node, "'probe'", mistakes_);
    section.duration("interval", probe.interval);
    section.duration("timeout", probe.timeout);
    // Without a tag, what is stray can't always be told exactly.
    section.number("size", probe.size, wire::kEchoTagSize, 65'507);
    section.number("down_after", probe.down_after, 1, 10'000);
    section.number("up_after", probe.up_after, 1, 10'000);
    section.flag("accept_foreign", probe.accept_foreign);
    section.end();
  }

  void read_path(Section& group, sim::Host& host) {
    sim::Path& path = host.path;
    Section delay(group.take("delay"), "'delay'", mistakes_);
    delay.word("kind", path.kind, delay_words());
    delay.duration("base", path.delay);
    delay.duration("spread", path.jitter);
    delay.duration("longest", path.longest);
    for (const auto& node : list(delay.take("trace"), "'trace'")) {
      const auto value = node.IsScalar() ? to_duration(node.Scalar()) : std::nullopt;
      if (!value) mistakes_.add(node, "a delay of 'trace' must be a time such as 250ms");
      host.trace.push_back(value.value_or(Duration::zero()));
    }
    delay.end();
    if (path.kind == sim::DelayKind::kTrace && host.trace.empty()) {
      mistakes_.add(delay.node(), "a delay of the kind 'trace' needs 'trace'");
    }
    Section loss(group.take("loss"), "'loss'", mistakes_);
    loss.share("independent", path.loss);
    loss.share("burst_begins", path.burst);
    loss.share("burst_ends", path.burst_end);
    loss.end();
    Section reorder(group.take("reorder"), "'reorder'", mistakes_);
    reorder.share("share", path.straggle);
    reorder.duration("by", path.straggle_by);
    reorder.end();
    group.share("duplicate", path.duplicate);
    Section limit(group.take("rate_limit"), "'rate_limit'", mistakes_);
    limit.number("per_second", host.answers_per_second, 0, 1'000'000);
    limit.number("burst", host.answer_burst, 1, 1'000'000);
    limit.end();
  }

  void read_answers(Section& group, HostGroup& into) {
    sim::Host& host = into.host;
    const YAML::Node node = group.take("answers");
    Section answers(node, "'answers'", mistakes_);
    if (node.IsDefined()) host.weights = {};
    for (std::size_t i = 0; i < sim::kAnswers; ++i) {
      answers.number(answer_words()[i], host.weights[i], 0, 1'000'000);
    }
    answers.end();
    const auto weight = [&](sim::Answer answer) { return host.weights[static_cast<std::size_t>(answer)]; };
    if (std::all_of(host.weights.begin(), host.weights.end(), [](auto each) { return each == 0; })) {
      mistakes_.add(node, "'answers' needs one with a weight above 0 ('silent' is one)");
    }
    if (weight(sim::Answer::kOwnError) != 0) {
      mistakes_.add(node, "'own_error' is what our own kernel says: no host behind the device can");
    }
    if (weight(sim::Answer::kBadChecksum) != 0 && !into.first.is_v4()) {
      mistakes_.add(node, "'bad_checksum' is for IPv4: an IPv6 kernel drops it, and counts it as its own drop");
    }
    Section late(group.take("late"), "'late'", mistakes_);
    late.duration("after", host.late);
    late.duration("spread", host.late_jitter);
    late.end();
    read_error(group.take("error"), host);
  }

  void read_error(const YAML::Node& node, sim::Host& host) {
    Section error(node, "'error'", mistakes_);
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    error.number("type", type, 1, 255);
    error.number("code", code, 0, 255);
    if (error.take("type").IsDefined()) host.error = std::pair(type, code);
    error.word("quote", host.quote, quote_words());
    error.end();
  }

  void read_event(const YAML::Node& node) {
    Event event;
    Section section(node, "an event", mistakes_);
    section.require("at");
    section.require("do");
    section.duration("at", event.at);
    section.word("do", event.kind, event_words());
    section.text("group", event.group);
    section.duration("interval", event.interval);
    section.end();
    check_event(node, event);
    if (event.at >= scenario_.duration) mistakes_.add(node, "this event would come after the scenario's end");
    scenario_.timeline.push_back(std::move(event));
  }

  void check_event(const YAML::Node& node, const Event& event) {
    const bool reload = event.kind == Event::Kind::kReload;
    const bool of_group = event.kind == Event::Kind::kBlackhole || event.kind == Event::Kind::kRestore ||
                          (reload && !event.group.empty());
    const bool exists = std::any_of(scenario_.groups.begin(), scenario_.groups.end(),
                                    [&](const HostGroup& group) { return group.name == event.group; });
    if (of_group && !exists) mistakes_.add(node, "there is no group '" + event.group + "'");
    if (!of_group && !event.group.empty()) mistakes_.add(node, "this event concerns all hosts, not a group");
    if ((reload && of_group) != (event.interval != Duration::zero())) {
      mistakes_.add(node, "'interval' is for the event 'reload' with a group, which needs one");
    }
  }

  /// Who is stopped can't be asked for anything.
  void check_order(const YAML::Node& root) {
    bool stopped = false;
    for (const Event& event : scenario_.timeline) {
      if (event.kind == Event::Kind::kReload && stopped) mistakes_.add(root, "the daemon is to reload while stopped");
      if (event.kind == Event::Kind::kStop) stopped = true;
      if (event.kind == Event::Kind::kResume) stopped = false;
    }
  }

  /// Two groups must not share an address, or a packet's host would not be known.
  void check_addresses(const YAML::Node& root) {
    std::map<base::IpAddress, std::pair<base::IpAddress, std::string>> ranges;
    for (const auto& group : scenario_.groups) {
      ranges.emplace(group.first, std::pair(group.address(group.count - 1), group.name));
    }
    if (ranges.size() != scenario_.groups.size()) mistakes_.add(root, "two groups begin at the same address");
    const std::pair<base::IpAddress, std::string>* before = nullptr;
    for (const auto& [first, range] : ranges) {
      if (before != nullptr && first <= before->first) {
        mistakes_.add(root, fmt::format("groups '{}' and '{}' overlap", before->second, range.second));
      }
      before = &range;
    }
  }

  Mistakes mistakes_;
  Scenario scenario_;
};

}  // namespace

base::Result<Scenario> parse_scenario(const std::string& name, const std::string& yaml) {
  try {
    Reader reader;
    Scenario scenario = reader.read(YAML::Load(yaml));
    scenario.name = name;
    if (!reader.mistakes().none()) return base::fail(reader.mistakes().text(name));
    return scenario;
  } catch (const YAML::Exception& error) {
    return base::fail(fmt::format("{}:{}:{}: {}", name, error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

base::Result<Scenario> read_scenario(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return base::fail("cannot read " + file.string());
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_scenario(file.stem().string(), text);
}

}  // namespace sounder::lab
