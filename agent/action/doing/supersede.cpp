// SPDX-License-Identifier: MIT
#include "agent/action/doing/supersede.hpp"

#include "agent/action/asked/build_id.hpp"
#include "agent/action/doing/github_facts.hpp"
#include "agent/action/doing/supersede_plan.hpp"
#include "agent/action/told/combine_outcomes.hpp"
#include "agent/action/told/github_refusal.hpp"
#include "agent/action/told/judge.hpp"
#include "execute/perform.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using decide::WorkflowRun;

namespace {

/// What is older is dealt with by the runs between, or by nobody: bounds for a branch on which much
/// happens. A run of a workflow may take days, but rarely is one superseded that late.
constexpr std::chrono::hours looked_back{24};
constexpr int max_pages = 3;  // of 100 runs, the newest
constexpr std::size_t max_runs = 50;
const std::string listed = std::to_string(max_pages * 100);

/// The run that this job belongs to. Only GitHub's word on the repository tells its default branch;
/// a fork's branches are none of it.
asio::awaitable<Result<WorkflowRun>> look_at_own(const Request& request, Services services) {
    const std::string& host = services.github.host();
    auto answer =
        co_await services.github.get_workflow_run(request.repository, request.github_run_id);
    auto own = own_facts(request, host, std::move(answer));
    if (own.has_value() && !request.workflow.empty()) own->workflow_name = request.workflow;
    if (own.has_error() || own->head_repository != own->repository) co_return own;
    auto described = co_await services.github.get_repository(request.repository);
    const auto repository =
        taken(std::move(described), "look at the repository " + request.repository);
    if (repository.has_error()) co_return repository.error();
    own->default_branch = repository->default_branch;
    co_return own;
}

/// The runs of its workflow, branch and event that were made in the day before it.
struct Before {
    std::vector<WorkflowRun> runs;
    bool more = false;  // there are others, which are older
};

asio::awaitable<Result<Before>> list_before(const WorkflowRun& own, Services services) {
    github::ListWorkflowRuns query;
    query.repository = own.repository;
    query.workflow_id = own.workflow_id;
    query.branch = own.head_branch;
    query.event = own.event;
    query.created_until = own.created_at == Time() ? services.clock.now() : own.created_at;
    query.created_since = *query.created_until - looked_back;
    Before found;
    for (; query.page <= max_pages; ++query.page) {
        auto answer = co_await services.github.list_workflow_runs(query);
        const auto page = taken(std::move(answer), "list the runs of the workflow before it");
        if (page.has_error()) co_return page.error();
        for (const github::WorkflowRun& run : page->runs) {
            auto facts = facts_of(run, services.github.host());
            // One that cannot be read is left alone, and says nothing of the others.
            if (facts.has_error()) continue;
            facts->workflow_name = own.workflow_name;  // they are of one workflow
            found.runs.push_back(std::move(*facts));
        }
        found.more = page->more;
        if (!page->more) break;
    }
    co_return found;
}

std::string name_of(const WorkflowRun& run) {
    return "attempt " + std::to_string(run.attempt) + " of run " + std::to_string(run.key.run_id) +
           " (number " + std::to_string(run.run_number) + ", " +
           (run.conclusion.empty() ? run.status : run.conclusion) + ")";
}

asio::awaitable<Outcome> cancel_one(const Request& request, Services services,
                                    execute::Performer& performer, const SupersededRun& older) {
    std::vector<PartOutcome> parts;
    for (const decide::PlannedCall& planned : older.calls) {
        store::Call call;
        call.planned = planned;
        call.repository = request.repository;
        const execute::Performed performed = co_await performer.perform(call);
        const bool several = request.project_ids.size() > 1 && !planned.project_id.empty();
        parts.push_back({several ? "project " + planned.project_id : "",
                         judge_call(request, call, performed.reply, services.clock.now())});
    }
    co_return combine_outcomes(parts);
}

/// What the lines of `cancel_all` share.
struct Cancellation {
    const Request& request;
    Services services;
    execute::Performer performer;
    std::vector<SupersededRun> older;
    std::vector<std::optional<Outcome>> outcomes;  // one for each of the older runs
    std::size_t next = 0;
};

asio::awaitable<void> cancel_next(Cancellation& all) {
    while (all.next < all.older.size()) {
        const std::size_t i = all.next++;
        Outcome outcome =
            co_await cancel_one(all.request, all.services, all.performer, all.older[i]);
        all.services.say(name_of(all.older[i].run) + ": " + outcome.happened);
        all.outcomes[i] = std::move(outcome);
    }
}

asio::awaitable<Outcome> cancel_all(const Request& request, Services services,
                                    std::vector<SupersededRun> older, bool more) {
    using namespace asio::experimental::awaitable_operators;
    const std::size_t left = older.size() > max_runs ? older.size() - max_runs : 0;
    older.resize(older.size() - left);
    Cancellation all{
        request, services, execute::Performer(services.api, services.github), std::move(older), {}};
    all.outcomes.resize(all.older.size());
    // The step's time is for all of them, so several are on their way at once; few enough for
    // GitHub, which bounds what is asked of it side by side.
    co_await (cancel_next(all) && cancel_next(all) && cancel_next(all) && cancel_next(all));
    std::vector<PartOutcome> parts;
    parts.reserve(all.older.size());
    for (std::size_t i = 0; i < all.older.size(); ++i)
        parts.push_back({name_of(all.older[i].run), std::move(*all.outcomes[i])});
    Outcome outcome = combine_outcomes(parts);
    if (left > 0)
        outcome.happened += "; " + std::string(more ? "at least " : "") + std::to_string(left) +
                            " older runs were not looked at";
    else if (more)
        outcome.happened += "; runs older than the newest " + listed + " were not looked at";
    co_return outcome;
}

}  // namespace

Outcome nothing_superseded(const std::string& why) {
    Outcome outcome;
    outcome.ending = Ending::nothing_to_cancel;
    outcome.happened = "there was nothing to supersede: " + why;
    return outcome;
}

asio::awaitable<Outcome> supersede(const Request& request, Services services) {
    if (asks_nothing(request)) co_return nothing_superseded(request.supersedes_nothing);
    const auto own = co_await look_at_own(request, services);
    if (own.has_error()) co_return failed(own.error());
    if (own->attempt > request.attempt.number)
        co_return nothing_superseded("this attempt is over, attempt " +
                                     std::to_string(own->attempt) + " of its run goes on");
    auto build_id = build_ids_of_other_runs(request.ci_build_id, request.attempt);
    if (build_id.has_error()) co_return failed(build_id.error());
    const auto settings = superseding(request.project_ids, std::move(*build_id),
                                      request.cancel_workflow, request.include);
    // Before anything is listed: where nothing may be superseded, nothing need be known.
    if (const auto alone = plan_supersede(*own, {}, settings); !alone.why_none.empty())
        co_return nothing_superseded(alone.why_none);

    const auto others = co_await list_before(*own, services);
    if (others.has_error()) co_return failed(others.error());
    SupersedePlan found = plan_supersede(*own, others->runs, settings);
    if (found.runs.empty())
        co_return nothing_superseded(
            "no run of this workflow, event and branch in the day before it goes on or was "
            "cancelled" +
            (others->more ? ", among the newest " + listed + ", which alone were looked at"
                          : std::string()));
    co_return co_await cancel_all(request, services, std::move(found.runs), others->more);
}

}  // namespace runs_agent::agent::action
