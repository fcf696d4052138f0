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

Known History::known_of(const WorkflowRun& run) const {
    Known known;
    if (const auto own = runs_.find(run.key); own != runs_.end()) {
        for (const auto& [number, attempt] : own->second.attempts)
            known.attempts.push_back(attempt.known);
        for (const auto& [key, call] : own->second.calls) known.calls.push_back(call);
    }

    const std::string group = group_of(run);
    std::optional<std::int64_t> highest;
    for (const auto& [key, entry] : runs_)
        for (const auto& [number, attempt] : entry.attempts)
            if (key != run.key && attempt.group == group && highest < attempt.run_number)
                highest = attempt.run_number;
    for (const auto& [key, entry] : runs_) {
        if (key == run.key || entry.attempts.empty()) continue;
        const Attempt& newest = entry.attempts.rbegin()->second;
        if (newest.group == group && (!newest.known.completed || newest.run_number == highest))
            known.group.push_back({key, newest.run_number, newest.known});
    }
    std::sort(known.group.begin(), known.group.end(), [](const KnownRun& a, const KnownRun& b) {
        return std::tie(a.run_number, a.key) < std::tie(b.run_number, b.key);
    });
    return known;
}

void History::record(const WorkflowRun& run, const Decision& decision) {
    const auto [place, is_new] = runs_[run.key].attempts.try_emplace(run.attempt);
    Attempt& attempt = place->second;
    if (is_new) {
        attempt.known.attempt = run.attempt;
        attempt.group = group_of(run);
        attempt.run_number = run.run_number;
    }
    absorb(attempt.known, run);
    for (const PlannedCall& call : decision.calls) {
        const KnownCall planned{call.key(), call.only_if_in_progress};
        const auto [known, added] = runs_[call.run].calls.try_emplace(planned.key, planned);
        if (!added && !planned.only_if_in_progress) known->second.only_if_in_progress = false;
    }
}

}  // namespace runs_agent::decide
