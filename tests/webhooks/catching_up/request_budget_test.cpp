// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/request_budget.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

const Subject shop{"octo/shop", "octo/shop"};
const Subject blog{"octo/blog", "octo/blog"};
const Subject docs{"octo/docs", "octo/docs"};

class RequestBudgetTest : public testing::Test {
protected:
    /// All that an owner has is asked for with one token.
    static std::string token_of(const std::string& owner) {
        return owner.substr(0, owner.find('/'));
    }
    int ask_until_refused(const std::string& owner) {
        int asked = 0;
        while (budget_.may_ask(owner)) ++asked;
        return asked;
    }

    bool stopping_ = false;
    RequestBudget budget_{&token_of, stopping_};
};

TEST_F(RequestBudgetTest, EachTokenHasItsNumberOfRequests) {
    EXPECT_EQ(ask_until_refused("octo/shop"), RequestBudget::max_requests);
    EXPECT_TRUE(budget_.cut_short());
    EXPECT_FALSE(budget_.is_open("octo/blog")) << "it shares the token";
    EXPECT_TRUE(budget_.is_open("another/shop"));
    EXPECT_TRUE(budget_.may_finish("octo/shop")) << "what is begun may be one request too many";
}

TEST_F(RequestBudgetTest, APartLeavesTheNextItsRequests) {
    budget_.begin_part(10);
    EXPECT_EQ(ask_until_refused("octo/shop"), 10);
    budget_.begin_part(25);
    EXPECT_EQ(ask_until_refused("octo/shop"), 15);
}

TEST_F(RequestBudgetTest, ALimitClosesItsTokenAloneAndSaysWhenToComeAgain) {
    EXPECT_TRUE(budget_.is_open("octo/shop"));
    EXPECT_FALSE(budget_.note(Verdict::limited, shop, 90s));
    EXPECT_FALSE(budget_.may_ask("octo/blog"));
    EXPECT_FALSE(budget_.may_finish("octo/shop"));
    EXPECT_EQ(budget_.pause(), 90s) << "there is nobody else to ask";
    EXPECT_TRUE(budget_.may_ask("another/shop"));
    EXPECT_EQ(budget_.pause(), 5min);
}

TEST_F(RequestBudgetTest, APauseIsNeitherNoneNorForEver) {
    EXPECT_EQ(budget_.pause(), 5min);
    budget_.note(Verdict::limited, shop, 0s);
    EXPECT_EQ(budget_.pause(), 1s);
    budget_.note(Verdict::limited, shop, 48h);
    EXPECT_EQ(budget_.pause(), 1h);
    budget_.note(Verdict::limited, shop, std::nullopt);
    EXPECT_EQ(budget_.pause(), 5min);
}

TEST_F(RequestBudgetTest, ATokenThatIsNotTakenIsUsedNoMore) {
    EXPECT_FALSE(budget_.note(Verdict::unauthorized, shop, std::nullopt));
    EXPECT_FALSE(budget_.may_ask("octo/shop"));
    EXPECT_EQ(budget_.pause(), 5min) << "no limit says when it will be taken";
}

TEST_F(RequestBudgetTest, ThreeInARowThatDoNotAnswerEndThePart) {
    EXPECT_FALSE(budget_.note(Verdict::failed, shop, std::nullopt));
    EXPECT_FALSE(budget_.note(Verdict::failed, shop, std::nullopt)) << "the same counts once";
    EXPECT_FALSE(budget_.note(Verdict::failed, blog, std::nullopt));
    EXPECT_FALSE(budget_.over());
    EXPECT_TRUE(budget_.note(Verdict::fine, shop, std::nullopt)) << "one answers: begin anew";
    budget_.note(Verdict::failed, shop, std::nullopt);
    budget_.note(Verdict::failed, blog, std::nullopt);
    EXPECT_FALSE(budget_.over());
    EXPECT_FALSE(budget_.cut_short());
    budget_.note(Verdict::failed, docs, std::nullopt);
    EXPECT_TRUE(budget_.over());
    EXPECT_TRUE(budget_.cut_short());
    EXPECT_FALSE(budget_.may_ask("another/shop"));
    budget_.begin_part(10);
    EXPECT_TRUE(budget_.may_ask("another/shop"));
}

TEST_F(RequestBudgetTest, WhoCannotBeReachedIsLeftAlone) {
    EXPECT_FALSE(budget_.note(Verdict::unreachable, shop, std::nullopt));
    EXPECT_FALSE(budget_.may_ask_of("octo/shop"));
    EXPECT_TRUE(budget_.cut_short());
    EXPECT_FALSE(budget_.may_finish("octo/shop"));
    EXPECT_TRUE(budget_.may_ask_of("octo/blog"));
    EXPECT_TRUE(budget_.may_ask("octo/shop")) << "its hook's log is another matter";
}

TEST_F(RequestBudgetTest, WhatMayNotBeSeenIsNoFailure) {
    for (const Verdict verdict : {Verdict::not_permitted, Verdict::absent, Verdict::useless})
        EXPECT_TRUE(budget_.note(verdict, shop, std::nullopt));
    EXPECT_TRUE(budget_.may_ask_of("octo/shop"));
    EXPECT_FALSE(budget_.cut_short());
}

TEST_F(RequestBudgetTest, NothingIsAskedWhileTheDaemonStops) {
    EXPECT_TRUE(budget_.may_ask("octo/shop"));
    stopping_ = true;
    EXPECT_TRUE(budget_.over());
    EXPECT_FALSE(budget_.may_ask("octo/shop"));
    EXPECT_FALSE(budget_.may_finish("octo/shop"));
}

}  // namespace
}  // namespace runs_agent::webhooks
