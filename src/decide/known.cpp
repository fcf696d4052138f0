#include "decide/known.hpp"

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
    const std::string group = group_of(run);
    std::int64_t newest = 0;
    for (const auto& [key, entry] : runs_)
        if (entry.group == group && key != run.key) newest = std::max(newest, entry.run_number);
    for (const auto& [key, entry] : runs_) {
        if (key == run.key) {
            for (const auto& [number, attempt] : entry.attempts) known.attempts.push_back(attempt);
            for (const auto& [name, call] : entry.calls) known.calls.push_back(call);
        } else if (entry.group == group) {
            const KnownAttempt& last = entry.attempts.rbegin()->second;
            if (!last.completed || entry.run_number == newest)
                known.group.push_back({key, entry.run_number, last});
        }
    }
    std::sort(known.group.begin(), known.group.end(), [](const KnownRun& a, const KnownRun& b) {
        return std::tie(a.run_number, a.key) < std::tie(b.run_number, b.key);
    });
    return known;
}

void History::record(const WorkflowRun& run, const Decision& decision) {
    Entry& entry = runs_[run.key];
    entry.group = group_of(run);
    entry.run_number = run.run_number;
    KnownAttempt& attempt = entry.attempts[run.attempt];
    attempt.attempt = run.attempt;
    absorb(attempt, run);
    for (const PlannedCall& call : decision.calls) {
        KnownCall& known = runs_[call.run].calls[call.key()];
        known.key = call.key();
        known.only_if_in_progress = call.only_if_in_progress;
    }
}

}  // namespace runs_agent::decide
