#include "execute/perform.hpp"

#include "execute/cancel_workflow.hpp"

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::AttemptEncoding;
using store::Call;

namespace {

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

bool is_not_found(const Reply& reply) {
    return reply.kind == Reply::Kind::answered && reply.status == 404;
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
    if (performed.reply.kind != Reply::Kind::answered || performed.reply.status != 400)
        co_return performed;

    // 400 may be about the attempt's type; nothing else in the request can be wrong by itself.
    const AttemptEncoding other =
        first == AttemptEncoding::integer ? AttemptEncoding::string : AttemptEncoding::integer;
    performed.reply =
        co_await send_cancel_ci(call, std::move(project_id), std::move(ci_build_id), other);
    performed.log += describe(other == AttemptEncoding::string ? "; with the attempt as a string"
                                                               : "; with the attempt as an integer",
                              performed.reply);
    if (performed.reply.kind == Reply::Kind::answered && performed.reply.status != 400)
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
    Lookup found = co_await look_up(api_, project_id, build_id);
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

}  // namespace runs_agent::execute
