#include "tests/sim/course_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tests/sim/course_fields.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::IpAddress;

// From values to text.

template <std::integral T>
std::string to_text(T value) {
  return fmt::format("{}", +value);
}
std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(Duration value) { return fmt::format("{}ns", value.count()); }
std::string to_text(const std::string& value) { return value; }
std::string to_text(const IpAddress& value) { return value.to_string(); }
std::string to_text(const std::optional<IpAddress>& value) { return value ? value->to_string() : ""; }
std::string to_text(const probe::Buckets& value) {
  std::string all;
  for (const Duration bound : value) all += (all.empty() ? "" : " ") + to_text(bound);
  return all;
}

/// Emits the fields that differ from their defaults, into the map that is open.
template <class T>
struct Writer {
  YAML::Emitter& out;
  const T& object;
  const T defaults = {};

  template <class Member>
  void operator()(const char* name, Member T::*member) const {
    if (object.*member == defaults.*member) return;
    out << YAML::Key << name << YAML::Value << to_text(object.*member);
  }
};

template <class T>
void write_fields(YAML::Emitter& out, const T& object) {
  Writer<T> writer{out, object};
  visit_fields(writer, object);
}

/// One step, as a map of its name and what belongs to it.
class StepWriter {
 public:
  explicit StepWriter(YAML::Emitter& out) : out_(out) {}

  void operator()(const Run& step) { scalar("run", to_text(step.duration)); }
  void operator()(const Stall& step) { scalar("stall", to_text(step.duration)); }
  void operator()(const StepClock& step) { scalar("step_clock", to_text(step.by)); }
  void operator()(const SlewClock& step) { scalar("slew_clock", to_text(step.ppm)); }
  void operator()(const RemoveTarget& step) { scalar("remove", to_text(step.target)); }
  void operator()(const SetKernel& step) {
    map("kernel", [&] { write_fields(out_, step.kernel); });
  }
  void operator()(const SetHost& step) {
    map("host", [&] {
      field("address", to_text(step.address));
      write_host(step.host);
    });
  }
  void operator()(const AddTarget& step) {
    map("add", [&] {
      field("target", to_text(step.target));
      field("address", to_text(step.address));
      write_fields(out_, step.options);
    });
  }
  void operator()(const UpdateTarget& step) {
    map("update", [&] {
      field("target", to_text(step.target));
      write_fields(out_, step.options);
    });
  }
  void operator()(const SendEchoes& step) {
    map("echo", [&] {
      field("address", to_text(step.address));
      field("count", to_text(step.count));
      write_fields(out_, step.options);
    });
  }

 private:
  void field(const char* name, const std::string& value) { out_ << YAML::Key << name << YAML::Value << value; }
  void scalar(const char* name, const std::string& value) {
    out_ << YAML::BeginMap;
    field(name, value);
    out_ << YAML::EndMap;
  }
  template <class Body>
  void map(const char* name, Body body) {
    out_ << YAML::BeginMap << YAML::Key << name << YAML::Value << YAML::Flow << YAML::BeginMap;
    body();
    out_ << YAML::EndMap << YAML::EndMap;
  }
  void write_host(const Host& host) {
    write_fields(out_, host.path);
    write_fields(out_, host);
    if (host.error) field("error", fmt::format("{}/{}", host.error->first, host.error->second));
    out_ << YAML::Key << "answers" << YAML::Value << YAML::Flow << YAML::BeginMap;
    for (std::size_t i = 0; i < kAnswers; ++i) {
      if (host.weights[i] != 0) field(kAnswerNames[i], to_text(host.weights[i]));
    }
    out_ << YAML::EndMap;
  }

  YAML::Emitter& out_;
};

// And back.

[[noreturn]] void complain(const YAML::Node& node, std::string_view what) {
  throw std::runtime_error(fmt::format("line {}: {}", node.Mark().line + 1, what));
}

