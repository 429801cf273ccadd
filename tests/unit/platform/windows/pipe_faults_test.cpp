/// What the daemon asks of Windows for its pipe, and what becomes of listeners and process watches where that refuses.
/// Wine enforces no access list, lets a second daemon take the name and never is short of memory, so the calls are
/// looked at, and refused where a test wants it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/platform/local_stream.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/pipe_access.h"
#include "engine/platform/windows/pipe_listener.h"
#include "engine/platform/windows/text.h"

namespace sounder::platform::windows {

namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

/// Finds hangs only.
constexpr auto kLong = 30s;

/// What an access list lets somebody do.
struct Grant {
  std::string whom;
  DWORD rights = 0;
};

std::vector<Grant> grants_of(PSECURITY_DESCRIPTOR descriptor) {
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  PACL list = nullptr;
  EXPECT_NE(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted), 0);
  EXPECT_TRUE(present != FALSE && list != nullptr) << "without a list everybody may do everything";
  std::vector<Grant> grants;
  for (DWORD index = 0; list != nullptr && index < list->AceCount; ++index) {
    void* entry = nullptr;
    EXPECT_NE(GetAce(list, index, &entry), 0);
    auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
    EXPECT_EQ(allowed->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
    grants.push_back({to_text(&allowed->SidStart), allowed->Mask});
  }
  return grants;
}

/// The real calls, noted; those that a test has queued an error for fail with it.
struct FaultyPipe final : PipeCalls {
  struct Made {
    DWORD open_mode = 0;
    DWORD pipe_mode = 0;
    BOOL inherited = FALSE;
    bool is_protected = false;
    std::vector<Grant> grants;
    HANDLE pipe = nullptr;
  };

  DWORD look_for(const std::wstring& name) override { return looked ? *looked : PipeCalls::look_for(name); }
  Handle create(const std::wstring& name, DWORD open_mode, DWORD pipe_mode, SECURITY_ATTRIBUTES& security,
                DWORD& error) override {
    if (before_create) before_create();
    ++create_calls;
    error = next_of(creates);
    if (error != 0) return nullptr;
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;
    EXPECT_NE(GetSecurityDescriptorControl(security.lpSecurityDescriptor, &control, &revision), 0);
    Handle pipe = PipeCalls::create(name, open_mode, pipe_mode, security, error);
    made.push_back({open_mode, pipe_mode, security.bInheritHandle, (control & SE_DACL_PROTECTED) != 0,
                    grants_of(security.lpSecurityDescriptor), pipe.get()});
    return pipe;
  }
  DWORD connect(HANDLE pipe, OVERLAPPED* overlapped) override {
    ++connect_calls;
    const DWORD error = next_of(connects);
    return error != 0 ? error : PipeCalls::connect(pipe, overlapped);
  }
  base::Result<io::Credentials> identify(HANDLE pipe) override {
    const DWORD error = next_of(identities);
    if (error != 0) return base::fail("ask who a local client is", system_code(error));
    return PipeCalls::identify(pipe);
  }
  DWORD client_process(HANDLE pipe, ULONG& number) override {
    return client_process_error != 0 ? client_process_error : PipeCalls::client_process(pipe, number);
  }
  Handle open_process(ULONG number, DWORD rights, DWORD& error) override {
    asked_rights = rights;
    error = open_process_error;
    return error != 0 ? nullptr : PipeCalls::open_process(number, rights, error);
  }
  DWORD start_of(HANDLE process, FILETIME& start) override {
    if (start_of_error != 0) return start_of_error;
    const DWORD error = PipeCalls::start_of(process, start);
    if (younger) start.dwHighDateTime += 1U << 20U;  // centuries
    return error;
  }
  /// 0 where nothing, or 0, is queued.
  static DWORD next_of(std::deque<DWORD>& errors) {
    if (errors.empty()) return 0;
    const DWORD error = errors.front();
    errors.pop_front();
    return error;
  }

