// SPDX-License-Identifier: MIT
#include "execute/perform.hpp"

#include "execute/cancel_workflow.hpp"
#include "execute/not_recorded.hpp"
#include "execute/reset_found.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::AttemptEncoding;
using runs_api::Meaning;
using store::Call;

namespace {

/// Of a project with more runs in progress than that, a person has to say which it is.
constexpr std::size_t max_asked_for = 100;

/// Of what several projects said, the reply that decides what becomes of the call. That it is not
/// wanted any more comes first; then what is asked again, or a project that is down now would never
/// be asked; then a key to be mended, then what is given up, then what was done; "not found" comes
/// last.
int weight(const Reply& reply) {
    if (reply.kind == Reply::Kind::withdrawn) return 6;
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
        case store::CallState::dropped:  // no answer's doing
            break;
    }
    return after.changed ? 2 : 1;
}

Meaning meaning_of(const Reply& reply) {
    return runs_api::meaning_of(reply.status, reply.text);
}

bool is_not_found(const Reply& reply) {
    return reply.kind == Reply::Kind::answered && meaning_of(reply) == Meaning::no_such_run;
}

/// Of a cancellation: a good answer that names no run cancelled none.
bool names_no_run(const Reply& reply) {
    return is_not_found(reply) || (reply.kind == Reply::Kind::answered &&
                                   meaning_of(reply) == Meaning::done && reply.run_id.empty());
}

/// Of PUT /runs/cancel-ci/github: the daemon asks in the other form at 400 only (docs/runs-api.md).
bool dislikes_form(const Reply& reply) {
    return reply.kind == Reply::Kind::answered && runs_api::dislikes_form(reply.status);
}

}  // namespace

asio::awaitable<Performed> Performer::perform(const Call& call) {
    using decide::Operation;
    switch (call.planned.operation) {
        case Operation::cancel_ci:
            if (!call.planned.only_if_in_progress)
                co_return co_await cancel_ci(call, call.planned.project_id, std::string());
            co_return co_await cancel_ci_if_in_progress(call);
        case Operation::cancel_run:
            co_return co_await in_its_projects(call, &Performer::cancel_orphan);
        case Operation::reset_run:
            co_return co_await in_its_projects(call, &Performer::reset);
        case Operation::cancel_workflow:
        case Operation::force_cancel_workflow:
            co_return co_await cancel_workflow(github_, call, not_wanted_);
    }
    co_return Performed();  // there is no other operation
}

asio::awaitable<Reply> Performer::send_cancel_ci(const Call& call, std::string project_id,
                                                 std::string ci_build_id,
                                                 AttemptEncoding encoding) {
    if (auto instead = co_await in_place_of_request(not_wanted_, call.id))
        co_return std::move(*instead);
    runs_api::CancelGithubCi request;
    request.github_run_id = std::to_string(call.planned.run.run_id);
    request.github_run_attempt = call.planned.attempt;
    request.project_id = std::move(project_id);
    request.ci_build_id = std::move(ci_build_id);
    request.encoding = encoding;
    const Result<Answer> answer = co_await api_.cancel_github_ci(std::move(request));
    Reply reply = to_reply(answer);
    if (answer.has_value() && answer->ok() && reply.run_id.empty()) reply.text = "no run is named";
    co_return reply;
}

asio::awaitable<Performed> Performer::cancel_ci(const Call& call, std::string project_id,
                                                std::string ci_build_id) {
    Performed performed;
    const AttemptEncoding first = encoding_;
    performed.reply = co_await send_cancel_ci(call, project_id, ci_build_id, first);
    performed.log = describe("PUT /runs/cancel-ci/github", performed.reply);
    if (!dislikes_form(performed.reply)) co_return performed;

    const AttemptEncoding other =
        first == AttemptEncoding::integer ? AttemptEncoding::string : AttemptEncoding::integer;
    performed.reply =
        co_await send_cancel_ci(call, std::move(project_id), std::move(ci_build_id), other);
    performed.log += describe(other == AttemptEncoding::string ? "; with the attempt as a string"
                                                               : "; with the attempt as an integer",
                              performed.reply);
    if (performed.reply.kind == Reply::Kind::answered && !dislikes_form(performed.reply))
        encoding_ = other;
    co_return performed;
}

