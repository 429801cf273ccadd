#include "engine/platform/windows/text.h"

#include <gtest/gtest.h>

namespace sounder::platform {

namespace {

TEST(Text, ComesBackAsItWent) {
  // One, two, three and four bytes in UTF-8; the last is a surrogate pair in UTF-16.
  const std::string text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xad";
  const std::wstring wide = to_utf16(text);
  EXPECT_EQ(wide, std::wstring(L"a\u00fc\u20ac\U0001f42d"));
  EXPECT_EQ(wide.size(), 5U);
  EXPECT_EQ(to_utf8(wide), text);
}

TEST(Text, OfNothingIsEmpty) {
  EXPECT_TRUE(to_utf16("").empty());
  EXPECT_TRUE(to_utf8(L"").empty());
}

TEST(Text, MarksWhatIsNotText) {
  EXPECT_EQ(to_utf16("a\xff"), std::wstring(L"a\ufffd"));
  EXPECT_EQ(to_utf8(std::wstring(1, static_cast<wchar_t>(0xd83d))), "\xef\xbf\xbd");
}

}  // namespace

}  // namespace sounder::platform
