// Each check fails on a bad sample and is silent on a good one.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/banned_check.h"
#include "tests/tidy/complaint.h"
#include "tests/tidy/include_check.h"
#include "tests/tidy/size_check.h"
#include "tests/tidy/source_file.h"

namespace sounder::tidy {
namespace {

std::vector<std::string> whats(const std::vector<Complaint>& complaints) {
  std::vector<std::string> whats;
  for (const auto& complaint : complaints) whats.push_back(complaint.what);
  return whats;
}

using Whats = std::vector<std::string>;

// ---- code_only ----

TEST(CodeOnly, BlanksCommentsAndLiteralsInPlace) {
  EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
  EXPECT_EQ(code_only("a /* b\nb */ c"), "a     \n     c");
  EXPECT_EQ(code_only(R"(f("x\"y") + 'z')"), "f(      ) +    ");
  EXPECT_EQ(code_only("1'000 + 'a'"), "1'000 +    ");
  EXPECT_EQ(code_only("R\"x(\" a)x\" b"), "           b");
  EXPECT_EQ(code_only("\"unfinished\nnext"), "           \nnext");
}

// ---- include ----

const std::string_view kTable = R"(# comment
engine/base:
engine/wire: engine/base
engine/io: engine/base/time.h <os>
config: engine/base <yaml-cpp>@cpp
exporters: engine/base
exporters/http: exporters <asio>
)";

Whats includes_of(const std::string& path, const std::string& text) {
  return whats(check_includes({{path, text}}, parse_include_table(kTable)));
}

TEST(IncludeCheck, AllowsWhatTheTableSays) {
  EXPECT_EQ(includes_of("engine/wire/a.cpp",
                        "#include <array>\n#include <fmt/format.h>\n#include \"engine/wire/a.h\"\n"
                        "#include \"engine/base/b.h\"\n"),
            Whats());
}

TEST(IncludeCheck, RefusesAnotherFolder) {
  EXPECT_EQ(includes_of("engine/base/a.cpp", "#include \"engine/wire/a.h\"\n"), Whats{"engine/wire/a.h"});
}

TEST(IncludeCheck, RefusesAFolderThatOnlyBeginsAlike) {
  EXPECT_EQ(includes_of("engine/wire/a.cpp", "#include \"engine/base_more/a.h\"\n"), Whats{"engine/base_more/a.h"});
}

TEST(IncludeCheck, RefusesPathsThatAreNotFromTheRoot) {
  EXPECT_EQ(includes_of("engine/wire/a.cpp", "#include \"a.h\"\n#include \"../base/b.h\"\n"),
            (Whats{"a.h", "../base/b.h"}));
}

TEST(IncludeCheck, RefusesAnotherFileOfAFolderOfWhichOneIsAllowed) {
  EXPECT_EQ(includes_of("engine/io/a.h", "#include \"engine/base/time.h\"\n#include \"engine/base/log.h\"\n"),
            Whats{"engine/base/log.h"});
}

TEST(IncludeCheck, RefusesTheSystemsHeadersAndLibrariesElsewhere) {
  const std::string text = "#include <unistd.h>\n#include <sys/socket.h>\n";
  EXPECT_EQ(includes_of("engine/io/a.cpp", text), Whats());
  EXPECT_EQ(includes_of("engine/wire/a.cpp", text), (Whats{"unistd.h", "sys/socket.h"}));
  EXPECT_EQ(includes_of("engine/wire/a.cpp", "#include <boost/asio/post.hpp>\n"), Whats{"boost/asio/post.hpp"});
  EXPECT_EQ(includes_of("engine/wire/a.cpp", "#include <windows.h>\n"), Whats{"windows.h"});
}

TEST(IncludeCheck, RefusesLibrariesThatNobodyKnows) {
  EXPECT_EQ(includes_of("exporters/http/a.cpp", "#include <absl/time.h>\n#include <boost/regex.hpp>\n"),
            (Whats{"absl/time.h", "boost/regex.hpp"}));
}

TEST(IncludeCheck, TheLongestFolderDecides) {
  EXPECT_EQ(includes_of("exporters/http/a.h", "#include <boost/asio/post.hpp>\n"), Whats());
  EXPECT_EQ(includes_of("exporters/a.h", "#include <boost/asio/post.hpp>\n"), Whats{"boost/asio/post.hpp"});
  EXPECT_EQ(includes_of("exporters/http/a.h", "#include \"engine/base/b.h\"\n"), Whats{"engine/base/b.h"});
}

TEST(IncludeCheck, KeepsLibrariesOutOfHeadersWhereTheTableSaysSo) {
  EXPECT_EQ(includes_of("config/a.cpp", "#include <yaml-cpp/yaml.h>\n"), Whats());
  EXPECT_EQ(includes_of("config/a.h", "#include <yaml-cpp/yaml.h>\n"), Whats{"yaml-cpp/yaml.h"});
}

TEST(IncludeCheck, RefusesAFolderThatIsNotListed) {
  EXPECT_EQ(includes_of("engine/more/a.h", ""), Whats{"engine/more/a.h"});
}

TEST(IncludeCheck, CommentsIncludeNothing) {
  EXPECT_EQ(includes_of("engine/base/a.h", "// #include <unistd.h>\n/*\n#include <unistd.h>\n*/\n"), Whats());
}

// ---- sizes ----

std::string repeated(const std::string& line, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += line;
  return text;
}

TEST(FileSize, IsRefusedAboveItsLimit) {
  EXPECT_EQ(whats(check_file_sizes({{"a.h", repeated("\n", 500)}})), Whats());
  EXPECT_EQ(whats(check_file_sizes({{"a.h", repeated("\n", 501)}})), Whats{"file"});
}

Whats functions_of(const std::string& text) { return whats(check_function_sizes({{"a.cpp", text}})); }

TEST(FunctionSize, IsRefusedAboveItsLimit) {
  const std::string head = "namespace a {\n\nint Type::name(int x) const {\n";
  EXPECT_EQ(functions_of(head + repeated("  f();\n", 68) + "}\n\n}\n"), Whats());
  EXPECT_EQ(functions_of(head + repeated("  f();\n", 69) + "}\n\n}\n"), Whats{"Type::name"});
}

TEST(FunctionSize, CountsWhatStandsInClassesAndNotTheClass) {
  const auto member = "  int member() {\n" + repeated("    f();\n", 40) + "  }\n";
  EXPECT_EQ(functions_of("class A : public B {\n" + repeated(member, 3) + "};\n"), Whats());
  EXPECT_EQ(functions_of("struct A {\n  int member() {\n" + repeated("    if (x) { f(); }\n", 80) + "  }\n};\n"),
            Whats{"member"});
}

TEST(FunctionSize, AnAlignedTypeIsNoFunction) {
  EXPECT_EQ(functions_of("struct alignas(64) A {\n" + repeated("  int x;\n", 90) + "};\n"), Whats());
}

TEST(FunctionSize, BracesInLiteralsCommentsAndMacrosCountForNothing) {
  EXPECT_EQ(functions_of("#define A {\nint f() {\n  g(\"{\", '{');  // {\n}\n" + repeated("int x();\n", 90)), Whats());
}

// ---- banned ----

Whats banned_in(const std::string& path, const std::string& text) { return whats(check_banned({{path, text}})); }

TEST(Banned, EachIsRefused) {
  for (const std::string what :
       {"system_clock::now", "gettimeofday(", "time(nullptr)", "sleep(",  "usleep(",  "nanosleep(",
        "sleep_for(",        "sleep_until(",  "rand(",         "srand(",  "_WIN32",   "WIN32",
        "__linux__",         "__APPLE__",     "_WIN64",        "__linux", "__unix__", "_MSC_VER",
        "__MINGW32__",       "__MINGW64__"}) {
    EXPECT_EQ(banned_in("engine/wire/a.cpp", "x = std::" + what + ");\n"), Whats{what});
  }
}

TEST(Banned, ThePlatformIsFreeToReadTheClockAndToKnowItsSystem) {
  EXPECT_EQ(banned_in("engine/platform/linux/a.cpp", "std::chrono::system_clock::now();\n#ifdef __linux__\n"), Whats());
  EXPECT_EQ(banned_in("engine/platform/linux/a.cpp", "usleep(1);\n"), Whats{"usleep("});
}

TEST(Banned, AskingForTheSystemByAConditionIsRefusedOutsideThePlatform) {
  for (const std::string path : {"app/a.cpp", "engine/runtime/a.h", "tests/unit/app/a.cpp", "bench/a.cpp"}) {
    EXPECT_EQ(banned_in(path, "#if defined(_MSC_VER) || 0\n#endif\n"), Whats{"_MSC_VER"}) << path;
    EXPECT_EQ(banned_in(path, "#ifdef SIGHUP\n#endif\n"), Whats{"ifdef SIGHUP"}) << path;
  }
  EXPECT_EQ(banned_in("engine/platform/windows/a.h", "#ifdef _MSC_VER\n#endif\n"), Whats());
}

TEST(Banned, NothingOfTheBrokerIsLetGoOf) {
  for (const std::string what : {"release(", "detach("}) {
    EXPECT_EQ(banned_in("engine/broker/charge.h", "  Registration* " + what + ");\n"), Whats{what});
    EXPECT_EQ(banned_in("engine/runtime/a.cpp", "pointer." + what + ");\n"), Whats());
  }
}

TEST(Banned, OtherWordsAndCommentsAreFree) {
  EXPECT_EQ(banned_in("engine/wire/a.cpp", "operand(1); // rand(\nf(\"rand(\"); strand(x);\n"), Whats());
}

// ---- exceptions ----

const Complaint kComplaint{"banned", "tests/e2e/a.cpp", 3, "sleep(", "waits"};

TEST(Exceptions, ExcuseWhatTheyName) {
  for (const auto* path : {"tests/e2e/a.cpp", "tests/e2e/"}) {
    const auto list = parse_exceptions("# comment\n\nbanned " + std::string(path) + " sleep(: for a reason\n");
    EXPECT_EQ(whats(without_exceptions({kComplaint}, list)), Whats());
  }
}

TEST(Exceptions, ExcuseNothingElse) {
  for (const auto* line : {"banned tests/e2e/b.cpp sleep(: r", "banned tests/e2e/a.cpp usleep(: r",
                           "lines tests/e2e/a.cpp sleep(: r", "banned tests/e sleep(: r"}) {
    EXPECT_EQ(without_exceptions({kComplaint}, parse_exceptions(line)).size(), 2U) << line;  // itself is not needed
  }
}

TEST(Exceptions, NeedAReason) {
  for (const auto* line : {"banned tests/e2e/a.cpp sleep(", "banned tests/e2e/a.cpp sleep(: ", "what"}) {
    EXPECT_EQ(without_exceptions({kComplaint}, parse_exceptions(line)).size(), 2U) << line;
  }
}

TEST(Exceptions, ThatNothingNeedsAreComplaints) {
  const auto left = without_exceptions({}, parse_exceptions("banned tests/e2e/a.cpp sleep(: for a reason\n"));
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(to_string(left[0]), "tests/tidy/exceptions.txt:1: exception sleep(: nothing needs it");
}

}  // namespace
}  // namespace sounder::tidy
