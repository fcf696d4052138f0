// The half of a round that asks for a repository's workflow runs, and tells what became of them.
#include "webhooks/catch_up_round.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

constexpr int max_pages = 10;  // of 100: GitHub ends a filtered search at 1,000 runs
constexpr int max_open = 500;

}  // namespace

/// Those whose last look is the oldest first: a limit must not end each round at the same one. True
/// where nothing is left for a later round to have.
asio::awaitable<bool> CatchUpRound::look_at_repositories() {
    std::vector<std::pair<std::optional<Time>, std::string>> turns;
    for (const auto& [repository, hook_looked] : fallen_back_) {
        const auto last = co_await store_.last_look(look_at_runs(github_.host(), repository));
        if (last.has_error()) {
            fail_with(last.error().message);
            co_return false;
        }
        turns.emplace_back(*last, repository);
    }
    std::sort(turns.begin(), turns.end());
    bool whole = true;
    for (const auto& [last, repository] : turns) {
        if (over()) co_return false;
        // Either look saw what there was until then.
        const std::optional<Time> since = std::max(last, fallen_back_[repository]);
        const bool had = co_await look_at_repository(repository, since);
        whole = whole && had;
    }
    co_return whole && !over();
}

asio::awaitable<bool> CatchUpRound::look_at_repository(std::string repository,
                                                       std::optional<Time> since) {
    github::ListWorkflowRuns created;
    created.repository = repository;
    created.created_since = oldest_run(since, started_);
    Runs runs;
    const Verdict listed = co_await list(created, runs);
    // It is not to be had, now or later: nothing waits for it.
    if (listed == Verdict::not_permitted || listed == Verdict::absent) co_return true;
    bool whole = listed == Verdict::fine;
    for (const char* const status : {"in_progress", "queued"}) {
        if (over()) co_return false;
        github::ListWorkflowRuns active;
        active.repository = repository;
        active.status = status;
        const Verdict too = co_await list(active, runs);
        whole = whole && too == Verdict::fine;
    }
    const bool opened = co_await add_open(repository, runs);
    if (over()) co_return false;
    const bool told = co_await tell(repository, std::move(runs));
    whole = whole && opened && told;
    if (whole) co_await looked(look_at_runs(github_.host(), repository));
    co_return whole;
}

asio::awaitable<Verdict> CatchUpRound::list(github::ListWorkflowRuns query, Runs& runs) {
    for (query.page = 1;; ++query.page) {
        if (over()) co_return Verdict::failed;
        auto page = co_await github_.list_workflow_runs(query);
        const Verdict verdict = take(query.repository, page);
        if (verdict != Verdict::fine) {
            fail_with(query.repository + ": " + words_of(page));
            co_return verdict;
        }
        for (github::WorkflowRun& run : page->value->runs) {
            const std::int64_t id = run.id;
            runs.insert_or_assign(id, std::move(run));
        }
        if (!page->value->more) co_return Verdict::fine;
        if (query.page < max_pages) continue;
        if (memory_.cut_short.insert(query.repository).second)
            log_.warn("catch_up.cut_short", {{"repository", query.repository},
                                             {"note",
                                              "older runs than the newest 1,000 since the "
                                              "last look are not looked at"}});
        co_return Verdict::fine;
    }
}

/// Adds those that were open as far as is known, and that no list has shown.
asio::awaitable<bool> CatchUpRound::add_open(std::string repository, Runs& runs) {
    const auto open =
        co_await store_.open_attempts(github_.host(), started_ - heard_within, max_open);
    if (open.has_error()) {
        fail_with(open.error().message);
        co_return false;
    }
    bool whole = true;
    for (const store::OpenAttempt& attempt : *open) {
        const std::int64_t id = attempt.run_id;
        if (attempt.repository != repository || runs.contains(id) ||
            memory_.gone.contains({id, attempt.attempt}))
            continue;
        if (over()) co_return false;
        auto run = co_await github_.get_workflow_run(repository, id);
        const Verdict verdict = take(repository, run);
        if (verdict == Verdict::fine) {
            runs.insert_or_assign(id, std::move(*run->value));
        } else if (verdict == Verdict::absent) {
            memory_.gone.insert({id, attempt.attempt});  // somebody deleted it
        } else {
            fail_with(repository + ": " + words_of(run));
            whole = false;
        }
    }
    co_return whole;
}

/// Adds the older attempts whose end has not been heard of: a list shows the newest alone.
asio::awaitable<bool> CatchUpRound::add_older(std::string repository, const Runs& runs,
                                              const std::vector<store::HeardAttempt>& heard,
                                              std::vector<github::WorkflowRun>& found) {
    bool whole = true;
    for (const auto& [id, newest] : runs) {
        for (const int attempt : unheard_attempts(newest, heard)) {
            if (memory_.gone.contains({id, attempt})) continue;
            if (over()) co_return false;
            auto older = co_await github_.get_workflow_run_attempt(repository, id, attempt);
            const Verdict verdict = take(repository, older);
            if (verdict == Verdict::fine) {
                found.push_back(std::move(*older->value));
            } else if (verdict == Verdict::absent) {
                memory_.gone.insert({id, attempt});
            } else {
                fail_with(repository + ": " + words_of(older));
                whole = false;
            }
        }
    }
    co_return whole;
}

asio::awaitable<bool> CatchUpRound::tell(std::string repository, Runs runs) {
    std::vector<std::int64_t> ids;
    ids.reserve(runs.size());
    for (const auto& [id, run] : runs) ids.push_back(id);
    const auto heard = co_await store_.heard_attempts(github_.host(), std::move(ids));
    if (heard.has_error()) {
        fail_with(heard.error().message);
        co_return false;
    }
    std::vector<github::WorkflowRun> found;
    bool whole = co_await add_older(repository, runs, *heard, found);
    for (auto& [id, run] : runs)
        if (is_news(run, *heard)) found.push_back(std::move(run));
    co_return co_await tell_of(std::move(repository), std::move(found)) && whole;
}

asio::awaitable<bool> CatchUpRound::tell_of(std::string repository,
                                            std::vector<github::WorkflowRun> runs) {
    // The newest first: what an older attempt left must be judged in the knowledge of the newer
    // one.
    std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
        return a.id != b.id ? a.id > b.id : a.attempt > b.attempt;
    });
    std::erase_if(runs, [this](const auto& run) { return memory_.lost.contains(guid_for(run)); });
    std::vector<std::string> guids;
    guids.reserve(runs.size());
    for (const github::WorkflowRun& run : runs) guids.push_back(guid_for(run));
    const auto unknown = co_await store_.not_stored(std::move(guids));
    if (unknown.has_error()) {
        fail_with(unknown.error().message);
        co_return false;
    }
    if (unknown->empty()) co_return true;
    outcome_.found += static_cast<int>(unknown->size());
    const auto home = co_await github_.get_repository(repository);
    if (take(repository, home) != Verdict::fine) {
        fail_with(repository + ": " + words_of(home));
        co_return false;
    }
    const std::set<std::string> news(unknown->begin(), unknown->end());
    bool whole = true;
    for (const github::WorkflowRun& run : runs) {
        if (!news.contains(guid_for(run))) continue;
        if (over()) co_return false;
        const bool stored = co_await accept(make_up(run, *home->value, github_.host()));
        whole = whole && stored;
    }
    co_return whole;
}

}  // namespace runs_agent::webhooks
