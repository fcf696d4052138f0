// SPDX-License-Identifier: MIT
#include "runs_server/http/fair_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace runs_agent::runs_server {
namespace {

using Queue = FairQueue<std::string>;

Queue::Entry entry(std::string work, std::string peer, std::uint64_t rank = 0,
                   std::uint64_t bytes = 1) {
    Queue::Entry made;
    made.work = std::move(work);
    made.peer = std::move(peer);
    made.rank = rank;
    made.bytes = bytes;
    return made;
}

/// Who made way for it.
std::string pushed(Queue& queue, Queue::Entry made) {
    std::string names;
    for (const auto& victim : queue.push(std::move(made))) names += victim.work;
    return names;
}

/// Takes `count`, each for good.
std::string taken(Queue& queue, int count) {
    std::string names;
    for (int i = 0; i < count; ++i) {
        const auto next = queue.take();
        names += next.work;
        queue.done(next);
    }
    return names;
}

TEST(FairQueue, WhatHasCostLittleComesFirst) {
    Queue queue(100, 1000);
    for (const auto& [work, rank] : {std::pair("c", 3U), std::pair("a", 0U), std::pair("b", 1U)})
        EXPECT_EQ(pushed(queue, entry(work, "p", rank)), "");
    EXPECT_EQ(taken(queue, 3), "abc");
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.size(), 0U);
}

TEST(FairQueue, PeersTakeTurns) {
    Queue queue(100, 1000);
    for (const char* const work : {"1", "2", "3", "4"})
        EXPECT_EQ(pushed(queue, entry(work, "many")), "");
    EXPECT_EQ(pushed(queue, entry("x", "one")), "");
    EXPECT_EQ(pushed(queue, entry("y", "other")), "");
    EXPECT_EQ(taken(queue, 3), "1xy");
}

TEST(FairQueue, NobodyWaitsForEver) {
    Queue queue(100, 1000);
    EXPECT_EQ(pushed(queue, entry("old", "p", 9)), "");
    int turns = 0;
    for (std::string next; next != "old"; ++turns) {
        ASSERT_LT(turns, 10);
        EXPECT_EQ(pushed(queue, entry("new", "p")), "");
        const auto one = queue.take();
        next = one.work;
        queue.done(one);
    }
    EXPECT_EQ(turns, 4);
}

TEST(FairQueue, WhoHasMostMakesWay) {
    Queue queue(3, 1000);
    EXPECT_EQ(pushed(queue, entry("1", "many")), "");
    EXPECT_EQ(pushed(queue, entry("2", "many")), "");
    EXPECT_EQ(pushed(queue, entry("3", "many")), "");
    EXPECT_EQ(pushed(queue, entry("4", "many")), "4");
    EXPECT_EQ(pushed(queue, entry("x", "one")), "3");
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(pushed(queue, entry("y", "one")), "y");
}

TEST(FairQueue, OfOnePeerWhatIsUnlikelyMakesWay) {
    Queue queue(3, 1000);
    for (const auto& [work, rank] : {std::pair("a", 2U), std::pair("bomb", 9U), std::pair("c", 3U)})
        EXPECT_EQ(pushed(queue, entry(work, "proxy", rank)), "");
    EXPECT_EQ(pushed(queue, entry("new", "proxy")), "bomb");
}

TEST(FairQueue, WhatIsBeingWorkedOnKeepsItsPlace) {
    Queue queue(2, 1000);
    EXPECT_EQ(pushed(queue, entry("a", "p")), "");
    auto working = queue.take();
    EXPECT_EQ(pushed(queue, entry("b", "q")), "");
    EXPECT_EQ(pushed(queue, entry("c", "r")), "c");
    queue.put_back(std::move(working));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(taken(queue, 2).size(), 2U);
}

TEST(FairQueue, BytesAreBoundedToo) {
    Queue queue(100, 10);
    EXPECT_EQ(pushed(queue, entry("large", "p", 0, 50)), "") << "one alone may be of any size";
    EXPECT_EQ(pushed(queue, entry("small", "q", 0, 1)), "large");
    EXPECT_EQ(pushed(queue, entry("next", "q", 0, 9)), "");
    EXPECT_EQ(pushed(queue, entry("more", "r", 0, 1)), "next");
}

}  // namespace
}  // namespace runs_agent::runs_server
