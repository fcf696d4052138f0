#include "execute/find_recorded.hpp"

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::CompletionState;

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

/// In the list of a project's runs in progress. Bounded, as a list may grow while it is read.
asio::awaitable<Lookup> look_in_list(runs_api::RunsApi& api, std::string project_id,
                                     std::string ci_build_id, Reply not_found) {
    constexpr int most_pages = 50;
    runs_api::ListRuns running;
    running.project_id = project_id;
    running.limit = 100;
    running.completion_states.emplace_back(to_string(CompletionState::in_progress));
    Lookup lookup;
    lookup.reply = std::move(not_found);
    for (int page = 0; page < most_pages; ++page) {
        const Result<Answer> listed = co_await api.list_runs(running);
        const Reply reply = to_reply(listed);
        if (reply.kind != Reply::Kind::answered || !listed->ok() || !listed->data) {
            // A project that does not exist is a 404 here too, and stays "not found".
            if (reply.status != 404) lookup.reply = reply;
            co_return lookup;
        }
        const std::vector<runs_api::Run> runs = listed->data->runs();
        for (const runs_api::Run& run : runs)
            if (run.ci_build_id == ci_build_id) co_return found(run);
        if (!listed->data->has_more() || runs.empty() || runs.back().cursor.empty()) break;
        running.starting_after = runs.back().cursor;
    }
    co_return lookup;
}

}  // namespace

asio::awaitable<Lookup> look_up(runs_api::RunsApi& api, std::string project_id,
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

}  // namespace runs_agent::execute
