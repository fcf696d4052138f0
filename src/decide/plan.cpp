// SPDX-License-Identifier: MIT
#include "decide/plan.hpp"

#include <array>
#include <charconv>

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

std::string PlannedCall::cause() const {
    // No host and no project id holds a slash, and the machine id comes last: no
    // two calls share a cause.
    std::string cause = std::string(to_string(operation)) + '/' + run.host + '/' +
                        std::to_string(run.run_id) + '/' + std::to_string(attempt) + '/' +
                        project_id;
    if (!machine_id.empty())
        cause += '/' + std::to_string(claimed_before.time_since_epoch().count()) + '/' + machine_id;
    return cause;
}

std::string PlannedCall::key() const {
    if (life == Time()) return cause();
    return std::to_string(life.time_since_epoch().count()) + '@' + cause();
}

Time life_of(std::string_view key) {
    std::int64_t count = 0;
    const std::string number(key.substr(0, key.size() - cause_of(key).size()));
    std::from_chars(number.data(), number.data() + number.size(), count);
    return Time(std::chrono::milliseconds(count));
}

std::string_view cause_of(std::string_view key) {
    // No operation's name holds one.
    const auto at = key.substr(0, key.find('/')).find('@');
    return at == std::string_view::npos ? key : key.substr(at + 1);
}

}  // namespace runs_agent::decide
