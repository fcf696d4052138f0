// SPDX-License-Identifier: MIT
// Which hook is asked when, and what for: of those that answer, that do not, and that object.
#include "runs_server/notifying/outbox.hpp"

#include "tests/runs_server/notifying/notifier_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

TEST_F(NotifierTest, EachHooksFirstComesBeforeAnyHooksSecond) {
    for (int i = 0; i < 40; ++i) put("h1", "r" + std::to_string(i), "RUN_START");
    clock_.advance(1s);
    put("h2", "r1", "RUN_START");
    sqlite::Database database(file_);
    const Time now = clock_.now();
    Ids ids;
    for (const OutgoingHook& hook : due_hooks(database, now, now + 2h, 4, 3))
        ids.push_back(hook.id);
    EXPECT_EQ(ids, (Ids{"h1 r0 RUN_START", "h2 r1 RUN_START", "h1 r1 RUN_START"}));
}

TEST_F(NotifierTest, AHookThatIsDownIsAskedOneThingAtATimeUntilItAnswers) {
    for (int i = 0; i < 40; ++i) {
        const std::string run = "r" + std::to_string(i);
        put("h1", run, "RUN_START");
        answers_.emplace("h1 " + run + " RUN_START", fail(Errc::timeout, "no answer"));
    }
    start();
    std::chrono::milliseconds pause = 5s;
    std::size_t tries = 4;
    for (int round = 0; round < 6; ++round) {
        ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == tries && asleep(); }));
        clock_.advance(pause - 1ms);
        notifier_->wake();
        ASSERT_TRUE(run_until([&] { return asleep(); }));
        EXPECT_EQ(http_.requests.size(), tries);
        clock_.advance(1ms);
        notifier_->wake();
        pause *= 2;
        ++tries;
    }
    ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == tries && asleep(); }));
    answers_.clear();
    clock_.advance(pause);
    notifier_->wake();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, WhatAHookDoesNotWantKeepsNothingElseFromIt) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    answers_.emplace("h1 r1 RUN_START", answer(422));
    start();
    ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == 1 && asleep(); }));
    put("h1", "r2", "RUN_START");
    notifier_->wake();
    ASSERT_TRUE(run_until([&] { return told("hooks.delivered") == 1 && asleep(); }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h1 r2 RUN_START"}));
}

TEST_F(NotifierTest, WhatAHookThatIsDownNeverTookIsGivenUpWithoutATryOfEach) {
    for (int i = 0; i < 700; ++i) put("h1", "r" + std::to_string(i), "RUN_START");
    http_.delay = [&]() -> boost::asio::awaitable<void> {
        answers_.insert_or_assign(tried().back(), answer(503));
        co_return;
    };
    start();
    ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == 4 && asleep(); }));
    clock_.advance(72h);
    put("h1", "new", "RUN_START");
    notifier_->wake();
    ASSERT_TRUE(run_until([&] { return waiting() == 1; }));
    EXPECT_EQ(http_.requests.size(), 5U);
}

TEST_F(NotifierTest, WhatHasWaitedWhileNobodySentIsTriedBeforeItIsGivenUp) {
    put("h1", "r1", "RUN_START");
    clock_.advance(96h);
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    EXPECT_EQ(tried(), Ids{"h1 r1 RUN_START"});
}

}  // namespace
}  // namespace runs_agent::runs_server
