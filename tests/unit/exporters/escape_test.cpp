#include "exporters/text/escape.h"

#include <gtest/gtest.h>

namespace sounder::exporters::text {
namespace {

std::string label_value(std::string_view value) {
  TextBuffer out(1);
  append_label_value(out, value);
  return std::string(out.view());
}

TEST(LabelValue, EscapesWhatTheFormatNames) {
  EXPECT_EQ(label_value("plain.example:80/x y"), "plain.example:80/x y");
  EXPECT_EQ(label_value("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
  EXPECT_EQ(label_value(""), "");
}

TEST(LabelValue, KeepsUtf8) {
  EXPECT_EQ(label_value("Z\u00fcrich \u20ac \U0001F600"), "Z\u00fcrich \u20ac \U0001F600");
}

TEST(ValidUtf8, ReplacesMaximalInvalidParts) {
  const std::string bad = "\uFFFD";
  EXPECT_EQ(valid_utf8("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(valid_utf8("\xE2\x82"), bad);                             // cut short
  EXPECT_EQ(valid_utf8("\xE2\x82z"), bad + "z");                      // interrupted
  EXPECT_EQ(valid_utf8("\xC0\xAF"), bad + bad);                       // overlong slash
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), bad + bad + bad);             // surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);   // beyond U+10FFFF
  EXPECT_EQ(valid_utf8("\xF0\x9F\x98\x80\x80"), "\U0001F600" + bad);  // one continuation too many
}

TEST(HtmlText, EscapesMarkupAndQuotes) {
  EXPECT_EQ(html_text("<b a='x' c=\"y\">&\xFF"), "&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;\uFFFD");
}

}  // namespace
}  // namespace sounder::exporters::text
