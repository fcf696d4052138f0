// SPDX-License-Identifier: MIT
#include "agent/daemon/notices.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

using namespace std::chrono_literals;

class NoticesTest : public testing::Test {
protected:
    /// What is told when it is like this for so long, looked at every 15 seconds.
    std::vector<std::string> told(const std::vector<Trouble>& troubles,
                                  std::chrono::milliseconds during) {
        std::vector<std::string> messages;
        for (const SteadyTime end = now_ + during; now_ < end; now_ += 15s) {
            notices_.look(troubles, now_);
            for (; const auto message = notices_.next(); notices_.sent())
                messages.push_back(*message);
        }
        return messages;
    }

    SteadyTime now_{1h};
    Notices notices_{"ci.example"};
};

using Messages = std::vector<std::string>;

TEST_F(NoticesTest, ATroubleIsToldOnceAndItsEndOnce) {
    const Trouble held{"held", "2 calls wait."};
    EXPECT_EQ(told({}, 10min), Messages());
    EXPECT_EQ(told({held}, 2min), Messages{"[trouble] runs-agent (ci.example): 2 calls wait."});
    EXPECT_EQ(told({{"held", "3 calls wait."}}, 24h), Messages()) << "it is known";
    EXPECT_EQ(told({}, 2min), Messages{"[recovered] runs-agent (ci.example): 3 calls wait."});
    EXPECT_EQ(told({}, 24h), Messages());
    EXPECT_EQ(told({held}, 2min).size(), 1U) << "it came back";
}

TEST_F(NoticesTest, WhatPassesWithinAMinuteIsNoNews) {
    const Trouble store{"store", "down"};
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(told({store}, 45s), Messages());
        EXPECT_EQ(told({}, 5min), Messages());
    }
    EXPECT_EQ(told({store}, 2min).size(), 1U);
    for (int i = 0; i < 10; ++i) {  // nor is an end that is none
        EXPECT_EQ(told({}, 45s), Messages());
        EXPECT_EQ(told({store}, 5min), Messages());
    }
}

TEST_F(NoticesTest, MoreDeadLettersAreNewsOnceInAWhile) {
    const auto dead = [](std::int64_t count) {
        return std::vector<Trouble>{{"dead", std::to_string(count) + " dead", count}};
    };
    EXPECT_EQ(told(dead(1), 2min).size(), 1U);
    Messages later;
    for (int i = 2; i < 40; ++i)
        for (auto& message : told(dead(i), 30s)) later.push_back(message);
    EXPECT_EQ(later.size(), 1U) << "19 minutes, of which the first ten are quiet";
    EXPECT_EQ(told(dead(20), 2h), Messages()) << "fewer is no news";
}

TEST_F(NoticesTest, WhatCannotBeSentWaitsAndIsBounded) {
    std::vector<Trouble> many;
    many.reserve(50);
    for (int i = 0; i < 50; ++i)
        many.push_back({"t" + std::to_string(100 + i), "number " + std::to_string(i)});
    notices_.look(many, now_);
    notices_.look(many, now_ + 2min);
    const auto first = notices_.next();
    EXPECT_EQ(notices_.next(), first) << "until it was sent";
    int count = 0;
    for (; notices_.next(); notices_.sent()) ++count;
    EXPECT_EQ(count, 20);
}

TEST(Troubles, AreWhatNeedsAPerson) {
    Seen seen;
    seen.now = Time(100h);
    seen.backlog = store::Backlog();
    EXPECT_TRUE(troubles_of(seen).empty());
    seen.backlog->pending = 5;
    seen.backlog->oldest_pending = seen.now - 30min;
    EXPECT_TRUE(troubles_of(seen).empty()) << "it is being tried";
    seen.backlog->oldest_pending = seen.now - 2h;
    seen.backlog->held = 1;
    seen.backlog->held_because = "the key is read-only";
    seen.backlog->dead = 3;
    seen.store = fail(Errc::store, "disk full");
    seen.reload_succeeded = false;
    std::string all;
    for (const Trouble& trouble : troubles_of(seen)) all += trouble.text + "\n";
    for (const char* const part : {"disk full", "1 call waits", "the key is read-only",
                                   "3 calls were given up", "pending for 2 h", "config check"})
        EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
}

TEST(NoticeRequest, StrangersWordsAreNoMentionAndNoSecondLine) {
    const auto request = notice_request("https://hooks.test/x", "<!channel> & \"a\"\n\u202e");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.headers.find("Content-Type"), "application/json");
    EXPECT_TRUE(request.body.starts_with(R"({"text":"&lt;!channel&gt; &amp; \"a\")"))
        << request.body;
    EXPECT_EQ(request.body.find("\u202e"), std::string::npos);
    EXPECT_EQ(request.body.find("\\n"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
