// SPDX-License-Identifier: MIT
#include "github/page_memory.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

PageMemory::Entry entry(std::string url, std::string body, std::string etag = "e") {
    return {std::move(url), std::move(etag),
            std::make_shared<const Page>(Page{std::move(body), ""})};
}

std::string body_of(PageMemory& memory, const std::string& url) {
    const auto* const found = memory.find(url);
    return found == nullptr ? "none" : found->page->body;
}

TEST(PageMemory, KeepsTheLastAnswerOfAUrl) {
    PageMemory memory;
    EXPECT_EQ(memory.find("/a"), nullptr);
    memory.keep(entry("/a", "one", "1"));
    memory.keep(entry("/a", "two", "2"));
    EXPECT_EQ(body_of(memory, "/a"), "two");
    EXPECT_EQ(memory.find("/a")->etag, "2");
    EXPECT_EQ(memory.pages(), 1U);
    EXPECT_EQ(memory.bytes(), 2U + 2 + 1 + 3);
}

TEST(PageMemory, ForgetsWhatWasUsedTheLongestAgo) {
    PageMemory memory(2);
    memory.keep(entry("/a", "a"));
    memory.keep(entry("/b", "b"));
    EXPECT_EQ(body_of(memory, "/a"), "a");
    memory.keep(entry("/c", "c"));
    EXPECT_EQ(body_of(memory, "/b"), "none");
    EXPECT_EQ(body_of(memory, "/a"), "a");
    EXPECT_EQ(body_of(memory, "/c"), "c");
}

TEST(PageMemory, HasABoundOnBytes) {
    PageMemory memory(100, 1000);
    for (int i = 0; i < 50; ++i) {
        memory.keep(entry("/" + std::to_string(i), std::string(300, 'x')));
        EXPECT_LE(memory.bytes(), 1000U);
    }
    EXPECT_EQ(memory.pages(), 3U);
    EXPECT_NE(body_of(memory, "/49"), "none");
    // What is too large for all of it leaves the rest alone, but no old answer of its own.
    memory.keep(entry("/49", std::string(2000, 'x')));
    EXPECT_EQ(memory.pages(), 2U);
    EXPECT_EQ(body_of(memory, "/49"), "none");
    EXPECT_EQ(body_of(memory, "/48").size(), 300U);
}

TEST(PageMemory, AnswersOutliveTheirPlace) {
    PageMemory memory(1);
    memory.keep(entry("/a", "a"));
    const auto page = memory.find("/a")->page;
    memory.keep(entry("/b", "b"));
    EXPECT_EQ(page->body, "a");
}

}  // namespace
}  // namespace runs_agent::github
