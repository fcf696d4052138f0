#include "decide/plan.hpp"

#include <array>

namespace runs_agent::decide {

namespace {

constexpr std::array<std::string_view, 6> rule_names{"R1", "R2", "R3", "R4", "R5", "R6"};
constexpr std::array<std::string_view, 5> operation_names{
    "cancel-ci", "cancel-run", "reset-run", "cancel-workflow", "force-cancel-workflow"};

}  // namespace

std::string_view to_string(Rule rule) {
    return rule_names[static_cast<std::size_t>(rule)];
}

std::string_view to_string(Operation operation) {
    return operation_names[static_cast<std::size_t>(operation)];
}

bool asks_github(Operation operation) {
    return operation == Operation::cancel_workflow || operation == Operation::force_cancel_workflow;
}

std::optional<Operation> parse_operation(std::string_view name) {
    for (std::size_t i = 0; i < operation_names.size(); ++i)
        if (name == operation_names[i]) return static_cast<Operation>(i);
    return std::nullopt;
}

std::string PlannedCall::key() const {
    // No host and no project id holds a slash, and the machine id comes last: no
    // two calls share a key.
    std::string key = std::string(to_string(operation)) + '/' + run.host + '/' +
                      std::to_string(run.run_id) + '/' + std::to_string(attempt) + '/' + project_id;
    if (!machine_id.empty())
        key += '/' + std::to_string(claimed_before.time_since_epoch().count()) + '/' + machine_id;
    return key;
}

}  // namespace runs_agent::decide