asio::awaitable<Performed> Performer::cancel_ci_if_in_progress(const Call& call) {
    Performed performed = co_await in_its_projects(call, &Performer::cancel_found);
    // Nobody knows the build id: it may be another than the policy's. GitHub's run id and attempt
    // name the run as well, and a superseded run has no use for its results.
    if (!is_not_found(performed.reply) || call.planned.rule != decide::Rule::superseded)
        co_return performed;
    Performed outright = co_await cancel_ci(call, call.planned.project_id, std::string());
    outright.log = performed.log + "; " + outright.log;
    co_return outright;
}

asio::awaitable<Performer::Searched> Performer::in_project(Call call, std::string project_id,
                                                           Action action) {
    const std::string build_id = call.planned.ci_build_id;
    Lookup found = co_await find_recorded_run(api_, project_id, build_id);
    Searched searched;
    Performed& performed = searched.performed;
    if (found.run_id.empty()) {
        performed.reply = std::move(found.reply);
        performed.log = describe("look up " + build_id, performed.reply);
        searched.others = std::move(found.others);
        co_return searched;
    }
    const std::string log = "look up " + build_id + ": run " + found.run_id + " is " + found.state;
    searched.found = true;
    call.planned.project_id = project_id;
    performed = co_await (this->*action)(call, std::move(found));
    performed.log = log + (performed.log.empty() ? "" : "; " + performed.log);
    co_return searched;
}

/// The policy names no project: the run may be in any of them, and in several.
asio::awaitable<Performer::Searched> Performer::in_all_projects(const Call& call, Action action) {
    Searched all;
    Performed& performed = all.performed;
    const Projects projects = co_await list_all_projects(api_);
    performed.reply = projects.reply;
    performed.log = describe("GET /projects", performed.reply);
    if (!projects.listed) co_return all;

    performed.reply = Reply();
    performed.reply.status = 404;  // unless one of them knows the run
    for (const std::string& project : projects.ids) {
        Searched one = co_await in_project(call, project, action);
        performed.log += "; " + project + ": " + one.performed.log;
        all.found = all.found || one.found;
        all.others.insert(all.others.end(), std::make_move_iterator(one.others.begin()),
                          std::make_move_iterator(one.others.end()));
        Reply& reply = one.performed.reply;
        const bool withdrawn = reply.kind == Reply::Kind::withdrawn;
        if (withdrawn && weight(performed.reply) == 2)
            reply.text +=
                "; in another project run " + performed.reply.run_id + " was changed before";
        if (weight(reply) > weight(performed.reply)) performed.reply = std::move(reply);
        if (withdrawn) co_return all;
    }
    if (projects.cut_short.empty()) co_return all;
    Reply unread;
    unread.kind = Reply::Kind::invalid;
    unread.text = "only the first " + std::to_string(projects.ids.size()) +
                  " projects were looked through, as their list was not read to its end (" +
                  std::string(projects.cut_short) + "); set project_id in the policy";
    performed.log += "; " + unread.text;
    if (weight(unread) > weight(performed.reply)) performed.reply = std::move(unread);
    co_return all;
}

asio::awaitable<Performed> Performer::in_its_projects(const Call& call, Action action) {
    const bool named = !call.planned.project_id.empty();
    asio::awaitable<Searched> searching =
        named ? in_project(call, call.planned.project_id, action) : in_all_projects(call, action);
    Searched searched = co_await std::move(searching);
    if (searched.found || !is_not_found(searched.performed.reply))
        co_return std::move(searched.performed);
    co_return co_await where_none_is_recorded(call, std::move(searched));
}

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
    return reset_found(api_, not_wanted_, call, std::move(found));
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
        performed.reply.outcome_if_absent = words;
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
    if (!all_named || candidates.size() > max_asked_for)
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
        if (names_no_run(one.reply)) continue;
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
