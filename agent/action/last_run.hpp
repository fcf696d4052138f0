// What Playwright keeps in .last-run.json: {"status": "failed", "failedTests": ["<test id>", …]}.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace runs_agent::agent::action {

/// How many tests it names as failed; absent where `json` is no such object.
std::optional<std::size_t> count_failed_tests(std::string_view json);

}  // namespace runs_agent::agent::action
