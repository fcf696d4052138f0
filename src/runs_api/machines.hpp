// SPDX-License-Identifier: MIT
// Whose specs a reset is to open again.
#pragma once

#include "base/time.hpp"
#include "runs_api/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::runs_api {

/// The contract's limit for one PUT /runs/{runId}/reset.
constexpr std::size_t max_machines_per_reset = 63;

/// Narrows the choice of machines_to_reset.
struct ResetScope {
    /// Only this machine, and only if it holds specs that it began and did not finish.
    std::string machine_id;
    /// A machine that began a spec at that time or later, and has not finished it, is at work: it
    /// is left alone. For the others, only what they began before counts.
    std::optional<Time> claimed_before;
};

/// The machines of a run that hold failed or unfinished specs, in the run's order, each once.
std::vector<std::string> machines_to_reset(const Run& run, const ResetScope& scope = {});

/// How many specs a reset of each of these machines opens again, in their order: its failed and its
/// unfinished ones (docs/runs-api.md).
std::vector<std::int64_t> specs_to_reset(const Run& run, const std::vector<std::string>& machines);

/// The requests that reset these machines, in their order: as few as the limit allows.
std::vector<ResetRun> in_reset_parts(const std::vector<std::string>& machines);

}  // namespace runs_agent::runs_api
