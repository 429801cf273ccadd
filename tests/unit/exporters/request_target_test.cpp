#include "exporters/http/request_target.h"

#include <gtest/gtest.h>

namespace sounder::exporters::http {
namespace {

TEST(RequestTarget, IsSplitAtTheQuestionMark) {
  EXPECT_EQ(split_target("/a/b?c=d?e").path, "/a/b");
  EXPECT_EQ(split_target("/a/b?c=d?e").query, "c=d?e");
  EXPECT_EQ(split_target("/a").query, "");
}

TEST(RequestTarget, AbsoluteFormNamesThePathAfterTheAuthority) {
  EXPECT_EQ(split_target("http://host:1/metrics?x").path, "/metrics");
  EXPECT_EQ(split_target("http://host:1/metrics?x").query, "x");
  EXPECT_EQ(split_target("https://host").path, "/");
  EXPECT_EQ(split_target("http://host?x=1").path, "/");
  EXPECT_EQ(split_target("http://host?x=1").query, "x=1");
}

TEST(RequestTarget, OtherFormsAreNoPathOfOurs) {
  EXPECT_EQ(split_target("*").path, "*");
  EXPECT_EQ(split_target("host:80").path, "host:80");
  EXPECT_EQ(split_target("//metrics").path, "//metrics");
}

TEST(PageQuery, HasDefaultsAndTakesBothParameters) {
  std::string error;
  EXPECT_EQ(parse_page_query("", error), (PageQuery{kDefaultTargetsPerPage, 0}));
  EXPECT_EQ(parse_page_query("limit=7&offset=12", error), (PageQuery{7, 12}));
  EXPECT_EQ(parse_page_query("offset=0&limit=10000", error), (PageQuery{10'000, 0}));
  EXPECT_EQ(error, "");
}

TEST(PageQuery, RefusesEverythingElseWithWhatIsAllowed) {
  for (const char* query :
       {"limit=0", "limit=10001", "limit=-1", "limit=", "limit", "limit=1x", "limit=+1", "limit= 1",
        "offset=99999999999999999999", "offset=%31", "limit=1&limit=2", "page=1", "&", "limit=1&&"}) {
    std::string error;
    EXPECT_FALSE(parse_page_query(query, error)) << query;
    EXPECT_NE(error.find("limit (1 to 10000, default 100)"), std::string::npos) << query;
  }
}

}  // namespace
}  // namespace sounder::exporters::http
