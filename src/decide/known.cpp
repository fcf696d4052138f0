#include "decide/known.hpp"

#include <algorithm>

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

}  // namespace runs_agent::decide
