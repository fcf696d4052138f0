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
        // A rule of the contract was broken before anything was sent: trying again changes nothing.
        reply.kind =
            answer.error().code == Errc::bad_input ? Reply::Kind::invalid : Reply::Kind::failed;
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
    if (answer->ok() && answer->data) co_return found(answer->data->run());
    if (lookup.reply.status != 404) co_return lookup;

    runs_api::ListRuns running;
    running.project_id = project_id;
    running.limit = 100;
    running.completion_states.emplace_back(to_string(CompletionState::in_progress));
    const Result<Answer> listed = co_await api.list_runs(std::move(running));
    const Reply list_reply = to_reply(listed);
    if (list_reply.kind != Reply::Kind::answered || !listed->ok() || !listed->data) {
        // A project that does not exist is a 404 here too, and stays "not found".
        if (list_reply.status != 404) lookup.reply = list_reply;
        co_return lookup;
    }
    for (const runs_api::Run& run : listed->data->runs())
        if (run.ci_build_id == ci_build_id) co_return found(run);
    co_return lookup;
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
    co_return to_reply(answer);
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

asio::awaitable<Performed> Performer::cancel_if_in_progress(const Call& call) {
    Performed performed;
    std::vector<std::string> projects;
    if (!call.planned.project_id.empty()) {
        projects.push_back(call.planned.project_id);
    } else {
        const Result<Answer> listed = co_await api_.list_projects();
        performed.reply = to_reply(listed);
        performed.log = line("GET /projects", performed.reply);
        if (performed.reply.kind != Reply::Kind::answered || !listed->ok() || !listed->data)
            co_return performed;
        for (const std::string_view id : listed->data->project_ids()) projects.emplace_back(id);
        performed.reply = Reply();
        performed.reply.status = 404;  // unless one of them knows the run
    }
    for (const std::string& project : projects) {
        const Lookup lookup = co_await look_up(api_, project, call.planned.ci_build_id);
        if (!performed.log.empty()) performed.log += "; ";
        if (lookup.run_id.empty()) {
            performed.log += line("look up " + call.planned.ci_build_id, lookup.reply);
            performed.reply = lookup.reply;
            // Anything but "not found" leaves it open whether there is a run: no further guessing.
            if (lookup.reply.kind != Reply::Kind::answered || lookup.reply.status != 404)
                co_return performed;
            continue;
        }
        performed.log += "look up " + call.planned.ci_build_id + ": run " + lookup.run_id + " is " +
                         lookup.state;
        if (!lookup.in_progress) {
            performed.reply.kind = Reply::Kind::not_in_progress;
            performed.reply.text =
                "nothing to cancel: run " + lookup.run_id + " is " + lookup.state;
            co_return performed;
        }
        Call narrowed = call;
        narrowed.planned.project_id = project;
        Performed cancelled = co_await cancel_ci(narrowed);
        cancelled.log = performed.log + "; " + cancelled.log;
        co_return cancelled;
    }
    co_return performed;
}

}  // namespace runs_agent::execute
