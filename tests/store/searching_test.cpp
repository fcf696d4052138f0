// SPDX-License-Identifier: MIT
// Looking for deliveries by what people know of them.
#include "tests/store/store_fixture.hpp"

#include <algorithm>

namespace runs_agent::store {
namespace {

class StoreSearch : public StoreTest {
protected:
    NewDelivery of(const std::string& guid, const std::string& repository,
                   const std::string& branch, std::int64_t run_id = 1001) {
        NewDelivery made = delivery(guid, run_id);
        made.repository = repository;
        run_in(made).repository = repository;
        run_in(made).head_branch = branch;
        run_in(made).workflow_name = "e2e";
        run_in(made).workflow_path = ".github/workflows/tests.yml";
        run_in(made).triggering_actor = "Ada";
        run_in(made).actor = "bob";
        return made;
    }
    std::vector<std::string> found(const DeliverySearch& search) {
        const auto page = tests::run(store_->search(search));
        EXPECT_TRUE(page.has_value()) << page.error().message;
        std::vector<std::string> guids;
        if (page.has_value())
            for (const DeliveryRow& row : page->rows) guids.push_back(row.guid);
        return guids;
    }
    using Guids = std::vector<std::string>;
};

TEST_F(StoreSearch, NamesArePatternsWhoseCaseDoesNotCount) {
    accept(of("a", "octo/shop", "main"));
    accept(of("b", "octo/shop_x", "feature/100%"));
    accept(of("c", "other/shop", "Main"));
    DeliverySearch search;
    EXPECT_EQ(found(search), (Guids{"c", "b", "a"}));
    search.repository = "Octo/*";
    EXPECT_EQ(found(search), (Guids{"b", "a"}));
    search.repository = "octo/shop";
    EXPECT_EQ(found(search), (Guids{"a"}));
    // What LIKE has for patterns is meant literally.
    search.repository = "octo/shop_";
    EXPECT_EQ(found(search), Guids());
    search.repository = "octo/shop?x";
    EXPECT_EQ(found(search), (Guids{"b"}));
    search = {};
    search.branch = "*0%";
    EXPECT_EQ(found(search), (Guids{"b"}));
    search.branch = "MAIN";
    EXPECT_EQ(found(search), (Guids{"c", "a"}));
    search = {};
    search.workflow = "*/tests.yml";
    search.actor = "ada";
    EXPECT_EQ(found(search), (Guids{"c", "b", "a"}));
    search.actor = "bob";  // who re-ran it counts
    EXPECT_EQ(found(search), Guids());
}

TEST_F(StoreSearch, AJobIsFoundByWhatItsRunIsFoundBy) {
    decide::WorkflowJob job;
    job.action = "completed";
    job.run = {"github.com", 1001};
    job.job_id = 5;
    job.name = "tests (3)";
    job.repository = "octo/shop";
    job.workflow_name = "End to end";
    job.head_branch = "feature/login";
    job.sender = "Ada";
    NewDelivery made = delivery("j");
    made.event = "workflow_job";
    made.repository = "octo/shop";
    made.facts = job;
    accept(made);
    job.job_id = 6;
    job.workflow_name = job.head_branch = job.sender = "";  // as a server may tell it
    made.guid = "bare";
    made.facts = job;
    accept(made);
    const auto with = [this](std::string DeliverySearch::* field, const char* value) {
        DeliverySearch search;
        search.*field = value;
        return found(search);
    };
    EXPECT_EQ(with(&DeliverySearch::branch, "feature/*"), (Guids{"j"}));
    EXPECT_EQ(with(&DeliverySearch::workflow, "end to end"), (Guids{"j"}));
    EXPECT_EQ(with(&DeliverySearch::actor, "ada"), (Guids{"j"}));
    for (const char* const text : {"LOGIN", "end to", "ada"}) {
        DeliverySearch search;
        search.text = {text};
        EXPECT_EQ(found(search), (Guids{"j"})) << text;
    }
    DeliverySearch search;
    search.text = {"tests (3)"};
    EXPECT_EQ(found(search), (Guids{"bare", "j"}));
}

TEST_F(StoreSearch, TextIsLookedForInEachNameAndAtTheBeginningOfIds) {
    accept(of("72d3162e-1", "octo/shop", "main"));
    accept(of("abc", "octo/other", "feature/72d-login"));
    DeliverySearch search;
    search.text = {"72D"};
    EXPECT_EQ(found(search), (Guids{"abc", "72d3162e-1"}));
    search.text = {"login", "OTHER"};
    EXPECT_EQ(found(search), (Guids{"abc"}));
    search.text = {"%"};
    EXPECT_EQ(found(search), Guids());
    search.text = {"mainada"};  // one name and the next do not run into one another
    EXPECT_EQ(found(search), Guids());
}

TEST_F(StoreSearch, WhereADeliveryStands) {
    for (const int run : {1, 2, 3, 4, 5}) accept(delivery(std::to_string(run), run));
    accept(delivery("6", 6));
    // Run 6 needs nothing.
    decide([](const decide::Event& event, const Known& known) {
        if (decide::run_of(event).run_id == 6) return Decision();
        return cancel(event, known);
    });
    accept(delivery("7", 7));
    std::vector<Call> calls = claim();
    ASSERT_EQ(calls.size(), 5U);
    const auto end = [&](std::size_t i, CallState state) {
        AfterTry after;
        after.state = state;
        after.due_at = start + 1h;
        record(calls[i], after);
    };
    end(0, CallState::dead);
    succeed(calls[1]);
    end(2, CallState::held);
    end(3, CallState::pending);
    end(4, CallState::dead);
    ASSERT_EQ(*tests::run(store_->drop("5", start)), 1);
    const auto standing = [&](Standing value) {
        DeliverySearch search;
        search.standing = value;
        const Guids all = found(search);
        // The same of its run: another index.
        for (const std::string& guid : all) {
            search.run_id = std::stoll(guid);
            EXPECT_EQ(found(search), (Guids{guid}));
        }
        search.run_id = 99;
        EXPECT_EQ(found(search), Guids());
        return all;
    };
    EXPECT_EQ(standing(Standing::dead), (Guids{"1"}));
    EXPECT_EQ(standing(Standing::done), (Guids{"2"}));
    EXPECT_EQ(standing(Standing::held), (Guids{"3"}));
    EXPECT_EQ(standing(Standing::open), (Guids{"4", "3"}));
    EXPECT_EQ(standing(Standing::dropped), (Guids{"5"}));
    EXPECT_EQ(standing(Standing::nothing), (Guids{"6"}));
    EXPECT_EQ(standing(Standing::undecided), (Guids{"7"}));
    DeliverySearch search;
    search.did = Did::cancelled;
    EXPECT_EQ(found(search), (Guids{"2"}));
    search.did = Did::reopened;
    EXPECT_EQ(found(search), Guids());
    search = {};
    search.rule = "R1";
    EXPECT_EQ(found(search), (Guids{"5", "4", "3", "2", "1"}));
    search.rule = "R5";
    EXPECT_EQ(found(search), (Guids{"6"}));
}

TEST_F(StoreSearch, PagesGoOnWhereTheLastEndedWhateverComesMeanwhile) {
    for (int i = 0; i < 7; ++i) accept(of("g" + std::to_string(i), "octo/shop", "main"));
    DeliverySearch search;
    search.limit = 3;
    Guids all;
    for (int pages = 0; pages < 4; ++pages) {
        const auto page = tests::run(store_->search(search));
        ASSERT_TRUE(page.has_value());
        for (const DeliveryRow& row : page->rows) all.push_back(row.guid);
        accept(of("new" + std::to_string(pages), "octo/shop", "main"));
        if (page->next.empty()) break;
        search.before = page->next;
    }
    EXPECT_EQ(all, (Guids{"g6", "g5", "g4", "g3", "g2", "g1", "g0"}));
    search.before.clear();
    search.after = "g6";
    EXPECT_EQ(found(search), (Guids{"new2", "new1", "new0"}));
    search.before = "nobody";
    EXPECT_EQ(tests::run(store_->search(search)).error().code, Errc::not_found);
}

TEST_F(StoreSearch, ALongListIsWholeAndInOrder) {
    Guids expected;
    for (int i = 120; i > 0; --i) expected.push_back("g" + std::to_string(i));
    for (int i = 1; i <= 120; ++i) accept(of("g" + std::to_string(i), "octo/shop", "main", i));
    DeliverySearch search;
    search.limit = 1000;
    EXPECT_EQ(found(search), expected);
}

TEST_F(StoreSearch, ALookWhoseTimeIsOverSaysHowFarItCame) {
    const char* const padded =
        any_.is_postgres() ? "lpad(CAST(i AS TEXT), 8, '0')" : "printf('%08d', i)";
    any_.execute(
        std::string("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
                    " 25000) INSERT INTO deliveries(guid, event, action, host, hook_id, repository,"
                    " received_at, decided_at") +
        (any_.is_postgres() ? ", run_lane" : "") + ") SELECT " + padded +
        ", 'push', '', 'github.com', '', CASE i WHEN 1 THEN 'octo/rare' ELSE 'octo/many' END, i, "
        "i" +
        (any_.is_postgres() ? ", 0" : "") + " FROM n");
    DeliverySearch search;
    search.repository = "octo/rare";
    search.look_for = 0ms;
    auto page = tests::run(store_->search(search));
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(page->rows.empty());
    ASSERT_TRUE(page->looked_until);
    int looks = 1;
    for (; !page->next.empty() && looks < 10; ++looks) {
        EXPECT_TRUE(page->looked_until);
        search.before = page->next;
        page = tests::run(store_->search(search));
        ASSERT_TRUE(page.has_value());
        if (!page->rows.empty()) break;
    }
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows[0].guid, "00000001");
    EXPECT_EQ(looks, any_.is_postgres() ? 4 : 2) << "a portion each time";
    // Without a bound it is found at once.
    search.before.clear();
    search.look_for.reset();
    EXPECT_EQ(found(search), (Guids{"00000001"}));
}

TEST_F(StoreSearch, TimesBoundIt) {
    for (int i = 0; i < 4; ++i) {
        NewDelivery made = of("g" + std::to_string(i), "octo/shop", "main");
        made.received_at = start + i * 1h;
        accept(made);
    }
    // The clock was ahead for a moment: it came before the others.
    DeliverySearch search;
    search.since = start + 1h;
    search.until = start + 3h;
    EXPECT_EQ(found(search), (Guids{"g2", "g1"}));
}

TEST_F(StoreSearch, ThePayloadAsItCame) {
    NewDelivery made = delivery("a");
    made.body = "{\"x\":1}";
    accept(made);
    made = delivery("b");
    made.body.clear();
    accept(made);
    EXPECT_EQ(*tests::run(store_->payload("a")), std::optional<std::string>("{\"x\":1}"));
    EXPECT_EQ(*tests::run(store_->payload("b")), std::nullopt);
    EXPECT_EQ(tests::run(store_->payload("c")).error().code, Errc::not_found);
}

TEST_F(StoreSearch, WhatWouldBeDecidedNowIsToldAndNotDone) {
    accept(delivery("a"));
    decide();
    Known seen;
    const auto decision =
        tests::run(store_->consider("a", Decider([&](const auto& event, const Known& known) {
                                        seen = known;
                                        return cancel(event, known);
                                    })));
    ASSERT_TRUE(decision.has_value());
    ASSERT_TRUE(*decision);
    EXPECT_EQ((*decision)->calls.size(), 1U);
    EXPECT_TRUE(seen.replayed);
    EXPECT_TRUE(seen.calls.empty());
    EXPECT_EQ(show("a").calls.size(), 1U);
    NewDelivery push = delivery("p");
    push.facts.reset();
    accept(push);
    EXPECT_EQ(*tests::run(store_->consider("p", Decider(cancel))), std::nullopt);
}

}  // namespace
}  // namespace runs_agent::store
