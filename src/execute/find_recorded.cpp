// SPDX-License-Identifier: MIT
#include "execute/find_recorded.hpp"

#include "base/time_text.hpp"
#include "runs_api/pages.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::CompletionState;
using runs_api::Meaning;

Reply to_reply(const Result<Answer>& answer) {
    if (answer.has_error()) return reply_of(answer.error());
    Reply reply;
    reply.status = answer->status;
    reply.text = answer->error;
    reply.retry_after = answer->retry_after;
    if (answer->ok() && answer->data) reply.run_id = answer->data->text("runId");
    return reply;
}

namespace {

Lookup found(const runs_api::Run& run) {
    Lookup lookup;
    lookup.run_id = run.run_id;
    lookup.in_progress = run.completion_state == CompletionState::in_progress;
    lookup.cancelled = run.completion_state == CompletionState::canceled;
    lookup.state = run.completion_state ? to_string(*run.completion_state) : "in an unknown state";
    return lookup;
}

/// A list, or a page of one, that is not where it should be says nothing of a run.
Reply unreadable(Reply reply) {
    const Meaning meaning = runs_api::meaning_of(reply.status, reply.text);
    if (reply.kind == Reply::Kind::answered &&
        (meaning == Meaning::no_such_run || meaning == Meaning::done)) {
        reply.kind = Reply::Kind::failed;
        reply.text = "a list could not be read to its end: " + std::to_string(reply.status) +
                     (reply.text.empty() ? "" : " " + reply.text);
        reply.status = 0;
    }
    return reply;
}

/// In the list of a project's runs in progress.
asio::awaitable<Lookup> look_in_list(runs_api::RunsApi& api, std::string project_id,
                                     std::string ci_build_id, Reply not_found) {
    constexpr int max_pages = 50;  // of 100
    runs_api::ListRuns running;
    running.project_id = project_id;
    running.limit = 100;
    running.completion_states.emplace_back(to_string(CompletionState::in_progress));
    runs_api::Pages pages(max_pages);
    Lookup lookup;
    for (bool more = true; more;) {
        running.starting_after = pages.next();
        const Result<Answer> listed = co_await api.list_runs(running);
        const Reply reply = to_reply(listed);
        if (reply.kind != Reply::Kind::answered || !listed->ok() || !listed->data) {
            // A project that does not exist is a 404 here too, and stays "not found".
            const bool absent = reply.status == 404 && pages.next().empty();
            lookup.reply = absent ? std::move(not_found) : unreadable(reply);
            co_return lookup;
        }
        for (const runs_api::Run& run : listed->data->runs()) {
            if (run.ci_build_id == ci_build_id) co_return found(run);
            // Whether or not the service heeded what was asked for.
            if (run.completion_state != CompletionState::in_progress) continue;
            lookup.others.push_back(
                {project_id, std::string(run.ci_build_id), parse_iso8601(run.created_at)});
        }
        more = pages.take(*listed->data);
    }
    lookup.reply = std::move(not_found);
    if (pages.cut_short().empty()) co_return lookup;
    // What is beyond may be the one: it is not "not found", and a later look may see the end.
    lookup.reply = Reply();
    lookup.reply.kind = Reply::Kind::failed;
    lookup.reply.text = "it is not among the newest " + std::to_string(lookup.others.size()) +
                        " runs in progress of project " + project_id +
                        ", which were not read to their end: " + std::string(pages.cut_short());
    co_return lookup;
}

}  // namespace

Performed nothing_to_do(const std::string& what, const Lookup& found) {
    return nothing_to_do(what + ": run " + found.run_id + " is " + found.state);
}

asio::awaitable<Lookup> find_recorded_run(runs_api::RunsApi& api, std::string project_id,
                                          std::string ci_build_id) {
    runs_api::FindRun query;
    query.project_id = project_id;
    query.ci_build_id = ci_build_id;
    const Result<Answer> answer = co_await api.find_run(std::move(query));
    Lookup lookup;
    lookup.reply = to_reply(answer);
    if (lookup.reply.kind != Reply::Kind::answered) co_return lookup;
    if (answer->ok()) {
        if (answer->data) lookup = found(answer->data->run());
        if (!lookup.run_id.empty()) co_return lookup;
        // A good answer without a run names none.
        lookup.reply = Reply();
        lookup.reply.status = 404;
    }
    if (lookup.reply.status != 404) co_return lookup;
    co_return co_await look_in_list(api, project_id, ci_build_id, lookup.reply);
}

asio::awaitable<Projects> list_all_projects(runs_api::RunsApi& api) {
    constexpr int max_pages = 100;  // the service gives 10 at a time
    runs_api::Pages pages(max_pages);
    Projects projects;
    for (bool more = true; more;) {
        const runs_api::ListProjects query{pages.next()};
        const Result<Answer> listed = co_await api.list_projects(query);
        projects.reply = to_reply(listed);
        // Every Runs API has projects: a 404 is not about a run.
        if (listed.has_error() || !listed->ok() || !listed->data) {
            projects.reply = unreadable(std::move(projects.reply));
            co_return projects;
        }
        for (const std::string_view id : listed->data->project_ids()) projects.ids.emplace_back(id);
        more = pages.take(*listed->data);
    }
    projects.listed = true;
    projects.cut_short = pages.cut_short();
    co_return projects;
}

}  // namespace runs_agent::execute