  std::vector<Made> made;
  std::function<void()> before_create;
  std::size_t create_calls = 0;
  std::size_t connect_calls = 0;
  std::deque<DWORD> creates;
  std::deque<DWORD> connects;
  std::deque<DWORD> identities;
  std::optional<DWORD> looked;
  DWORD client_process_error = 0;
  DWORD open_process_error = 0;
  DWORD start_of_error = 0;
  bool younger = false;
  DWORD asked_rights = 0;
};

struct CountingLog final : base::Logger {
  void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override { ++lines; }
  std::size_t lines = 0;
};

class PipeFaults : public ::testing::Test {
 protected:
  base::Result<void> open(const PipeAccess& access = {.mode = 0666, .group = {}}) {
    const auto text = describe_access(access);
    EXPECT_TRUE(text);
    auto descriptor = security_descriptor(*text);
    EXPECT_TRUE(descriptor);
    auto listener = PipeListener::open(name_, std::move(*descriptor), loop_.get_executor(), log_, calls_);
    if (!listener) return tl::unexpected(listener.error());
    listener_ = std::move(*listener);
    return {};
  }
  void listen() {
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().message();
    listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
  }
  std::unique_ptr<io::LocalStream> connect() {
    auto connection = connect_local(name_, loop_.get_executor());
    EXPECT_TRUE(connection) << connection.error().message();
    return connection ? std::move(connection->stream) : nullptr;
  }
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!done() && std::chrono::steady_clock::now() < end) {
      loop_.restart();
      loop_.run_one_for(50ms);
    }
    return done();
  }
  bool accepted(std::size_t count = 1) {
    return run_until([&] { return accepted_.size() == count; });
  }
  bool refused(std::uint64_t count) {
    return run_until([&] { return listener_->numbers().accept_errors == count; });
  }
  base::Result<std::unique_ptr<io::ProcessWatch>> watch() {
    return listener_->watch_process(*accepted_.at(0).stream, [this] { ++exits_; });
  }
  bool exited() {
    return run_until([&] { return exits_ > 0; });
  }

  static std::string fresh_name() {
    static std::atomic<unsigned> count{0};
    return R"(\\.\pipe\sounder-faults-)" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(++count);
  }

  std::string name_ = fresh_name();
  boost::asio::io_context loop_;
  FaultyPipe calls_;
  CountingLog log_;
  std::unique_ptr<PipeListener> listener_;
  std::vector<io::LocalClient> accepted_;
  int exits_ = 0;
};

TEST_F(PipeFaults, TheFirstInstanceAndNoOtherMustBeTheFirst) {
  listen();
  ASSERT_EQ(calls_.made.size(), PipeListener::kWaiting);
  EXPECT_NE(calls_.made[0].open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE, 0U);
  for (std::size_t index = 1; index < calls_.made.size(); ++index) {
    EXPECT_EQ(calls_.made[index].open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE, 0U) << index;
  }
}

TEST_F(PipeFaults, NoInstanceIsForOtherMachinesOrForChildren) {
  listen();
  const auto client = connect();
  ASSERT_TRUE(accepted());
  ASSERT_EQ(calls_.made.size(), PipeListener::kWaiting + 1);
  for (const FaultyPipe::Made& made : calls_.made) {
    EXPECT_EQ(made.pipe_mode, DWORD{PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS});
    EXPECT_EQ(made.open_mode & ~DWORD{FILE_FLAG_FIRST_PIPE_INSTANCE}, DWORD{PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED});
    EXPECT_EQ(made.inherited, FALSE);
  }
}

TEST_F(PipeFaults, EveryInstanceHasTheAccessList) {
  listen();
  const auto client = connect();
  ASSERT_TRUE(accepted());
  const auto own = own_identity();
  ASSERT_TRUE(own);
  const std::string daemon = own->user != kSystemSid && own->administrator ? kAdministratorsSid : own->user;
  constexpr const char* kAuthenticatedUsers = "S-1-5-11";
  for (const FaultyPipe::Made& made : calls_.made) {
    EXPECT_TRUE(made.is_protected) << "nothing is inherited";
    const auto grants = [&](const std::string& whom, DWORD rights) {
      return std::ranges::any_of(made.grants,
                                 [&](const Grant& one) { return one.whom == whom && one.rights == rights; });
    };
    EXPECT_TRUE(grants(daemon, FILE_ALL_ACCESS));
    for (const std::string& whom :
         {std::string(kSystemSid), std::string(kAdministratorsSid), own->user, std::string(kAuthenticatedUsers)}) {
      EXPECT_TRUE(grants(whom, kClientAccess)) << whom;
    }
    EXPECT_EQ(made.grants.size(), 5U);
  }
}

TEST_F(PipeFaults, AClosedModeLetsInNobodyElse) {
  ASSERT_TRUE(open({.mode = 0600, .group = {}}));
  const auto own = own_identity();
  ASSERT_TRUE(own);
  for (const Grant& grant : calls_.made.at(0).grants) {
    EXPECT_TRUE(grant.whom == kSystemSid || grant.whom == kAdministratorsSid || grant.whom == own->user) << grant.whom;
  }
}

TEST_F(PipeFaults, ANameThatSomebodyHasIsNotTaken) {
  for (const DWORD answer : {ERROR_SUCCESS, ERROR_SEM_TIMEOUT, ERROR_ACCESS_DENIED}) {
    calls_.looked = answer;
    const auto opened = open();
    ASSERT_FALSE(opened) << answer;
    EXPECT_THAT(opened.error().message(), HasSubstr("another daemon"));
  }
  EXPECT_EQ(calls_.create_calls, 0U);
}

