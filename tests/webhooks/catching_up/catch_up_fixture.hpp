// SPDX-License-Identifier: MIT
// Catching up with a scripted GitHub into a store on disk.
#pragma once

#include "base/time_text.hpp"
#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"
#include "tests/webhooks/catching_up/scripted_github.hpp"
#include "tests/webhooks/example_request.hpp"
#include "webhooks/catching_up/catch_up.hpp"
#include "webhooks/deliveries/incoming.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class CatchUpTest : public testing::Test {
protected:
    static std::string payload(std::int64_t run_id, int attempt = 1,
                               const std::string& action = "completed") {
        const std::string id = std::to_string(run_id);
        const std::string nth = std::to_string(attempt);
        const std::string told = "\"" + action + "\"";
        const char* const before = R"("2025-11-24T00:00:00Z")";  // the clock began to tick
        return edited(example_payload(), {{"action", told},
                                          {"workflow_run.id", id},
                                          {"workflow_run.run_attempt", nth},
                                          {"workflow_run.status", told},
                                          {"workflow_run.run_started_at", before},
                                          {"workflow_run.updated_at", before}});
    }

    /// A delivery that came by itself.
    void receive(const std::string& guid, std::int64_t run_id,
                 const std::string& kind = "repository", int attempt = 1,
                 const std::string& action = "completed") {
        Delivery came;
        came.guid = guid;
        came.event = "workflow_run";
        came.host = "github.com";
        came.hook_id = "42";
        came.hook_kind = kind;
        came.payload =
            edited(payload(run_id, attempt, action), {{"organization", R"({"login":"octo"})"}});
        auto made = make_delivery(std::move(came), clock_.now());
        ASSERT_TRUE(made.has_value());
        ASSERT_EQ(*tests::run(store_->accept(std::move(*made))), store::Accepted::stored);
        decide();
    }
    /// One that came from a repository of its own, by its own hook.
    void receive_from(const std::string& repository, std::int64_t run_id,
                      const std::string& action = "completed",
                      const std::string& kind = "repository", const std::string& hook_id = "") {
        Delivery came;
        came.guid = repository + "-" + std::to_string(run_id);
        came.event = "workflow_run";
        came.host = "github.com";
        came.hook_id = hook_id.empty() ? repository.substr(repository.find('/') + 1) : hook_id;
        came.hook_kind = kind;
        const std::string name = "\"" + repository + "\"";
        came.payload = edited(
            payload(run_id, 1, action),
            {{"workflow_run.repository.full_name", name},
             {"repository", R"({"id":1,"default_branch":"main","full_name":)" + name + "}"}});
        auto made = make_delivery(std::move(came), clock_.now());
        ASSERT_TRUE(made.has_value());
        ASSERT_EQ(made->repository, repository);
        ASSERT_EQ(*tests::run(store_->accept(std::move(*made))), store::Accepted::stored);
        decide();
    }
    void decide() {
        const store::Decider nothing = [](const decide::Event&, const decide::Known&) {
            return decide::Decision();
        };
        ASSERT_TRUE(tests::run(store_->decide_next(nothing, clock_.now(), 1000)).has_value());
    }

    /// Puts an entry on top of the hook's log.
    void log(std::int64_t id, const std::string& guid, int status, std::int64_t run_id,
             int attempt = 1, const std::string& action = "completed") {
        github_.log.insert(github_.log.begin(),
                           {id, guid, "workflow_run", action, clock_.now(), status});
        github_.payloads[id] = payload(run_id, attempt, action);
    }
    void add_run(std::int64_t id, int attempt, const std::string& status, Time created_at) {
        github::WorkflowRun run;
        run.id = id;
        run.attempt = attempt;
        run.status = status;
        run.conclusion = status == "completed" ? "success" : "";
        run.created_at = created_at;
        run.started_at = run.updated_at = clock_.now();
        const std::string conclusion =
            status == "completed" ? R"(,"conclusion":"success")" : R"(,"conclusion":null)";
        const std::string now = "\"" + to_iso8601(clock_.now()) + "\"";
        run.json = R"({"id":)" + std::to_string(id) + R"(,"run_attempt":)" +
                   std::to_string(attempt) + R"(,"status":")" + status + "\"" + conclusion +
                   R"(,"run_started_at":)" + now + R"(,"updated_at":)" + now + "}";
        github_.runs.insert(github_.runs.begin(), run);
    }
    using Trouble = ScriptedGitHub::Trouble;
    /// What is asked for that begins so meets that trouble.
    void trouble(std::map<std::string, Trouble> by_beginning) {
        github_.trouble =
            [by = std::move(by_beginning)](const std::string& request) -> std::optional<Trouble> {
            for (const auto& [beginning, what] : by)
                if (request.starts_with(beginning)) return what;
            return std::nullopt;
        };
    }
    void forbid_the_log() { trouble({{"log", {403, {}}}}); }

    CatchUpOutcome look() {
        github_.asked.clear();
        const CatchUpOutcome outcome = tests::run(catch_up_.look());
        decide();
        return outcome;
    }
    /// Where in the log text comes; npos: nowhere.
    std::size_t said(const std::string& text) const { return log_.text().find(text); }
    int count_said(const std::string& text) const {
        const std::string all = log_.text();
        int count = 0;
        for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
            ++count;
        return count;
    }
    /// What is made up has a time behind its name.
    bool is_stored(const std::string& guid) {
        store::DeliveryFilter all;
        all.limit = 1000;
        const auto rows = *tests::run(store_->list(all));
        return std::any_of(rows.begin(), rows.end(), [&guid](const store::DeliveryRow& row) {
            return row.guid == guid ||
                   (guid.starts_with("catch-up-") && row.guid.starts_with(guid + "-"));
        });
    }
    std::optional<Time> last_look() {
        return *tests::run(store_->last_look("hook github.com repository 42"));
    }

    tests::TempDir dir_;
    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    std::unique_ptr<store::Store> store_ = store::open_sqlite_store(dir_.file("a.db")).value();
    ScriptedGitHub github_;
    asio::io_context context_;
    int announced_ = 0;
    Metrics metrics_;
    CatchUp catch_up_{context_.get_executor(), *store_, github_, clock_, log_.log(), metrics_,
                      [this] { ++announced_; }};
};

}  // namespace runs_agent::webhooks
