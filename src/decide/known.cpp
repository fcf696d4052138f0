#include "decide/known.hpp"

#include <algorithm>
#include <optional>
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
    append(group, run.repository);
    append(group, std::to_string(run.workflow_id));
    append(group, run.head_repository);
    append(group, run.head_branch);
    append(group, run.event);
    return group;
}

void absorb(KnownAttempt& known, const WorkflowRun& run) {
    if (known.completed || run.action != "completed" || run.conclusion.empty()) return;
    known.completed = true;
    known.conclusion = run.conclusion;
}

void History::add_calls(const RunKey& run, Known& known) const {
    const auto entry = runs_.find(run);
    if (entry == runs_.end()) return;
    for (const auto& [key, call] : entry->second.calls) known.calls.push_back(call);
}

Known History::known_of(const WorkflowRun& run) const {
    Known known;
    if (const auto own = runs_.find(run.key); own != runs_.end()) {
        for (const auto& [number, attempt] : own->second.attempts)
            known.attempts.push_back(attempt.known);
    }

    const std::string group = group_of(run);
    std::optional<std::int64_t> highest;
    for (const auto& [key, entry] : runs_) {
        if (key == run.key || entry.attempts.empty()) continue;
        const Attempt& newest = entry.attempts.rbegin()->second;
        if (newest.group == group && newest.head_sha != run.head_sha && highest < newest.run_number)
            highest = newest.run_number;
    }
    for (const auto& [key, entry] : runs_) {
        if (key == run.key || entry.attempts.empty()) continue;
        const Attempt& newest = entry.attempts.rbegin()->second;
        const bool leads = newest.head_sha != run.head_sha && newest.run_number == highest;
        if (newest.group == group && (!newest.known.completed || leads))
            known.group.push_back(
                {key, newest.run_number, newest.head_sha, newest.created_at, newest.known});
    }
    std::sort(known.group.begin(), known.group.end(), [](const KnownRun& a, const KnownRun& b) {
        return std::tie(a.run_number, a.key) < std::tie(b.run_number, b.key);
    });
    add_calls(run.key, known);
    for (const KnownRun& other : known.group) add_calls(other.key, known);
    return known;
}

void History::record(const WorkflowRun& run, const Decision& decision) {
    const auto [place, is_new] = runs_[run.key].attempts.try_emplace(run.attempt);
    Attempt& attempt = place->second;
    if (is_new) {
        attempt.known.attempt = run.attempt;
        attempt.known.started_at = run.started_at;
        attempt.group = group_of(run);
        attempt.run_number = run.run_number;
        attempt.head_sha = run.head_sha;
        attempt.created_at = run.created_at;
    }
    absorb(attempt.known, run);
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
        const KnownCall planned{call.key(), call.only_if_in_progress, call.operation, call.attempt};
        const auto [known, added] = runs_[call.run].calls.try_emplace(planned.key, planned);
        if (!added && !planned.only_if_in_progress) known->second = planned;
    }
    for (const Withdrawal& withdrawal : decision.withdrawn)
        for (auto& [key, entry] : runs_)
            if (const auto call = entry.calls.find(withdrawal.key); call != entry.calls.end())
                call->second.withdrawn = true;
}

}  // namespace runs_agent::decide
