// SPDX-License-Identifier: MIT
#include "runs_api/machines.hpp"

#include "base/time_text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace runs_agent::runs_api {

namespace {

bool is_unfinished(const SpecSummary& spec) {
    return spec.completed_at.empty();
}

bool began_before(const SpecSummary& spec, const std::optional<Time>& time) {
    if (!time) return true;
    const auto claimed = parse_iso8601(spec.claimed_at);
    // What does not say when it began may belong to somebody who is at work.
    return claimed && *claimed < *time;
}

}  // namespace

std::vector<std::string> machines_to_reset(const Run& run, const ResetScope& scope) {
    std::set<std::string_view> at_work;
    for (const SpecSummary& spec : run.specs)
        if (is_unfinished(spec) && !began_before(spec, scope.claimed_before))
            at_work.insert(spec.machine_id);

    std::vector<std::string> machines;
    for (const SpecSummary& spec : run.specs) {
        const bool wanted = is_unfinished(spec) || (scope.machine_id.empty() && spec.failures > 0);
        if (spec.machine_id.empty() || !wanted || at_work.contains(spec.machine_id)) continue;
        if (!scope.machine_id.empty() && spec.machine_id != scope.machine_id) continue;
        if (!began_before(spec, scope.claimed_before)) continue;
        if (std::find(machines.begin(), machines.end(), spec.machine_id) == machines.end())
            machines.emplace_back(spec.machine_id);
    }
    return machines;
}

std::vector<std::int64_t> specs_to_reset(const Run& run, const std::vector<std::string>& machines) {
    std::map<std::string_view, std::int64_t> held;
    for (const SpecSummary& spec : run.specs)
        if (is_unfinished(spec) || spec.failures > 0) ++held[spec.machine_id];
    std::vector<std::int64_t> specs;
    specs.reserve(machines.size());
    for (const std::string& machine : machines) specs.push_back(held[machine]);
    return specs;
}

std::vector<ResetRun> in_reset_parts(const std::vector<std::string>& machines) {
    std::vector<ResetRun> parts;
    for (const std::string& machine : machines) {
        if (parts.empty() || parts.back().machine_ids.size() == max_machines_per_reset)
            parts.emplace_back();
        parts.back().machine_ids.push_back(machine);
    }
    return parts;
}

}  // namespace runs_agent::runs_api
