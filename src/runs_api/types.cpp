// SPDX-License-Identifier: MIT
#include "runs_api/types.hpp"

#include "base/text.hpp"

#include <array>

namespace runs_agent::runs_api {

namespace {

constexpr std::array<std::pair<CompletionState, std::string_view>, 4> completion_states = {{
    {CompletionState::in_progress, "IN_PROGRESS"},
    {CompletionState::complete, "COMPLETE"},
    {CompletionState::canceled, "CANCELED"},
    {CompletionState::timeout, "TIMEOUT"},
}};

constexpr std::array<std::pair<RunStatus, std::string_view>, 4> run_statuses = {{
    {RunStatus::running, "RUNNING"},
    {RunStatus::failing, "FAILING"},
    {RunStatus::passed, "PASSED"},
    {RunStatus::failed, "FAILED"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [known, name] : table)
        if (known == value) return name;
    return {};
}

template <class Value, std::size_t N>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, N>& table,
                              std::string_view text) {
    for (const auto& [value, name] : table)
        if (name == text) return value;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(CompletionState state) {
    return name_in(completion_states, state);
}

std::optional<CompletionState> parse_completion_state(std::string_view text) {
    return value_in(completion_states, text);
}

std::string_view to_string(RunStatus status) {
    return name_in(run_statuses, status);
}

std::optional<RunStatus> parse_run_status(std::string_view text) {
    return value_in(run_statuses, text);
}

bool is_branch_filter(std::string_view branch) {
    if (branch.ends_with('*')) branch.remove_suffix(1);
    return is_visible_ascii(branch) && branch.find('*') == std::string_view::npos;
}

}  // namespace runs_agent::runs_api
