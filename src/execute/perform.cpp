#include "execute/perform.hpp"

#include "execute/cancel_workflow.hpp"
#include "runs_api/machines.hpp"

#include <algorithm>

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::AttemptEncoding;
using store::Call;

std::string describe(std::string_view request, const Reply& reply) {
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

namespace {

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

Performed nothing_to_do(const std::string& what, const Lookup& found) {
    Performed performed;
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text = what + ": run " + found.run_id + " is " + found.state;
    return performed;
}

/// Only a cancellation may come before what it is to cancel: whatever is looked for long after its
/// time was recorded by then, or never will be.
Performed settle(const Call& call, Performed performed) {
    const bool unknown =
        performed.reply.kind == Reply::Kind::answered && performed.reply.status == 404;
    if (!unknown || call.planned.operation == decide::Operation::cancel_ci) return performed;
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text = "nothing to do: no run was recorded as " + call.planned.ci_build_id;
    return performed;
}

}  // namespace

asio::awaitable<Performed> Performer::perform(const Call& call) {
    using decide::Operation;
    switch (call.planned.operation) {
        case Operation::cancel_ci:
            if (!call.planned.only_if_in_progress) co_return co_await cancel_ci(call);
            co_return co_await cancel_ci_if_in_progress(call);
        case Operation::cancel_run:
            co_return co_await in_its_projects(call, &Performer::cancel_orphan);
        case Operation::reset_run:
            co_return co_await in_its_projects(call, &Performer::reset);
        case Operation::cancel_workflow:
        case Operation::force_cancel_workflow:
            co_return co_await cancel_workflow(github_, call);
    }
    co_return Performed();  // there is no other operation
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
    performed.log = describe("PUT /runs/cancel-ci/github", performed.reply);
    if (performed.reply.kind != Reply::Kind::answered || performed.reply.status != 400)
        co_return performed;

    // 400 may be about the attempt's type; nothing else in the request can be wrong by itself.
    const AttemptEncoding other =
        first == AttemptEncoding::integer ? AttemptEncoding::string : AttemptEncoding::integer;
    performed.reply = co_await send_cancel_ci(call, call.planned.project_id, other);
    performed.log += describe(other == AttemptEncoding::string ? "; with the attempt as a string"
                                                               : "; with the attempt as an integer",
                              performed.reply);
    if (performed.reply.kind == Reply::Kind::answered && performed.reply.status != 400)
        encoding_ = other;
    co_return performed;
}

asio::awaitable<Performed> Performer::cancel_ci_if_in_progress(const Call& call) {
    Performed performed = co_await in_its_projects(call, &Performer::cancel_found);
    const bool unknown =
        performed.reply.kind == Reply::Kind::answered && performed.reply.status == 404;
    // Nobody knows the build id: it may be another than the policy's. GitHub's run id and attempt
    // name the run as well, and a superseded run has no use for its results.
    if (!unknown || call.planned.rule != decide::Rule::superseded) co_return performed;
    Performed outright = co_await cancel_ci(call);
    outright.log = performed.log + "; " + outright.log;
    co_return outright;
}

asio::awaitable<Performed> Performer::cancel_found(const Call& call, Lookup found) {
    if (!found.in_progress) co_return nothing_to_do("nothing to cancel", found);
    co_return co_await cancel_ci(call);
}

asio::awaitable<Performed> Performer::cancel_orphan(const Call& call, Lookup found) {
    (void)call;
    if (!found.in_progress) co_return nothing_to_do("nothing to cancel", found);
    const Result<Answer> answer = co_await api_.cancel_run(found.run_id);
    Performed performed;
    performed.reply = to_reply(answer);
    performed.log = describe("PUT /runs/" + found.run_id + "/cancel", performed.reply);
    co_return performed;
}

asio::awaitable<Performed> Performer::reset(const Call& call, Lookup found) {
    if (found.cancelled)
        co_return nothing_to_do("nothing to reset, as a cancellation cannot be undone", found);
    const bool dead_runner = !call.planned.machine_id.empty();
    if (dead_runner && !found.in_progress) co_return nothing_to_do("nothing to reset", found);

    Performed performed;
    const Result<Answer> got = co_await api_.get_run(found.run_id);
    performed.reply = to_reply(got);
    performed.log = describe("GET /runs/" + found.run_id, performed.reply);
    if (performed.reply.kind != Reply::Kind::answered || !got->ok()) co_return performed;
    runs_api::ResetScope scope;
    scope.machine_id = call.planned.machine_id;
    if (call.planned.claimed_before != Time()) scope.claimed_before = call.planned.claimed_before;
    std::vector<std::string> machines;
    if (got->data) machines = runs_api::machines_to_reset(got->data->run(), scope);
    if (machines.empty())
        co_return nothing_to_do(dead_runner ? "nothing to reset: machine " + scope.machine_id +
                                                  " holds no unfinished spec"
                                            : "nothing to reset: no machine holds failed or"
                                              " unfinished specs",
                                found);

    for (std::size_t done = 0; done < machines.size();) {
        runs_api::ResetRun request;
        const std::size_t end = std::min(done + runs_api::machines_a_reset, machines.size());
        for (; done < end; ++done) request.machine_ids.push_back(machines[done]);
        const Result<Answer> answer = co_await api_.reset_run(found.run_id, std::move(request));
        performed.reply = to_reply(answer);
        performed.log += "; " + describe("PUT /runs/" + found.run_id + "/reset", performed.reply);
        // What was reset already holds nothing that failed: trying again goes on from here.
        if (performed.reply.kind != Reply::Kind::answered || !answer->ok()) co_return performed;
    }
    performed.reply.run_id = found.run_id;
    performed.reply.text =
        std::to_string(machines.size()) + (machines.size() == 1 ? " machine" : " machines");
    co_return performed;
}

asio::awaitable<Performed> Performer::in_project(Call call, std::string project_id, Action action) {
    const std::string build_id = call.planned.ci_build_id;
    Lookup found = co_await look_up(api_, project_id, build_id);
    Performed performed;
    if (found.run_id.empty()) {
        performed.reply = found.reply;
        performed.log = describe("look up " + build_id, found.reply);
        co_return performed;
    }
    const std::string log = "look up " + build_id + ": run " + found.run_id + " is " + found.state;
    call.planned.project_id = project_id;
    performed = co_await (this->*action)(call, std::move(found));
    performed.log = log + (performed.log.empty() ? "" : "; " + performed.log);
    co_return performed;
}

asio::awaitable<Performed> Performer::in_its_projects(const Call& call, Action action) {
    if (!call.planned.project_id.empty())
        co_return settle(call, co_await in_project(call, call.planned.project_id, action));

    // The policy names no project: the run may be in any of them, and in several.
    Performed performed;
    const Result<Answer> listed = co_await api_.list_projects();
    performed.reply = to_reply(listed);
    performed.log = describe("GET /projects", performed.reply);
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
        Performed one = co_await in_project(call, project, action);
        performed.log += "; " + project + ": " + one.log;
        if (weight(one.reply) > weight(performed.reply)) performed.reply = std::move(one.reply);
    }
    co_return settle(call, std::move(performed));
}

}  // namespace runs_agent::execute
