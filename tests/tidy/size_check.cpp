#include "tests/tidy/size_check.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace sounder::tidy {

namespace {

/// Preprocessor lines are no part of a declaration, and their braces need not match.
std::string without_directives(std::string code) {
  bool continued = false;
  for (std::size_t begin = 0; begin < code.size();) {
    const auto end = std::min(code.find('\n', begin), code.size());
    const auto line = std::string_view(code).substr(begin, end - begin);
    const auto first = line.find_first_not_of(' ');
    const bool directive = continued || (first != std::string_view::npos && line[first] == '#');
    continued = directive && line.ends_with('\\');
    if (directive) std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, ' ');
    begin = end + 1;
  }
  return code;
}

/// A namespace, a type, or braces around values. The parentheses of `struct alignas(64) A` are none of a function.
bool opens_scope(std::string_view head) {
  const auto words = words_of(head);
  if (std::find(words.begin(), words.end(), "namespace") != words.end()) return true;
  const auto aligned = head.find("alignas(");
  if (aligned != std::string_view::npos) head.remove_prefix(head.find(')', aligned) + 1);
  return head.find('(') == std::string_view::npos;
}

/// The word before the first parenthesis.
std::string name_of(std::string_view head) {
  auto name = head.substr(0, head.find('('));
  name = name.substr(0, name.find_last_not_of(" \n") + 1);
  return std::string(name.substr(name.find_last_of(" \n*&") + 1));
}

struct Function {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Function> functions_in(std::string_view code) {
  std::vector<Function> functions;
  std::size_t depth = 0;
  std::size_t function_depth = 0;  // of the function that we are in; 0: none
  std::size_t head = 0;            // where the text before the next brace begins
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '{') {
      ++depth;
      const auto text = code.substr(head, i - head);
      if (function_depth == 0 && !opens_scope(text)) {
        function_depth = depth;
        functions.push_back({name_of(text), i, code.size()});
      }
    }
    if (code[i] == '}') {
      if (depth == function_depth && function_depth != 0) {
        functions.back().end = i;
        function_depth = 0;
      }
      if (depth > 0) --depth;
    }
    if (code[i] == '{' || code[i] == '}' || code[i] == ';') head = i + 1;
  }
  return functions;
}

}  // namespace

std::vector<Complaint> check_file_sizes(const std::vector<SourceFile>& sources) {
  std::vector<Complaint> complaints;
  for (const auto& source : sources) {
    const auto lines = lines_of(source.text).size();
    if (lines <= kMaxFileLines) continue;
    complaints.push_back(
        {"lines", source.path, lines, "file", fmt::format("{} lines, at most {} are allowed", lines, kMaxFileLines)});
  }
  return complaints;
}

std::vector<Complaint> check_function_sizes(const std::vector<SourceFile>& sources) {
  std::vector<Complaint> complaints;
  for (const auto& source : sources) {
    const auto code = without_directives(code_only(source.text));
    for (const auto& function : functions_in(code)) {
      const auto begin = line_of(code, function.begin);
      const auto lines = line_of(code, function.end) - begin + 1;
      if (lines <= kMaxFunctionLines) continue;
      complaints.push_back({"function", source.path, begin, function.name,
                            fmt::format("{} lines, at most {} are allowed", lines, kMaxFunctionLines)});
    }
  }
  return complaints;
}

}  // namespace sounder::tidy