TEST_F(PipeFaults, OfTwoThatBeginAtOnceTheSecondIsRefused) {
  for (const DWORD answer : {ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY}) {
    calls_.creates = {answer};
    const auto opened = open();
    ASSERT_FALSE(opened) << answer;
    EXPECT_THAT(opened.error().message(), HasSubstr("another daemon"));
  }
  EXPECT_EQ(calls_.create_calls, 2U) << "it does not go on without the first";
}

TEST_F(PipeFaults, AnotherRefusalIsSaidAsItIs) {
  calls_.creates = {ERROR_NO_SYSTEM_RESOURCES};
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), Not(HasSubstr("another daemon")));
  EXPECT_EQ(opened.error().code, system_code(ERROR_NO_SYSTEM_RESOURCES));
}

TEST_F(PipeFaults, AWantOfRoomForInstancesIsWaitedForWithoutSpinning) {
  for (const DWORD error : {ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES, ERROR_PIPE_BUSY}) {
    calls_.create_calls = 0;
    calls_.creates = {0, error, error};
    listen();
    EXPECT_EQ(calls_.create_calls, 2U);
    EXPECT_TRUE(run_until([&] { return calls_.create_calls == PipeListener::kWaiting + 2; }));
    EXPECT_EQ(listener_->numbers().accept_errors, 2U);
    listener_.reset();
  }
  EXPECT_EQ(log_.lines, 6U);
}

TEST_F(PipeFaults, WhereThereIsRoomForOneInstanceClientsComeInOneByOne) {
  calls_.creates = {0};
  calls_.creates.insert(calls_.creates.end(), 1000, ERROR_NO_SYSTEM_RESOURCES);
  listen();
  const auto first = connect();
  ASSERT_TRUE(accepted(1));
  const auto busy = connect_local(name_, loop_.get_executor());
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, std::errc::resource_unavailable_try_again);
  calls_.creates.clear();
  EXPECT_TRUE(run_until([&] { return calls_.made.size() > 1; }));
  const auto second = connect();
  EXPECT_TRUE(accepted(2));
}

/// What is waited for would be lost to another program if the instances went.
TEST_F(PipeFaults, AWantOfRoomForWaitingKeepsTheInstances) {
  calls_.connects = std::deque<DWORD>(PipeListener::kWaiting, ERROR_NO_SYSTEM_RESOURCES);
  listen();
  EXPECT_TRUE(refused(PipeListener::kWaiting));
  EXPECT_EQ(calls_.connect_calls, PipeListener::kWaiting) << "it spins";
  EXPECT_TRUE(run_until([&] { return calls_.connect_calls == 2 * PipeListener::kWaiting; }));
  EXPECT_EQ(calls_.create_calls, PipeListener::kWaiting);
  const auto client = connect();
  EXPECT_TRUE(accepted());
}

TEST_F(PipeFaults, AClientThatCameWhileThereWasNoRoomIsAccepted) {
  calls_.connects = std::deque<DWORD>(PipeListener::kWaiting, ERROR_NOT_ENOUGH_MEMORY);
  listen();
  const auto client = connect();
  EXPECT_TRUE(accepted());
  EXPECT_EQ(listener_->numbers().accept_errors, PipeListener::kWaiting);
}

TEST_F(PipeFaults, WhoCameAndLeftStopsNobodyAndTheNameIsNeverFree) {
  for (const DWORD error : {ERROR_NO_DATA, ERROR_BROKEN_PIPE, ERROR_PIPE_NOT_CONNECTED}) {
    accepted_.clear();
    calls_.made.clear();
    calls_.connects = std::deque<DWORD>(PipeListener::kWaiting, error);
    calls_.before_create = [] {};
    listen();
    std::vector<HANDLE> old;
    for (const FaultyPipe::Made& made : calls_.made) old.push_back(made.pipe);
    std::vector<bool> had_the_name;
    calls_.before_create = [&] {
      DWORD flags = 0;
      had_the_name.push_back(std::ranges::any_of(
          old, [&](HANDLE pipe) { return GetNamedPipeInfo(pipe, &flags, nullptr, nullptr, nullptr) != 0; }));
    };
    EXPECT_TRUE(refused(PipeListener::kWaiting));
    EXPECT_EQ(had_the_name.size(), PipeListener::kWaiting) << "each is replaced, at once";
    EXPECT_THAT(had_the_name, Each(true));
    calls_.before_create = nullptr;
    const auto client = connect();
    EXPECT_TRUE(accepted());
    listener_.reset();
  }
}

