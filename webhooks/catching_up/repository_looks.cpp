// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/repository_looks.hpp"

#include "webhooks/catching_up/looks.hpp"
#include "webhooks/catching_up/news.hpp"
#include "webhooks/catching_up/verdict.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <tuple>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

constexpr int max_pages = 10;  // of 100: GitHub ends a filtered search at 1,000 runs
constexpr int max_open = 500;
constexpr int few = 3;

}  // namespace

asio::awaitable<bool> RepositoryLooks::look(
    std::map<std::string, std::optional<Time>> fallen_back) {
    if (fallen_back.empty()) co_return true;
    using Turn =
        std::tuple<Time, std::optional<Time>, std::string>;  // asked, and looked at to its end
    std::vector<Turn> turns;
    for (const auto& [repository, hook_looked] : fallen_back) {
        const std::string name = look_at_runs(github_.host(), repository);
        const auto last = co_await store_.last_look(name);
        if (last.has_error()) {
            intake_.fail_with(last.error());
            co_return false;
        }
        const auto asked = memory_.asked.find(name);
        turns.emplace_back(asked == memory_.asked.end() ? Time() : asked->second, *last,
                           repository);
    }
    const auto open =
        co_await store_.open_attempts(github_.host(), started_ - heard_within, max_open);
    if (open.has_error()) {
        intake_.fail_with(open.error());
        co_return false;
    }
    OpenAttempts open_of;
    for (const store::OpenAttempt& attempt : *open) open_of[attempt.repository].push_back(attempt);
    std::sort(turns.begin(), turns.end());
    bool whole = true;
    for (const auto& [asked, last, repository] : turns) {
        // Either look saw what there was until then.
        const std::optional<Time> since = std::max(last, fallen_back.at(repository));
        const bool had = co_await look_at(repository, since, open_of[repository]);
        const bool log_reaches = last && !is_past_the_log(last, started_);
        whole = whole && (had || log_reaches);
    }
    co_return whole;
}

asio::awaitable<bool> RepositoryLooks::look_at(std::string repository, std::optional<Time> since,
                                               std::vector<store::OpenAttempt> open) {
    if (!budget_.is_open(repository)) co_return false;
    const std::string name = look_at_runs(github_.host(), repository);
    memory_.asked[name] = started_;
    github::ListWorkflowRuns created;
    created.repository = repository;
    created.created_since = oldest_run(since, started_);
    Runs runs;
    const Verdict listed = co_await list(created, runs);
    // It is not to be had, now or later, or has moved: nothing waits for it.
    if (listed == Verdict::not_permitted || listed == Verdict::absent ||
        listed == Verdict::useless) {
        if (listed != Verdict::not_permitted) intake_.seen(name, started_);
        co_return true;
    }
    bool whole = listed == Verdict::fine;
    const auto many_unlisted = [&] {
        return std::count_if(open.begin(), open.end(), [&](const store::OpenAttempt& attempt) {
                   return !runs.contains(attempt.run_id) &&
                          !memory_.gone.contains({attempt.run_id, attempt.attempt});
               }) > few;
    };
    for (const char* const status : {"in_progress", "queued", "waiting", "pending", "requested"}) {
        const bool is_usual =
            status == std::string_view("in_progress") || status == std::string_view("queued");
        if (!is_usual && !many_unlisted()) continue;  // each can be asked for by itself
        github::ListWorkflowRuns active;
        active.repository = repository;
        active.status = status;
        const Verdict too = co_await list(active, runs);
        whole = whole && too == Verdict::fine;
    }
    const bool opened = co_await add_open(repository, std::move(open), runs);
    // Also where the round's requests are used up: else the next one would get no further.
    const bool told = co_await store_news(repository, std::move(runs));
    whole = whole && opened && told;
    // Only now: all that was found is stored.
    if (whole) co_await intake_.record_look(name, started_);
    co_return whole;
}

