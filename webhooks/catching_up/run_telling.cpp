// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/run_telling.hpp"

#include "webhooks/deliveries/made_up.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <set>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

/// What `workflow` is in a payload: a run's own name may be its title (`run-name`), and the rules
/// of a policy go by the workflow's. Absent: it is not to be had now; empty: it never will be.
asio::awaitable<std::optional<std::string>> RunTelling::workflow_of(std::string repository,
                                                                    std::int64_t workflow_id) {
    if (workflow_id <= 0) co_return "";
    const std::pair key(repository, workflow_id);
    if (const auto known = workflows_.find(key); known != workflows_.end()) co_return known->second;
    if (!budget_.may_finish(repository)) co_return std::nullopt;
    auto answer = co_await github_.get_workflow(repository, workflow_id);
    switch (intake_.take({repository, repository}, answer)) {
        case Verdict::fine:
            co_return workflows_[key] = std::move(answer->value->json);
        case Verdict::absent:
        case Verdict::useless:
        case Verdict::not_permitted:
            co_return workflows_[key] = "";
        default:
            co_return std::nullopt;
    }
}

asio::awaitable<bool> RunTelling::store_news(std::string repository,
                                             std::vector<github::WorkflowRun> runs) {
    // The newest first: what an older attempt left must be judged in the knowledge of the newer
    // one.
    std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
        return a.id != b.id ? a.id > b.id : a.attempt > b.attempt;
    });
    std::vector<std::string> guids;
    guids.reserve(runs.size());
    for (const github::WorkflowRun& run : runs) guids.push_back(guid_for(run));
    const auto unknown = co_await store_.unknown_guids(std::move(guids));
    if (unknown.has_error()) {
        intake_.fail_with(unknown.error());
        co_return false;
    }
    std::set<std::string> news(unknown->begin(), unknown->end());
    std::erase_if(news, [this](const auto& guid) { return memory_.unrecoverable.contains(guid); });
    if (news.empty()) co_return true;
    intake_.outcome().found += static_cast<int>(news.size());
    if (!budget_.may_finish(repository)) co_return false;
    const auto home = co_await github_.get_repository(repository);
    if (intake_.take({repository, repository}, home) != Verdict::fine) {
        intake_.fail_about(repository, home);
        co_return false;
    }
    std::int64_t untold = 0;  // a run whose newest attempt cannot be told of
    for (const github::WorkflowRun& run : runs) {
        const std::string guid = guid_for(run);
        if (memory_.unrecoverable.contains(guid)) untold = run.id;
        if (!news.contains(guid) || run.id == untold) continue;
        if (stopping_) co_return false;
        std::optional<std::string> workflow = "";
        if (!run.names_workflow) workflow = co_await workflow_of(repository, run.workflow_id);
        if (!workflow) co_return false;
        auto made =
            intake_.made_of(synthesize_delivery(run, *home->value, *workflow, github_.host()));
        if (!made) {
            untold = run.id;
            continue;
        }
        // Where one cannot be stored, the older ones must wait for it.
        const Recovery had = co_await intake_.accept(std::move(*made));
        if (had != Recovery::stored) co_return false;
    }
    co_return true;
}

}  // namespace runs_agent::webhooks