TEST_F(PipeFaults, WhoCannotBeAskedWhoHeIsIsNotLetIn) {
  listen();
  calls_.identities = {ERROR_ACCESS_DENIED};
  const auto turned_away = connect();
  const auto welcome = connect();
  EXPECT_TRUE(accepted());
  EXPECT_EQ(listener_->numbers().accept_errors, 1U);
  EXPECT_EQ(log_.lines, 1U);
}

TEST_F(PipeFaults, WhomTheSystemDoesNotNameAfterHeSpokeIsNotLetIn) {
  listen();
  calls_.identities = {ERROR_CANNOT_IMPERSONATE, ERROR_CANNOT_IMPERSONATE};
  const auto client = connect();
  ASSERT_EQ(client->write(std::as_bytes(std::span("hello", 5))), 5U);
  EXPECT_TRUE(refused(1));
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(PipeFaults, WhoSaysNothingIsNotWaitedForLongerThanPatienceLasts) {
  listen();
  calls_.identities = {ERROR_CANNOT_IMPERSONATE};
  const auto client = connect();
  bool ended = false;
  client->start({.bytes = {}, .writable = {}, .ended = [&](io::StreamEnd) { ended = true; }});
  EXPECT_TRUE(run_until([&] { return ended; }));
  EXPECT_TRUE(accepted_.empty());
  EXPECT_EQ(listener_->numbers().accept_errors, 1U);
}

TEST_F(PipeFaults, AClientWithoutAProcessNumberIsLetInAndNotWatched) {
  listen();
  calls_.client_process_error = ERROR_NOT_SUPPORTED;
  const auto client = connect();
  ASSERT_TRUE(accepted());
  EXPECT_EQ(accepted_[0].credentials.process, 0U);
  const auto watching = watch();
  ASSERT_FALSE(watching);
  EXPECT_EQ(watching.error().code, system_code(ERROR_NOT_SUPPORTED));
}

/// With a client within this process, on real calls unless a test refuses them.
class PipeProcessFaults : public PipeFaults {
 protected:
  void SetUp() override {
    listen();
    client_ = connect();
    ASSERT_TRUE(accepted());
  }
  std::unique_ptr<io::LocalStream> client_;
};

TEST_F(PipeProcessFaults, NoMoreIsAskedForThanToSeeItEnd) {
  const auto watching = watch();
  ASSERT_TRUE(watching) << watching.error().message();
  EXPECT_EQ(calls_.asked_rights, DWORD{SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION});
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(exits_, 0) << "it is this very process";
}

/// Another user's process, once our privileges are gone: the end of the stream has to do.
TEST_F(PipeProcessFaults, WhoseProcessMayNotBeOpenedIsKnownByHisStreamsEndAlone) {
  calls_.open_process_error = ERROR_ACCESS_DENIED;
  const auto watching = watch();
  ASSERT_FALSE(watching);
  EXPECT_EQ(watching.error().code, system_code(ERROR_ACCESS_DENIED));
  std::vector<io::StreamEnd> ends;
  accepted_[0].stream->start({.bytes = {}, .writable = {}, .ended = [&](io::StreamEnd why) { ends.push_back(why); }});
  client_.reset();
  EXPECT_TRUE(run_until([&] { return !ends.empty(); }));
  EXPECT_THAT(ends, ::testing::ElementsAre(io::StreamEnd::kEndOfStream));
  EXPECT_EQ(exits_, 0);
}

TEST_F(PipeProcessFaults, ANumberThatIsFreeWasAProcessThatHasEnded) {
  calls_.open_process_error = ERROR_INVALID_PARAMETER;
  const auto watching = watch();
  ASSERT_TRUE(watching);
  EXPECT_EQ(exits_, 0) << "inside the call";
  EXPECT_TRUE(exited());
}

TEST_F(PipeProcessFaults, AYoungerProcessOfTheNumberIsAnother) {
  calls_.younger = true;
  const auto watching = watch();
  ASSERT_TRUE(watching);
  EXPECT_TRUE(exited());
}

TEST_F(PipeProcessFaults, CannotWatchWhereTheSystemSaysNoMore) {
  calls_.start_of_error = ERROR_ACCESS_DENIED;
  EXPECT_FALSE(watch());
  calls_.start_of_error = 0;
  calls_.open_process_error = ERROR_NO_SYSTEM_RESOURCES;
  EXPECT_FALSE(watch());
}

TEST_F(PipeProcessFaults, AStreamThatHasEndedHasNoProcessToWatch) {
  bool ended = false;
  accepted_[0].stream->start({.bytes = {}, .writable = {}, .ended = [&](io::StreamEnd) { ended = true; }});
  client_.reset();
  ASSERT_TRUE(run_until([&] { return ended; }));
  EXPECT_FALSE(watch());
}

}  // namespace
}  // namespace sounder::platform::windows