template <std::integral T>
void from_text(const YAML::Node& node, std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) complain(node, "a number was expected");
}
void from_text(const YAML::Node& node, std::string_view text, bool& value) {
  if (text != "true" && text != "false") complain(node, "true or false was expected");
  value = text == "true";
}
void from_text(const YAML::Node& node, std::string_view text, Duration& value) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"h", 3'600'000'000'000}}};
  for (const auto& [unit, nanoseconds] : kUnits) {
    if (!text.ends_with(unit)) continue;
    std::int64_t count = 0;
    from_text(node, text.substr(0, text.size() - unit.size()), count);
    value = Duration(count * nanoseconds);
    return;
  }
  complain(node, "a duration was expected, as 250ms");
}
void from_text(const YAML::Node& /*node*/, std::string_view text, std::string& value) { value = text; }
void from_text(const YAML::Node& node, std::string_view text, IpAddress& value) {
  const auto address = IpAddress::parse(text);
  if (!address) complain(node, "an address was expected");
  value = *address;
}
void from_text(const YAML::Node& node, std::string_view text, std::optional<IpAddress>& value) {
  from_text(node, text, value.emplace());
}
void from_text(const YAML::Node& node, std::string_view text, probe::Buckets& value) {
  value.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    from_text(node, text.substr(0, end), value.emplace_back());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

template <class T>
void read_value(const YAML::Node& node, T& value) {
  if (!node || !node.IsScalar()) complain(node, "a value was expected");
  from_text(node, node.Scalar(), value);
}

/// Reads the fields that are there, and remembers their names.
template <class T>
struct Reader {
  const YAML::Node& node;
  T& object;
  std::set<std::string>& known;

  template <class Member>
  void operator()(const char* name, Member T::*member) const {
    known.insert(name);
    if (const YAML::Node value = node[name]) read_value(value, object.*member);
  }
};

/// A map, of which every key must be known in the end.
class Fields {
 public:
  Fields(const YAML::Node& node, std::set<std::string> others) : node_(node), known_(std::move(others)) {
    if (!node.IsMap()) complain(node, "a map was expected");
  }
  template <class T>
  Fields& into(T& object) {
    Reader<T> reader{node_, object, known_};
    visit_fields(reader, object);
    return *this;
  }
  void finish() const {
    for (const auto& pair : node_) {
      if (!known_.contains(pair.first.Scalar())) complain(pair.first, "nothing is called " + pair.first.Scalar());
    }
  }

 private:
  YAML::Node node_;
  std::set<std::string> known_;
};

void read_weights(const YAML::Node& node, Host& host) {
  host.weights = {};
  for (const auto& pair : node) {
    const auto* const found = std::find(kAnswerNames.begin(), kAnswerNames.end(), pair.first.Scalar());
    if (found == kAnswerNames.end()) complain(pair.first, "no host answers so");
    read_value(pair.second, host.weights[static_cast<std::size_t>(found - kAnswerNames.begin())]);
  }
}

SetHost read_host(const YAML::Node& node) {
  SetHost step;
  Fields(node, {"address", "error", "answers"}).into(step.host.path).into(step.host).finish();
  read_value(node["address"], step.address);
  if (const YAML::Node answers = node["answers"]) read_weights(answers, step.host);
  if (const YAML::Node error = node["error"]) {
    const std::string_view text = error.Scalar();
    const std::size_t slash = std::min(text.find('/'), text.size() - 1);
    auto& pair = step.host.error.emplace();
    from_text(error, text.substr(0, slash), pair.first);
    from_text(error, text.substr(slash + 1), pair.second);
  }
  return step;
}

template <class T>
T read_target(const YAML::Node& node) {
  T step;
  std::set<std::string> others{"target"};
  if constexpr (std::is_same_v<T, AddTarget>) {
    others.insert("address");
    read_value(node["address"], step.address);
  }
  Fields(node, others).into(step.options).finish();
  read_value(node["target"], step.target);
  return step;
}

SendEchoes read_echoes(const YAML::Node& node) {
  SendEchoes step;
  Fields(node, {"address", "count"}).into(step.options).finish();
  read_value(node["address"], step.address);
  read_value(node["count"], step.count);
  return step;
}

template <class T, class Member>
T read_one(const YAML::Node& node, Member T::*member) {
  T step;
  read_value(node, step.*member);
  return step;
}

Step read_step(const YAML::Node& node) {
  if (!node.IsMap() || node.size() != 1) complain(node, "a step was expected");
  const std::string name = node.begin()->first.Scalar();
  const YAML::Node value = node.begin()->second;
  if (name == "run") return read_one(value, &Run::duration);
  if (name == "stall") return read_one(value, &Stall::duration);
  if (name == "step_clock") return read_one(value, &StepClock::by);
  if (name == "slew_clock") return read_one(value, &SlewClock::ppm);
  if (name == "remove") return read_one(value, &RemoveTarget::target);
  if (name == "add") return read_target<AddTarget>(value);
  if (name == "update") return read_target<UpdateTarget>(value);
  if (name == "host") return read_host(value);
  if (name == "echo") return read_echoes(value);
  if (name != "kernel") complain(node, "no step is called " + name);
  SetKernel step;
  Fields(value, {}).into(step.kernel).finish();
  return step;
}

}  // namespace

std::string write_course(const Course& course) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write_fields(out, course);
  out << YAML::Key << "kernel" << YAML::Value << YAML::Flow << YAML::BeginMap;
  write_fields(out, course.kernel);
  out << YAML::EndMap << YAML::Key << "steps" << YAML::Value << YAML::BeginSeq;
  StepWriter writer(out);
  for (const Step& step : course.steps) std::visit(writer, step);
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

Course read_course(const std::string& yaml) {
  const YAML::Node node = YAML::Load(yaml);
  Course course;
  Fields(node, {"kernel", "steps"}).into(course).finish();
  if (const YAML::Node kernel = node["kernel"]) Fields(kernel, {}).into(course.kernel).finish();
  for (const YAML::Node& step : node["steps"]) course.steps.push_back(read_step(step));
  return course;
}

}  // namespace sounder::sim
