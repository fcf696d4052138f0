// SPDX-License-Identifier: MIT
// Patterns over the names of jobs, and the matrix values that a name holds:
// "e2e (${{ matrix.shard }}, *)".
#pragma once

#include "decide/build_id_template.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::decide {

/// A name that a job's matrix tells: "matrix." and what may follow it, in lower case.
bool is_matrix(std::string_view name);

/// Is this a pattern over job names? `*`, `?` as in globs, and ${{ matrix.NAME }} where that value
/// stands; absent: it is. Not one that can be read in two ways whatever the name: where no text
/// stands between a value and a `*` or another value, nothing says where the one ends.
std::optional<TemplateError> check_job_pattern(std::string_view text);

/// The matrix values that a job's name holds, by their names ("matrix.shard"). Two of them: the
/// name can be read in both ways, and which is meant is not known.
using MatrixValues = std::map<std::string, std::vector<std::string>>;

/// The values in `name`, which are never empty; absent: it does not fit. Time is at most
/// proportional to the pattern's length and the square of the name's.
std::optional<MatrixValues> match_job(std::string_view pattern, std::string_view name);

/// Adds what is not there yet, until there are two.
void add_values(std::vector<std::string>& values, const std::vector<std::string>& more);

/// Did GitHub cut the name of a job? It keeps 97 characters of each part (a reusable workflow's
/// caller and job are parts, with " / " between them) and puts "..." behind them.
/// Source: github.com/pytorch/test-infra, issue 6574; github.com/kata-containers/kata-containers,
/// issue 11176.
bool is_cut(std::string_view job_name);

}  // namespace runs_agent::decide
