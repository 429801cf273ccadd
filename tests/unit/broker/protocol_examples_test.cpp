// The examples of PROTOCOL.md are what the broker writes, and what it reads.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <map>
#include <memory_resource>
#include <sstream>
#include <string>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/frame_reader.h"
#include "engine/broker/frame_writer.h"
#include "engine/broker/wire_answers.h"

namespace sounder::broker {
namespace {

using Bytes = std::vector<std::byte>;

/// The blocks "```hex NAME" of the page: two hexadecimal digits a byte, and behind `#` what they are.
std::map<std::string, Bytes> examples_in(std::istream& page) {
  std::map<std::string, Bytes> examples;
  Bytes* example = nullptr;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      example = line.starts_with("```hex ") ? &examples[line.substr(7)] : nullptr;
      continue;
    }
    if (example == nullptr) continue;
    std::istringstream digits(line.substr(0, line.find('#')));
    for (std::string byte; digits >> byte;) example->push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
  }
  return examples;
}

std::string hex(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += fmt::format("{:02x}{}", std::to_integer<unsigned>(bytes[i]), i % 4 == 3 ? '\n' : ' ');
  }
  return text;
}

class ProtocolExamples : public ::testing::Test {
 protected:
  ProtocolExamples() {
    std::ifstream page(SOUNDER_SOURCE_DIR "/engine/broker/PROTOCOL.md");
    examples_ = examples_in(page);
  }

  template <class Table>
  void expect(const std::string& name, flatbuffers::Offset<Table> body) {
    const auto frame = writer_.finish(body);
    const Bytes written(frame.begin(), frame.end());
    EXPECT_EQ(hex(examples_[name]), hex(written)) << name;
    std::span<const std::byte> rest = written;
    const auto message = reader_.next(partial_, rest);
    ASSERT_TRUE(message);
    const protocol::Body type = protocol::BodyTraits<Table>::enum_value;
    EXPECT_EQ((*message)->body_type(), type);
  }

  const Quotas quotas_;
  Account account_{quotas_};
  PartialFrame partial_{account_, *std::pmr::new_delete_resource()};
  FrameReader reader_{kMaxClientFrame};
  FrameWriter writer_;
  std::map<std::string, Bytes> examples_;
};

TEST_F(ProtocolExamples, AreFour) { EXPECT_EQ(examples_.size(), 4U); }

TEST_F(ProtocolExamples, ShowHello) {
  auto& builder = writer_.begin();
  const auto program = builder.CreateString("demo");
  expect("Hello", protocol::CreateHello(builder, 1, 1, program));
}

TEST_F(ProtocolExamples, ShowRegister) {
  auto& builder = writer_.begin();
  const protocol::WatchSpec watch(protocol::ObjectKinds::Interface | protocol::ObjectKinds::Address,
                                  protocol::WatchMode::Level);
  const auto watches = builder.CreateVectorOfStructs(&watch, 1);
  expect("Register", protocol::CreateRegister(builder, 7, watches));
}

TEST_F(ProtocolExamples, ShowEcho) {
  auto& builder = writer_.begin();
  const protocol::EchoSpec request(1, to_wire(base::IpAddress::v4(0xc0000201)), {}, 1'000'000, 0, 56, 64, 0, {});
  const auto requests = builder.CreateVectorOfStructs(&request, 1);
  expect("Echo", protocol::CreateEcho(builder, requests));
}

TEST_F(ProtocolExamples, ShowEchoResults) {
  using protocol::StampSource;
  auto& builder = writer_.begin();
  const protocol::EchoResult result(1, 1'234'567, {}, 56, protocol::OutcomeKind::Reply, protocol::SendFailure::None, 0,
                                    0, 57, StampSource::Kernel, StampSource::Kernel);
  const auto results = builder.CreateVectorOfStructs(&result, 1);
  expect("EchoResults", protocol::CreateEchoResults(builder, 257, results));
}

}  // namespace
}  // namespace sounder::broker
