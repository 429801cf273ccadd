#include "config/yaml_document.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "config/limits.h"
#include "config/text.h"
#include "engine/base/check.h"

namespace sounder::config {

namespace {

/// Valid YAML that we don't take. It leaves the parser the way the parser's own exceptions do.
class Refused final : public YAML::ParserException {
 public:
  using ParserException::ParserException;
};

}  // namespace

/// Turns the parser's events into records. Throws Refused, which parse() catches.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  explicit DocumentBuilder(Document& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ != 0) throw Refused(mark, "a second document begins; a file has one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(add(NodeKind::kNull, mark), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused(mark, "the alias is within what it stands for");
    link(found->second, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    const auto index = add(NodeKind::kScalar, mark);
    auto& record = document_.records_[index];
    record.first = static_cast<std::uint32_t>(document_.text_.size());
    record.length = static_cast<std::uint32_t>(value.size());
    document_.text_ += value;
    finish(index, anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(NodeKind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(NodeKind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::uint32_t index = 0;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::vector<std::uint32_t> children;
    std::size_t weight = 1;
  };

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const bool core = tag.empty() || tag == "?" || tag == "!" || tag.rfind("tag:yaml.org,2002:", 0) == 0;
    if (!core) throw Refused(mark, "the tag " + shown(tag) + " has no meaning here");
  }

  std::uint32_t add(NodeKind kind, const YAML::Mark& mark) {
    const auto line = static_cast<std::uint32_t>(mark.line + 1);
    const auto column = static_cast<std::uint32_t>(mark.column + 1);
    document_.records_.push_back({kind, line, column, 0, 0, 1});
    return static_cast<std::uint32_t>(document_.records_.size() - 1);
  }

  /// Puts a whole value into what is open around it.
  void link(std::uint32_t index, const YAML::Mark& mark) {
    if (open_.empty()) {
      document_.root_ = index;
      return;
    }
    open_.back().children.push_back(index);
    open_.back().weight += document_.records_[index].weight;
    if (open_.back().weight > kMaxNodes) {
      throw Refused(mark, fmt::format("there are more than {} values, aliases counted, in one file", kMaxNodes));
    }
  }

  void finish(std::uint32_t index, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != 0) anchors_[anchor] = index;
    link(index, mark);
  }

  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (open_.size() == kMaxDepth) {
      throw Refused(mark, fmt::format("lists and maps nest more than {} deep", kMaxDepth));
    }
    open_.push_back({add(kind, mark), anchor, mark, {}, 1});
  }

  void close() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    auto& record = document_.records_[done.index];
    record.first = static_cast<std::uint32_t>(document_.links_.size());
    record.length = static_cast<std::uint32_t>(done.children.size());
    record.weight = static_cast<std::uint32_t>(done.weight);
    document_.links_.insert(document_.links_.end(), done.children.begin(), done.children.end());
    finish(done.index, done.anchor, done.mark);
  }

  Document& document_;
  std::size_t documents_ = 0;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, std::uint32_t> anchors_;
};

namespace {

Position to_position(const YAML::Mark& mark, std::uint32_t file) {
  return {file, static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

Position position_of(std::string_view text, std::size_t offset, std::uint32_t file) {
  const auto before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0, the first line
  return {file, static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(offset - line_start + 1)};
}

}  // namespace

tl::expected<Document, Document::SyntaxError> Document::parse(const std::string& text, std::uint32_t file) {
  if (const auto bad = find_bad_utf8(text)) {
    return tl::unexpected<SyntaxError>({position_of(text, *bad, file), "the file is not UTF-8; a byte here is not"});
  }
  Document document;
  document.file_ = file;
  DocumentBuilder builder(document);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return tl::unexpected<SyntaxError>({to_position(refused.mark, file), refused.msg});
  } catch (const YAML::Exception& exception) {
    return tl::unexpected<SyntaxError>({to_position(exception.mark, file), "not valid YAML: " + exception.msg});
  } catch (const std::exception& exception) {
    return tl::unexpected<SyntaxError>({{file, 0, 0}, fmt::format("not valid YAML: {}", exception.what())});
  }
  if (document.records_.empty()) document.records_.push_back({NodeKind::kNull, 1, 1, 0, 0, 1});
  return document;
}

std::string_view kind_name(NodeKind kind) {
  switch (kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kScalar:
      return "text";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMap:
      return "a map";
  }
  return "";
}

NodeKind Node::kind() const { return document_->records_[index_].kind; }

Position Node::position() const {
  const auto& record = document_->records_[index_];
  return {document_->file_, record.line, record.column};
}

std::string_view Node::text() const {
  if (kind() != NodeKind::kScalar) return {};
  const auto& record = document_->records_[index_];
  return std::string_view(document_->text_).substr(record.first, record.length);
}

std::size_t Node::size() const {
  const auto& record = document_->records_[index_];
  if (record.kind == NodeKind::kList) return record.length;
  return record.kind == NodeKind::kMap ? record.length / 2 : 0;
}

Node Node::item(std::size_t index) const {
  SOUNDER_CHECK(kind() == NodeKind::kList && index < size());
  return {*document_, document_->links_[document_->records_[index_].first + index]};
}

Node Node::key(std::size_t index) const {
  SOUNDER_CHECK(kind() == NodeKind::kMap && index < size());
  return {*document_, document_->links_[document_->records_[index_].first + 2 * index]};
}

Node Node::value(std::size_t index) const {
  SOUNDER_CHECK(kind() == NodeKind::kMap && index < size());
  return {*document_, document_->links_[document_->records_[index_].first + 2 * index + 1]};
}

}  // namespace sounder::config
