// What is done once it is known whether a run is recorded under the call's CI build id.
#include "execute/not_recorded.hpp"
#include "execute/perform.hpp"
#include "runs_api/machines.hpp"

#include <algorithm>

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using store::Call;

namespace {

/// Of a project with more runs in progress than that, a person has to say which it is.
constexpr std::size_t most_asked_for = 100;

Performed nothing_to_do(std::string why) {
    Performed performed;
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text = std::move(why);
    return performed;
}

Performed nothing_to_do(const std::string& what, const Lookup& found) {
    return nothing_to_do(what + ": run " + found.run_id + " is " + found.state);
}

/// Why no machine is reset.
std::string no_machine(const runs_api::Run& run, const std::string& machine_id) {
    if (machine_id.empty()) return "nothing to reset: no machine holds failed or unfinished specs";
    const bool known = std::any_of(
        run.specs.begin(), run.specs.end(),
        [&](const runs_api::SpecSummary& spec) { return spec.machine_id == machine_id; });
    if (known) return "nothing to reset: machine " + machine_id + " holds no unfinished spec";
    return "nothing to reset: no machine has recorded as " + machine_id +
           " (where the job did run specs, set CURRENTS_MACHINE_ID in the workflow to what the "
           "policy's machine_id makes, or machine_id to what the reporter uses)";
}

}  // namespace

asio::awaitable<Performed> Performer::cancel_found(const Call& call, Lookup found) {
    if (!found.in_progress) co_return nothing_to_do("nothing to cancel", found);
    co_return co_await cancel_ci(call, call.planned.project_id, std::string());
}

asio::awaitable<Performed> Performer::cancel_orphan(const Call& call, Lookup found) {
    if (!found.in_progress) co_return nothing_to_do("nothing to cancel", found);
    Performed performed;
    if (auto instead = co_await in_place_of_request(not_wanted_, call.id)) {
        performed.reply = std::move(*instead);
        performed.log = performed.reply.text;
        co_return performed;
    }
    const Result<Answer> answer = co_await api_.cancel_run(found.run_id);
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
    std::vector<std::string> machines;
    std::string why_none;
    {
        // A whole run may be long: it is let go before anything is sent.
        const Result<Answer> got = co_await api_.get_run(found.run_id);
        performed.reply = to_reply(got);
        performed.log = describe("GET /runs/" + found.run_id, performed.reply);
        if (performed.reply.kind != Reply::Kind::answered || !got->ok()) co_return performed;
        runs_api::ResetScope scope;
        scope.machine_id = call.planned.machine_id;
        if (call.planned.claimed_before != Time())
            scope.claimed_before = call.planned.claimed_before;
        runs_api::Run run;
        if (got->data) run = got->data->run();
        machines = runs_api::machines_to_reset(run, scope);
        if (machines.empty()) why_none = no_machine(run, scope.machine_id);
    }
    if (machines.empty()) co_return nothing_to_do(why_none, found);
    co_return co_await reset_machines(call, std::move(found.run_id), std::move(machines),
                                      std::move(performed.log));
}

asio::awaitable<Performed> Performer::reset_machines(const Call& call, std::string run_id,
                                                     std::vector<std::string> machines,
                                                     std::string log) {
    Performed performed;
    performed.log = std::move(log);
    const std::string all =
        std::to_string(machines.size()) + (machines.size() == 1 ? " machine" : " machines");
    for (std::size_t done = 0; done < machines.size();) {
        if (auto instead = co_await in_place_of_request(not_wanted_, call.id)) {
            performed.reply = std::move(*instead);
            if (done > 0)
                performed.reply.text.append("; " + std::to_string(done) + " of ")
                    .append(all + " of run ")
                    .append(run_id + " had been reset");
            performed.log += "; " + performed.reply.text;
            co_return performed;
        }
        runs_api::ResetRun request;
        const std::size_t end = std::min(done + runs_api::machines_a_reset, machines.size());
        for (; done < end; ++done) request.machine_ids.push_back(machines[done]);
        const Result<Answer> answer = co_await api_.reset_run(run_id, std::move(request));
        performed.reply = to_reply(answer);
        performed.log += "; " + describe("PUT /runs/" + run_id + "/reset", performed.reply);
        // What was reset already holds nothing that failed: trying again goes on from here.
        if (performed.reply.kind != Reply::Kind::answered || !answer->ok()) co_return performed;
    }
    performed.reply.run_id = std::move(run_id);
    performed.reply.text = all;
    co_return performed;
}

