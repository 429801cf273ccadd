/// A YAML (or JSON) file as a tree that knows where each of its values stands.
///
/// It is built from the parser's events and not from its nodes: those keep no position of a key, drop one of two equal
/// keys, and cost ten times the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/diagnostics.h"

namespace sounder::config {

enum class NodeKind : std::uint8_t { kNull, kScalar, kList, kMap };

class Document;

/// One value; valid as long as its document, cheap to copy.
class Node {
 public:
  Node(const Document& document, std::uint32_t index) : document_(&document), index_(index) {}

  [[nodiscard]] NodeKind kind() const;
  [[nodiscard]] Position position() const;
  /// Of a scalar, without quotes; empty for all others.
  [[nodiscard]] std::string_view text() const;
  /// Items of a list, entries of a map, 0 for all others.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Node item(std::size_t index) const;
  [[nodiscard]] Node key(std::size_t index) const;
  [[nodiscard]] Node value(std::size_t index) const;

 private:
  const Document* document_;
  std::uint32_t index_;
};

/// "a list", "a map", "nothing" or "text", for messages.
[[nodiscard]] std::string_view kind_name(NodeKind kind);

class Document {
 public:
  /// What stops the reading of a file as a whole.
  struct SyntaxError {
    Position position;
    std::string what;
  };

  /// Reads one document of UTF-8. Refuses what is too deep or too much (limits.h) and tags such as `!include`. An alias
  /// is the same value again. Never throws.
  [[nodiscard]] static tl::expected<Document, SyntaxError> parse(const std::string& text, std::uint32_t file);

  /// An empty file has the root kNull.
  [[nodiscard]] Node root() const { return {*this, root_}; }

 private:
  friend class Node;
  friend class DocumentBuilder;

  struct Record {
    NodeKind kind = NodeKind::kNull;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t first = 0;   ///< of text_ for scalars, of links_ for lists and maps
    std::uint32_t length = 0;  ///< bytes of text, or links: a map has two for each entry
    std::uint32_t weight = 1;  ///< values in it and below, what aliases repeat counted again
  };

  std::uint32_t file_ = 0;
  std::uint32_t root_ = 0;
  std::string text_;
  std::vector<Record> records_;
  std::vector<std::uint32_t> links_;
};

}  // namespace sounder::config
