#include "execute/perform.hpp"

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::AttemptEncoding;
using runs_api::CompletionState;
using store::Call;

namespace {

Reply to_reply(const Result<Answer>& answer) {
    Reply reply;
    if (answer.has_error()) {
        const Errc code = answer.error().code;
        // A rule of the contract was broken before anything was sent: trying again changes nothing.
        reply.kind = code == Errc::bad_input ? Reply::Kind::invalid
                     : code == Errc::refused ? Reply::Kind::no_key
                                             : Reply::Kind::failed;
        reply.text = answer.error().message;
        return reply;
    }
    reply.status = answer->status;
    reply.text = answer->error;
    reply.retry_after = answer->retry_after;
    if (answer->ok() && answer->data) reply.run_id = answer->data->text("runId");
    return reply;
}

std::string line(std::string_view request, const Reply& reply) {
    std::string text(request);
    text += ": ";
    if (reply.kind == Reply::Kind::answered) text += std::to_string(reply.status);
    if (!reply.text.empty()) {
        if (reply.kind == Reply::Kind::answered) text += ' ';
        text += reply.text;
    }
    if (!reply.run_id.empty()) text += ", run " + reply.run_id;
    return text;
}

/// Where a lookup left off: the recorded run, or the reply that says why there is none.
struct Lookup {
    std::string run_id;  // empty: not found
    bool in_progress = false;
    std::string state;
    Reply reply;
};

Lookup found(const runs_api::Run& run) {
    Lookup lookup;
    lookup.run_id = run.run_id;
    lookup.in_progress = run.completion_state == CompletionState::in_progress;
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

/// Looks a run up by its CI build id: by find, and where that knows only completed runs (the
/// documents word it so) in the list of the project's runs in progress.
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

/// Of what several projects said, the reply that decides what becomes of the call. What is asked
/// again comes first, or a project that is down now would never be asked; then a key to be mended,
/// then what is given up, then what was done; "not found" comes last.
int weight(const Reply& reply) {
    const store::AfterTry after = judge(Call(), reply, Time(), 0.0);
    if (after.was_not_found) return 0;
    switch (after.state) {
        case store::CallState::pending:
            return 5;
        case store::CallState::held:
            return 4;
        case store::CallState::dead:
            return 3;
        case store::CallState::succeeded:
            break;
    }
    return after.changed ? 2 : 1;
}

}  // namespace

asio::awaitable<Performed> Performer::perform(const Call& call) {
    if (call.planned.operation != decide::Operation::cancel_ci) {
        Performed performed;
        performed.reply.kind = Reply::Kind::invalid;
        performed.reply.text = "the operation " +
                               std::string(decide::to_string(call.planned.operation)) +
                               " was planned by another version of this program; use that one";
        performed.log = performed.reply.text;
        co_return performed;
    }
    if (call.planned.only_if_in_progress) co_return co_await cancel_if_in_progress(call);
    co_return co_await cancel_ci(call);
}

asio::awaitable<Reply> Performer::send_cancel_ci(const Call& call, std::string project_id,
                                                 AttemptEncoding encoding) {
    runs_api::CancelGithubCi request;
    request.github_run_id = std::to_string(call.planned.run.run_id);
    request.github_run_attempt = call.planned.attempt;
    request.project_id = std::move(project_id);
    request.encoding = encoding;
    const Result<Answer> answer = co_await api_.cancel_github_ci(std::move(request));
    Reply reply = to_reply(answer);
    if (answer.has_value() && answer->ok() && reply.run_id.empty()) reply.text = "no run is named";
    co_return reply;
}

asio::awaitable<Performed> Performer::cancel_ci(const Call& call) {
    Performed performed;
    const AttemptEncoding first = encoding_;
    performed.reply = co_await send_cancel_ci(call, call.planned.project_id, first);
    performed.log = line("PUT /runs/cancel-ci/github", performed.reply);
    if (performed.reply.kind != Reply::Kind::answered || performed.reply.status != 400)
        co_return performed;

    // 400 may be about the attempt's type; nothing else in the request can be wrong by itself.
    const AttemptEncoding other =
        first == AttemptEncoding::integer ? AttemptEncoding::string : AttemptEncoding::integer;
    performed.reply = co_await send_cancel_ci(call, call.planned.project_id, other);
    performed.log += line(other == AttemptEncoding::string ? "; with the attempt as a string"
                                                           : "; with the attempt as an integer",
                          performed.reply);
    if (performed.reply.kind == Reply::Kind::answered && performed.reply.status != 400)
        encoding_ = other;
    co_return performed;
}

asio::awaitable<Performed> Performer::cancel_in_project(Call call, std::string project_id) {
    Performed performed;
    const std::string build_id = call.planned.ci_build_id;
    const Lookup lookup = co_await look_up(api_, project_id, build_id);
    if (lookup.run_id.empty()) {
        performed.reply = lookup.reply;
        performed.log = line("look up " + build_id, lookup.reply);
        co_return performed;
    }
    performed.log = "look up " + build_id + ": run " + lookup.run_id + " is " + lookup.state;
    if (!lookup.in_progress) {
        performed.reply.kind = Reply::Kind::not_in_progress;
        performed.reply.text = "nothing to cancel: run " + lookup.run_id + " is " + lookup.state;
        co_return performed;
    }
    call.planned.project_id = project_id;
    Performed cancelled = co_await cancel_ci(call);
    performed.reply = std::move(cancelled.reply);
    performed.log += "; " + cancelled.log;
    co_return performed;
}

asio::awaitable<Performed> Performer::cancel_if_in_progress(const Call& call) {
    if (!call.planned.project_id.empty())
        co_return co_await cancel_in_project(call, call.planned.project_id);

    // The policy names no project: the run may be in any of them, and in several.
    Performed performed;
    const Result<Answer> listed = co_await api_.list_projects();
    performed.reply = to_reply(listed);
    performed.log = line("GET /projects", performed.reply);
    if (performed.reply.kind != Reply::Kind::answered) co_return performed;
    if (!listed->ok() || !listed->data) {
        // Every Runs API has projects: this 404 is not about a run.
        if (performed.reply.status == 404 || listed->ok())
            performed.reply.kind = Reply::Kind::failed;
        co_return performed;
    }
    std::vector<std::string> projects;
    for (const std::string_view id : listed->data->project_ids()) projects.emplace_back(id);
    performed.reply = Reply();
    performed.reply.status = 404;  // unless one of them knows the run
    for (const std::string& project : projects) {
        Performed one = co_await cancel_in_project(call, project);
        performed.log += "; " + project + ": " + one.log;
        if (weight(one.reply) > weight(performed.reply)) performed.reply = std::move(one.reply);
    }
    co_return performed;
}

}  // namespace runs_agent::execute