asio::awaitable<Verdict> RepositoryLooks::list(github::ListWorkflowRuns query, Runs& runs) {
    for (query.page = 1;; ++query.page) {
        if (!budget_.may_ask_of(query.repository)) co_return Verdict::failed;
        auto page = co_await github_.list_workflow_runs(query);
        const Verdict verdict = intake_.take({query.repository, query.repository}, page);
        if (verdict == Verdict::not_permitted) intake_.fail_about(query.repository, page);
        // That it is gone or has moved is said, but no later round will mend it.
        if (verdict == Verdict::absent || verdict == Verdict::useless)
            intake_.complain(Intake::key_of(query.repository, page),
                             query.repository + ": " + words_of(page));
        if (verdict != Verdict::fine) co_return verdict;
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
asio::awaitable<bool> RepositoryLooks::add_open(std::string repository,
                                                std::vector<store::OpenAttempt> open, Runs& runs) {
    bool whole = true;
    // Where a round does not get through them, the next one goes on.
    const auto last = memory_.asked_run.find(repository);
    if (last != memory_.asked_run.end()) {
        const auto next = std::find_if(open.begin(), open.end(), [&](const auto& attempt) {
            return attempt.run_id == last->second;
        });
        std::rotate(open.begin(), next == open.end() ? next : next + 1, open.end());
        memory_.asked_run.erase(last);
    }
    for (const store::OpenAttempt& attempt : open) {
        const std::int64_t id = attempt.run_id;
        if (runs.contains(id) || memory_.gone.contains({id, attempt.attempt})) continue;
        if (!budget_.may_ask_of(repository)) co_return false;
        memory_.asked_run[repository] = id;
        auto run = co_await github_.get_workflow_run(repository, id);
        const Verdict verdict = intake_.take({repository, repository}, run);
        if (verdict == Verdict::fine) {
            runs.insert_or_assign(id, std::move(*run->value));
        } else if (verdict == Verdict::absent) {
            memory_.gone.insert({id, attempt.attempt});  // somebody deleted it
        } else {
            intake_.fail_about(repository, run);
            whole = false;
        }
    }
    memory_.asked_run.erase(repository);
    co_return whole;
}

/// Adds the older attempts whose end has not been heard of: a list shows the newest alone.
asio::awaitable<bool> RepositoryLooks::add_older(std::string repository, const Runs& runs,
                                                 const std::vector<store::HeardAttempt>& heard,
                                                 std::vector<github::WorkflowRun>& found) {
    bool whole = true;
    for (const auto& [id, newest] : runs) {
        for (const int attempt : unheard_attempts(newest, heard)) {
            if (memory_.gone.contains({id, attempt})) continue;
            if (!budget_.may_ask_of(repository)) co_return false;
            auto older = co_await github_.get_workflow_run_attempt(repository, id, attempt);
            const Verdict verdict = intake_.take({repository, repository}, older);
            if (verdict == Verdict::fine) {
                found.push_back(std::move(*older->value));
            } else if (verdict == Verdict::absent) {
                memory_.gone.insert({id, attempt});
            } else {
                intake_.fail_about(repository, older);
                whole = false;
            }
        }
    }
    co_return whole;
}

asio::awaitable<bool> RepositoryLooks::store_news(std::string repository, Runs runs) {
    std::vector<std::int64_t> ids;
    ids.reserve(runs.size());
    for (const auto& [id, run] : runs) ids.push_back(id);
    const auto heard = co_await store_.heard_attempts(github_.host(), std::move(ids));
    if (heard.has_error()) {
        intake_.fail_with(heard.error());
        co_return false;
    }
    std::vector<github::WorkflowRun> found;
    bool whole = co_await add_older(repository, runs, *heard, found);
    for (auto& [id, run] : runs)
        if (is_news(run, *heard)) found.push_back(std::move(run));
    co_return co_await telling_.store_news(std::move(repository), std::move(found)) && whole;
}

}  // namespace runs_agent::webhooks