/// Only a cancellation may come before what it is to cancel: whatever is looked for long after its
/// time was recorded by then, or never will be.
asio::awaitable<Performed> Performer::where_none_is_recorded(const Call& call, Searched searched) {
    const std::size_t others = searched.others.size();
    if (call.planned.operation == decide::Operation::cancel_run && others > 0)
        co_return co_await cancel_by_github_ids(call, std::move(searched));
    Performed& performed = searched.performed;
    const std::string words = not_recorded(call, others);
    if (call.planned.operation == decide::Operation::cancel_ci) {
        // Of attempt N-1, whose build id nobody knows, only the reporter could tell whether attempt
        // N records into the same run: GitHub's ids would name it, but not that it is of no use.
        performed.reply.if_never = words;
    } else {
        performed.reply.kind = Reply::Kind::nothing_to_do;
        performed.reply.text = words;
    }
    co_return std::move(performed);
}

/// The reporter may have made its build id by itself. Where GitHub says that the attempt has ended
/// and none came after it, what its id and attempt name is an orphan if it is in progress. So each
/// run in progress is named by its own build id and by GitHub's ids together: none that is
/// complete, and none of somebody else, is hit.
asio::awaitable<Performed> Performer::cancel_by_github_ids(const Call& call, Searched searched) {
    Performed performed = std::move(searched.performed);
    const AttemptEnd attempt = co_await look_at_attempt(github_, call);
    if (!attempt.log.empty()) performed.log += "; " + attempt.log;
    if (attempt.later) {
        performed.reply = *attempt.later;
        co_return performed;
    }
    const std::size_t others = searched.others.size();
    const bool all_named =
        std::none_of(searched.others.begin(), searched.others.end(),
                     [](const InProgress& run) { return run.ci_build_id.empty(); });
    const auto candidates = made_during(attempt, std::move(searched.others));
    std::string uncertain = attempt.why_not;
    if (!all_named || candidates.size() > most_asked_for)
        uncertain = "too many, or too little is known of them, to ask for each";
    performed.reply = Reply();
    performed.reply.kind = Reply::Kind::nothing_to_do;
    performed.reply.text = not_recorded(call, others, uncertain);
    if (!uncertain.empty()) co_return performed;

    performed.reply.text = not_recorded(call, 0) + " that GitHub's run id and attempt name";
    std::size_t asked = 0;
    for (const InProgress& run : candidates) {
        Performed one = co_await cancel_ci(call, run.project_id, run.ci_build_id);
        ++asked;
        const bool absent =
            one.reply.kind == Reply::Kind::answered &&
            (one.reply.status == 404 ||
             (one.reply.status >= 200 && one.reply.status < 300 && one.reply.run_id.empty()));
        if (absent) continue;
        performed.log += "; " + run.ci_build_id + ": " + one.log;
        const bool so_now =
            one.reply.kind == Reply::Kind::answered &&
            judge(call, one.reply, Time(), 0.0).state == store::CallState::succeeded;
        performed.reply = std::move(one.reply);
        // Else it is for later, or for nobody: what was cancelled is not in progress then.
        if (!so_now) co_return performed;
    }
    performed.log += "; " + std::to_string(asked) + " runs in progress asked for by GitHub's ids";
    co_return performed;
}

}  // namespace runs_agent::execute
