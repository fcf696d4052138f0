// SPDX-License-Identifier: MIT
#include "runs_api/pages.hpp"

#include "runs_api/document.hpp"

#include <gtest/gtest.h>

namespace runs_agent::runs_api {
namespace {

Document page(const std::string& cursor, bool more) {
    const std::string item =
        cursor.empty() ? R"({"runId":"r"})" : R"({"cursor":")" + cursor + R"("})";
    auto read = read_document(R"({"has_more":)" + std::string(more ? "true" : "false") +
                              R"(,"data":[{"cursor":"first"},)" + item + "]}");
    return std::move(**read);
}

TEST(Pages, FollowTheLastCursorToTheEnd) {
    Pages pages(50);
    EXPECT_EQ(pages.next(), "");
    EXPECT_TRUE(pages.take(page("a", true)));
    EXPECT_EQ(pages.next(), "a");
    EXPECT_TRUE(pages.take(page("b", true)));
    EXPECT_EQ(pages.next(), "b");
    EXPECT_FALSE(pages.take(page("c", false)));
    EXPECT_EQ(pages.cut_short(), "");
}

TEST(Pages, AnEndThatWasNotSeenIsNone) {
    Pages again(50);
    EXPECT_TRUE(again.take(page("a", true)));
    EXPECT_FALSE(again.take(page("a", true)));
    EXPECT_NE(again.cut_short().find("again and again"), std::string::npos);

    Pages in_a_circle(50);
    EXPECT_TRUE(in_a_circle.take(page("a", true)));
    EXPECT_TRUE(in_a_circle.take(page("b", true)));
    EXPECT_FALSE(in_a_circle.take(page("a", true)));
    EXPECT_NE(in_a_circle.cut_short(), "");

    Pages nowhere(50);
    EXPECT_FALSE(nowhere.take(page("", true)));
    EXPECT_NE(nowhere.cut_short().find("not where"), std::string::npos);

    Pages two(2);
    EXPECT_TRUE(two.take(page("a", true)));
    EXPECT_FALSE(two.take(page("b", true)));
    EXPECT_NE(two.cut_short().find("more than are read"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_api
