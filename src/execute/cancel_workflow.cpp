// SPDX-License-Identifier: MIT
#include "execute/cancel_workflow.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

namespace asio = boost::asio;

namespace {

/// As nothing_to_do(), and told.
Performed left_alone(std::string why) {
    Performed performed = nothing_to_do(std::move(why));
    performed.log = performed.reply.text;
    return performed;
}

}  // namespace

asio::awaitable<Performed> cancel_workflow(github::GitHub& github, const store::Call& call,
                                           NotWanted not_wanted) {
    const std::int64_t run_id = call.planned.run.run_id;
    const std::string name = "workflow run " + std::to_string(run_id);
    if (const std::string other = of_another_host(call, github); !other.empty())
        co_return left_alone("nothing was sent: " + name + other);

    Performed performed;
    const auto run = co_await github.get_workflow_run(call.repository, run_id);
    performed.reply = to_reply(run);
    performed.log = describe("look at " + name, performed.reply);
    if (performed.reply.kind != Reply::Kind::answered || !run->ok() || !run->value)
        co_return performed;
    const bool ended = github::has_ended(*run->value);
    const bool anew = call.planned.as_of != Time() && run->value->started_at > call.planned.as_of;
    if (ended || anew || run->value->attempt > call.planned.attempt) {
        Performed done =
            left_alone("nothing to cancel: " + name + (ended ? " has ended" : " was run again"));
        done.log = performed.log + "; " + done.log;
        co_return done;
    }

    if (auto instead = co_await in_place_of_request(std::move(not_wanted), call.id)) {
        performed.reply = std::move(*instead);
        performed.log += "; " + performed.reply.text;
        co_return performed;
    }
    const bool force = call.planned.operation == decide::Operation::force_cancel_workflow;
    auto asking = force ? github.force_cancel_workflow_run(call.repository, run_id)
                        : github.cancel_workflow_run(call.repository, run_id);
    const auto cancelled = co_await std::move(asking);
    performed.reply = to_reply(cancelled);
    performed.log += describe(force ? "; force-cancel" : "; cancel", performed.reply);
    // It ended just now, or cannot be cancelled in this state: the call by force sees to that.
    if (performed.reply.kind == Reply::Kind::answered && performed.reply.status == 409)
        performed.reply.kind = Reply::Kind::nothing_to_do;
    else if (cancelled.has_value() && cancelled->ok())
        performed.reply.run_id = std::to_string(run_id);
    co_return performed;
}

}  // namespace runs_agent::execute
