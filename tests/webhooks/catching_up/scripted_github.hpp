// SPDX-License-Identifier: MIT
// A GitHub whose hooks' logs and workflow runs are what the test says, and which writes down what
// it is asked for.
#pragma once

#include "github/github.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

class ScriptedGitHub final : public github::GitHub {
public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<github::Answer<T>>>;

    struct Trouble {
        int status = 0;  // 0: no answer came
        std::optional<std::chrono::milliseconds> retry_after;
    };

    std::string name = "github.com";
    /// "log 0", "log of HOOK 3" (of any but 42), "delivery 7", "runs octo/demo 1", "run 5", …
    std::vector<std::string> asked;
    /// What goes wrong, by what is asked; null: nothing does.
    std::function<std::optional<Trouble>(const std::string& request)> trouble;

    std::vector<github::LoggedDelivery> log;  // the newest first
    std::size_t per_page = 3;
    std::map<std::int64_t, std::string> payloads;  // by the entry's id

    std::vector<github::WorkflowRun> runs;  // the newest first
    std::string workflow_name = "e2e";
    std::vector<github::WorkflowRun> older_attempts;
    std::optional<Time> created_since;  // of the last listing that had it

    int count(const std::string& beginning) const {
        return static_cast<int>(
            std::count_if(asked.begin(), asked.end(),
                          [&](const std::string& one) { return one.starts_with(beginning); }));
    }

    /// Each account has a token of its own, as a GitHub App has.
    bool account_by_account = false;

    const std::string& host() const override { return name; }
    std::string budget_of(const std::string& owner) const override {
        return account_by_account ? owner.substr(0, owner.find('/')) : std::string();
    }

    Reply<github::NoValue> cancel_workflow_run(std::string, std::int64_t) override {
        co_return fail(Errc::network, "not asked for here");
    }
    Reply<github::NoValue> force_cancel_workflow_run(std::string, std::int64_t) override {
        co_return fail(Errc::network, "not asked for here");
    }
    Reply<github::WorkflowRun> get_workflow_run(std::string, std::int64_t run_id) override {
        for (const github::WorkflowRun& run : runs)
            if (run.id == run_id) co_return reply("run " + std::to_string(run_id), run);
        co_return refusal<github::WorkflowRun>("run " + std::to_string(run_id), {404, {}});
    }
    Reply<github::WorkflowRun> get_workflow_run_attempt(std::string, std::int64_t run_id,
                                                        int attempt) override {
        const std::string request =
            "attempt " + std::to_string(run_id) + "-" + std::to_string(attempt);
        for (const github::WorkflowRun& run : older_attempts)
            if (run.id == run_id && run.attempt == attempt) co_return reply(request, run);
        co_return refusal<github::WorkflowRun>(request, {404, {}});
    }
    Reply<github::WorkflowRuns> list_workflow_runs(github::ListWorkflowRuns query) override {
        if (query.created_since) created_since = query.created_since;
        std::vector<github::WorkflowRun> all;
        for (const github::WorkflowRun& run : runs)
            if ((query.status.empty() || query.status == run.status) &&
                (!query.created_since || run.created_at >= *query.created_since))
                all.push_back(run);
        github::WorkflowRuns page;
        const std::size_t from = per_page * (static_cast<std::size_t>(query.page) - 1);
        for (std::size_t i = from; i < std::min(all.size(), from + per_page); ++i)
            page.runs.push_back(all[i]);
        page.more = all.size() > from + per_page;
        const std::string what = query.status.empty() ? "" : query.status + " ";
        co_return reply("runs " + query.repository + " " + what + std::to_string(query.page), page);
    }
    Reply<github::Repository> get_repository(std::string repository) override {
        github::Repository found;
        found.full_name = repository;
        found.json = R"({"full_name":")" + repository + R"(","default_branch":"main"})";
        co_return reply("repository " + repository, found);
    }
    Reply<github::Workflow> get_workflow(std::string, std::int64_t workflow_id) override {
        const std::string id = std::to_string(workflow_id);
        github::Workflow found;
        found.id = workflow_id;
        found.name = workflow_name;
        found.json = R"({"id":)" + id + R"(,"name":")" + workflow_name + R"("})";
        co_return reply("workflow " + id, found);
    }
    Reply<github::DeliveryLog> list_deliveries(github::Hook hook, std::string cursor) override {
        const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
        github::DeliveryLog page;
        for (std::size_t i = from; i < std::min(log.size(), from + per_page); ++i)
            page.deliveries.push_back(log[i]);
        if (log.size() > from + per_page) page.next_cursor = std::to_string(from + per_page);
        const std::string whose = hook.id == "42" ? "" : "of " + hook.id + " ";
        co_return reply("log " + whose + std::to_string(from), page);
    }
    Reply<github::LoggedPayload> get_delivery(github::Hook, std::int64_t delivery_id) override {
        const std::string request = "delivery " + std::to_string(delivery_id);
        const auto payload = payloads.find(delivery_id);
        if (payload == payloads.end()) co_return refusal<github::LoggedPayload>(request, {404, {}});
        github::LoggedPayload found;
        for (const github::LoggedDelivery& entry : log)
            if (entry.id == delivery_id) {
                found.guid = entry.guid;
                found.event = entry.event;
            }
        found.payload = payload->second;
        co_return reply(request, found);
    }

private:
    template <class T>
    Result<github::Answer<T>> refusal(const std::string& request, Trouble what) {
        asked.push_back(request);
        if (what.status == 0) return fail(Errc::network, "the connection broke");
        github::Answer<T> answer;
        answer.status = what.status;
        answer.message = "no";
        answer.retry_after = what.retry_after;
        return answer;
    }

    template <class T>
    Result<github::Answer<T>> reply(const std::string& request, T value) {
        if (trouble)
            if (const auto what = trouble(request)) return refusal<T>(request, *what);
        asked.push_back(request);
        github::Answer<T> answer;
        answer.status = 200;
        answer.value = std::move(value);
        return answer;
    }
};

}  // namespace runs_agent::webhooks
