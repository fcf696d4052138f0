// SPDX-License-Identifier: MIT
// The sums in previous-ci-build-id: the official last-failed action renders it as a template, and
// "e2e-${{ github.run_id }}-<%= ${{ github.run_attempt }} - 1 %>" is how its users name the attempt
// before, since GitHub's own expressions cannot subtract.
// Source: docs.currents.dev, custom CI build ids for re-runs.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent::action {

/// `text` with the value in the place of each `<%= N %>`, `<%= N + M %>` and `<%= N - M %>`.
/// Errc::bad_input at any other `<%`, saying that it stands in `where` and what is understood.
Result<std::string> evaluate_sums(const std::string& text, const std::string& where);

}  // namespace runs_agent::agent::action
