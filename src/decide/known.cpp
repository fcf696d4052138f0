// SPDX-License-Identifier: MIT
#include "decide/known.hpp"

#include "decide/text.hpp"

#include <algorithm>
#include <tuple>

namespace runs_agent::decide {

namespace {

/// Length first, so that no choice of names can make two groups look the same.
void append(std::string& text, std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
}

}  // namespace

std::string group_of(const WorkflowRun& run) {
    std::string group;
    append(group, run.key.host);
    append(group, lower(run.repository));
    // Some servers give no ids.
    append(group, run.workflow_id > 0 ? std::to_string(run.workflow_id) : run.workflow_path);
    append(group, lower(run.head_repository));
    append(group, run.head_branch);
    append(group, run.event);
    return group;
}

Withdrawal withdrawal_of(const KnownCall& call, std::string reason) {
    return {call.key, std::move(reason), call.operation, call.run, call.attempt, call.project_id};
}

void History::add_calls(const RunKey& run, Known& known) const {
    const auto entry = runs_.find(run);
    if (entry == runs_.end()) return;
    for (const auto& [key, call] : entry->second.calls) known.calls.push_back(call);
}

void History::add_group(const WorkflowRun& run, Known& known) const {
    const std::string group = group_of(run);
    for (const auto& [key, entry] : runs_) {
        if (key == run.key || entry.attempts.empty()) continue;
        const Attempt& newest = entry.attempts.rbegin()->second;
        if (newest.group != group || newest.head_sha == run.head_sha) continue;
        const KnownRun other{key, newest.run_number, newest.head_sha, newest.created_at,
                             newest.known};
        const bool is_older = other.run_number < run.run_number;
        if (is_older && !newest.known.completed() && !newest.superseded)
            known.older.push_back(other);
        const std::int64_t highest = known.newer ? known.newer->run_number : run.run_number;
        if (other.run_number > highest) known.newer = other;
    }
    std::sort(known.older.begin(), known.older.end(), [](const KnownRun& a, const KnownRun& b) {
        return std::tie(a.run_number, a.key) < std::tie(b.run_number, b.key);
    });
}

Known History::known_of(const WorkflowRun& run) const {
    Known known;
    if (const auto own = runs_.find(run.key); own != runs_.end()) {
        for (const auto& [number, attempt] : own->second.attempts)
            known.attempts.push_back(attempt.known);
    }
    add_group(run, known);
    add_calls(run.key, known);
    for (const KnownRun& other : known.older) add_calls(other.key, known);
    return known;
}

void History::record(const WorkflowRun& run, const Decision& decision) {
    const auto [place, is_new] = runs_[run.key].attempts.try_emplace(run.attempt);
    Attempt& attempt = place->second;
    if (is_new) {
        attempt.known.attempt = run.attempt;
        attempt.group = group_of(run);
        attempt.run_number = run.run_number;
        attempt.head_sha = run.head_sha;
        attempt.created_at = run.created_at;
    }
    const Time before = attempt.known.went_on_after();
    merge_event(attempt.known, run);
    if (attempt.known.went_on_after() != before) attempt.superseded = false;
    runs_[run.key].last = run;
    record(decision);
}

Known History::known_of(const WorkflowJob& job) const {
    Known known;
    const auto own = runs_.find(job.run);
    if (own == runs_.end() || own->second.attempts.empty()) return known;
    for (const auto& [number, attempt] : own->second.attempts)
        known.attempts.push_back(attempt.known);
    add_calls(job.run, known);
    known.last = own->second.last;
    return known;
}

void History::record(const Decision& decision) {
    for (const PlannedCall& call : decision.calls) {
        const KnownCall planned{call.key(),   call.only_if_in_progress, call.operation, call.run,
                                call.attempt, call.project_id,          call.as_of,     false};
        const auto [known, added] = runs_[call.run].calls.try_emplace(planned.key, planned);
        if (!added && known->second.only_if_in_progress && !planned.only_if_in_progress)
            known->second = planned;
    }
    for (const Withdrawal& withdrawal : decision.withdrawn)
        if (const auto call = runs_[withdrawal.run].calls.find(withdrawal.key);
            call != runs_[withdrawal.run].calls.end())
            call->second.withdrawn = true;
    for (const auto& [run, attempt] : decision.superseded)
        if (const auto known = runs_[run].attempts.find(attempt);
            known != runs_[run].attempts.end())
            known->second.superseded = true;
}

}  // namespace runs_agent::decide
