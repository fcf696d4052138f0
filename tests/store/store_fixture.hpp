// SPDX-License-Identifier: MIT
// A store of its own, of either backend, and short words for what tests do with it.
#pragma once

#include "tests/run_awaitable.hpp"
#include "tests/store/any_store.hpp"

#include <gtest/gtest.h>

namespace runs_agent::store {

using decide::Decision;
using decide::Known;
using decide::PlannedCall;
using decide::WorkflowRun;
using namespace std::chrono_literals;

inline const Time start(std::chrono::hours(490'000));

/// The run that a delivery tells of.
inline WorkflowRun& run_in(NewDelivery& delivery) {
    return std::get<WorkflowRun>(*delivery.facts);
}

inline NewDelivery delivery(const std::string& guid, std::int64_t run_id = 1001, int attempt = 1) {
    NewDelivery made;
    made.guid = guid;
    made.event = "workflow_run";
    made.action = "completed";
    made.host = "github.com";
    made.received_at = start;
    made.repository = "octo/demo";
    made.facts.emplace();
    run_in(made).key = {"github.com", run_id};
    run_in(made).attempt = attempt;
    run_in(made).action = "completed";
    run_in(made).conclusion = "cancelled";
    run_in(made).repository = "octo/demo";
    run_in(made).run_number = run_id;
    run_in(made).head_branch = "main";
    run_in(made).head_sha = "sha" + std::to_string(run_id);
    made.body = R"({"action":"completed"})";
    return made;
}

/// One cancel_ci call for the event's attempt.
inline Decision cancel(const decide::Event& event, const Known&) {
    const auto& run = std::get<WorkflowRun>(event);
    PlannedCall call;
    call.rule = decide::Rule::cancelled;
    call.run = run.key;
    call.attempt = run.attempt;
    call.reason = "because";
    Decision decision;
    decision.rule = decide::Rule::cancelled;
    decision.reason = "because";
    decision.calls.push_back(call);
    return decision;
}

class StoreTest : public testing::Test {
protected:
    StoreTest() { open(); }

    void open() {
        store_.reset();
        store_ = any_.open();
    }
    /// Of SQLite's file.
    std::string path() const { return any_.place(); }
    Accepted accept(NewDelivery made) { return *tests::run(store_->accept(std::move(made))); }
    std::vector<Decided> decide(Decider decider = cancel, Time now = start) {
        return *tests::run(store_->decide_next(std::move(decider), now, 100));
    }
    std::vector<Call> claim(Time now = start, int limit = 100) {
        return *tests::run(store_->claim_due(now, now + 10min, limit, runs_api_service));
    }
    void record(const Call& call, AfterTry after, Time at = start) {
        Try tried;
        tried.at = at;
        tried.took = 20ms;
        tried.status = 200;
        tried.result = "200";
        ASSERT_TRUE(tests::run(store_->record_try(call, tried, std::move(after))).has_value());
    }
    void succeed(const Call& call) {
        AfterTry after;
        after.state = CallState::succeeded;
        after.changed = true;
        after.outcome = "cancelled";
        record(call, after);
    }
    DeliveryDetail show(const std::string& guid) { return *tests::run(store_->show(guid)); }
    Backlog backlog() { return *tests::run(store_->backlog()); }

    AnyStore any_;
    std::unique_ptr<Store> store_;
};

/// For tests of what SQLite alone does: they are not run on PostgreSQL.
using SqliteStoreTest = StoreTest;

}  // namespace runs_agent::store
