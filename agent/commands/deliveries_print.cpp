// SPDX-License-Identifier: MIT
#include "agent/commands/deliveries_print.hpp"

#include "admin/json.hpp"
#include "base/time_text.hpp"
#include "observe/printable.hpp"

#include <initializer_list>

namespace runs_agent::agent {

using store::Call;
using store::CallHistory;
using store::CallState;
using store::DeliveryDetail;
using store::DeliveryRow;

namespace {

std::string event_of(const DeliveryRow& row) {
    return row.action.empty() ? row.event : row.event + "." + row.action;
}

std::string name_of(const Call& call) {
    std::string name = std::string(decide::to_string(call.planned.operation)) + " run " +
                       std::to_string(call.planned.run.run_id) + " attempt " +
                       std::to_string(call.planned.attempt);
    if (!call.planned.project_id.empty()) name += " project " + call.planned.project_id;
    if (!call.planned.machine_id.empty()) name += " machine " + call.planned.machine_id;
    if (call.planned.only_if_in_progress) name += " (only while in progress)";
    return printable(name);
}

void add_line(std::string& text, std::string_view name, const std::string& value) {
    constexpr std::size_t column = 12;
    if (value.empty()) return;
    text += name;
    text.append(column - name.size(), ' ');
    text += printable(value) + "\n";
}

/// Those parts that are there, with `between` them.
std::string joined(std::initializer_list<std::string> parts, std::string_view between = ", ") {
    std::string text;
    for (const std::string& part : parts) {
        if (part.empty()) continue;
        if (!text.empty()) text += between;
        text += part;
    }
    return text;
}

std::string with(std::string_view label, const std::string& value) {
    return value.empty() ? std::string() : std::string(label) + value;
}

std::string numbered(std::string_view label, std::int64_t number) {
    return number == 0 ? std::string() : with(label, std::to_string(number));
}

// What an event does not tell is not said.

void describe_run(std::string& text, const decide::WorkflowRun& run) {
    add_line(text, "run",
             joined({std::to_string(run.key.run_id) + " attempt " + std::to_string(run.attempt),
                     numbered("number ", run.run_number), with("by ", run.event)}));
    add_line(text, "workflow",
             run.workflow_name.empty()
                 ? run.workflow_path
                 : run.workflow_name +
                       (run.workflow_path.empty() ? "" : " (" + run.workflow_path + ")"));
    const bool fork = !run.head_repository.empty() && run.head_repository != run.repository;
    add_line(text, "branch",
             joined({run.head_branch, fork ? "of " + run.head_repository : ""}, " "));
    add_line(text, "status", joined({run.status, with("concluded ", run.conclusion)}));
    add_line(text, "started by", run.triggering_actor.empty() ? run.actor : run.triggering_actor);
}

void describe_job(std::string& text, const decide::WorkflowJob& job) {
    add_line(text, "run",
             std::to_string(job.run.run_id) + " attempt " + std::to_string(job.attempt));
    add_line(text, "job", joined({job.name, numbered("id ", job.job_id)}));
    add_line(text, "runner", job.runner_name);
    add_line(text, "workflow", job.workflow_name);
    add_line(text, "branch", job.head_branch);
    add_line(text, "sender", job.sender);
    const bool ended = job.completed_at != Time();
    add_line(text, "status",
             joined({with("concluded ", job.conclusion),
                     ended ? "ended " + to_iso8601(job.completed_at) : ""}));
}

void describe_call(std::string& text, const CallHistory& history, const std::string& shown) {
    const Call& call = history.call;
    text += "\n" + name_of(call) + "\n";
    if (call.delivery != shown) add_line(text, "  moved to", "delivery " + call.delivery);
    add_line(text, "  rule", std::string(decide::to_string(call.planned.rule)));
    add_line(text, "  why", call.planned.reason);
    std::string state(store::to_string(call.state));
    if (call.state == CallState::pending) state += ", due " + to_iso8601(call.due_at);
    if (call.finished_at) state += " at " + to_iso8601(*call.finished_at);
    add_line(text, "  state", state);
    add_line(text, "  outcome", call.outcome);
    for (const store::Try& tried : history.tries)
        text += "    " + to_iso8601(tried.at) + "  " + to_words(tried.took) + "  " +
                printable(tried.result) + "\n";
}

}  // namespace

std::string describe_deliveries(const std::vector<DeliveryRow>& rows) {
    std::string text;
    for (const DeliveryRow& row : rows) {
        text += to_iso8601(row.received_at) + "  " + printable(row.guid) + "  " +
                printable(event_of(row)) + "  " +
                (row.repository.empty() ? "-" : printable(row.repository));
        if (row.run)
            text += " run " + std::to_string(row.run->key.run_id) + "/" +
                    std::to_string(row.run->attempt);
        if (row.job) text += with(" ", printable(row.job->name));
        text += "  " + (row.rule.empty() ? "-" : printable(row.rule)) + "  " +
                admin::progress(row) + "\n";
    }
    return text;
}

std::string describe_delivery(const DeliveryDetail& detail) {
    const DeliveryRow& row = detail.row;
    std::string text;
    add_line(text, "delivery", row.guid);
    add_line(text, "event", event_of(row) + " from " + row.host);
    add_line(text, "received", to_iso8601(row.received_at));
    add_line(text, "repository", row.repository);
    if (row.job)
        describe_job(text, *row.job);
    else if (row.run)
        describe_run(text, *row.run);
    add_line(text, "decided", row.decided_at ? to_iso8601(*row.decided_at) : "not yet");
    add_line(text, "rule", row.rule);
    add_line(text, "why", row.reason);
    if (row.decided_at) add_line(text, "policy", admin::policy_then(row));
    if (row.decided_at && detail.calls.empty()) add_line(text, "calls", "none");
    for (const CallHistory& history : detail.calls) describe_call(text, history, row.guid);
    return text;
}

std::string describe_acts(const std::vector<store::HandRecord>& acts) {
    std::string text;
    for (const store::HandRecord& act : acts) {
        text += to_iso8601(act.at) + "  " + printable(act.act) + "  " +
                printable(act.delivery.empty() ? act.subject : act.delivery) + "  by " +
                printable(act.actor);
        if (!act.reason.empty()) text += ": " + printable(act.reason);
        if (!act.filter.empty()) text += " (one of " + printable(act.filter) + ")";
        text += "\n";
    }
    return text;
}

std::string describe_outcome(const store::ByHand& by, const store::HandOutcome& outcome) {
    const bool replays = by.act == store::HandAct::replay;
    std::string text = by.dry_run ? (replays ? "would replay " : "would drop ")
                                  : (replays ? "replayed " : "dropped ");
    text += std::to_string(outcome.deliveries) + " deliveries (" + std::to_string(outcome.calls) +
            " calls)";
    int alone = 0;
    for (const auto& [why, count] : outcome.left_alone) alone += count;
    if (alone > 0) text += ", left alone " + std::to_string(alone);
    text += "\n";
    for (const auto& [why, count] : outcome.left_alone)
        text += "  " + std::to_string(count) + ": " + printable(why) + "\n";
    if (outcome.more)
        text += "there are more that fit; do it again for the next " + std::to_string(by.at_most) +
                ", or give --at-most\n";
    return text;
}

std::string describe_outcome_of_one(const store::ByHand& by, const store::HandOutcome& outcome) {
    const std::string count = std::to_string(outcome.calls);
    const std::string would = by.dry_run ? "(not done) " : "";
    if (by.act == store::HandAct::drop)
        return would + count +
               " call(s) given up by hand; `deliveries replay` takes them up again\n";
    if (outcome.calls == 0)
        return would +
               "it has no calls to do again; where it can be decided, the daemon decides it anew\n";
    return would + count + " call(s) will be done again; the daemon takes them up within seconds\n";
}

}  // namespace runs_agent::agent
