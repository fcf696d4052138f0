// SPDX-License-Identifier: MIT
// The machine id as people set it for their reporter (CURRENTS_MACHINE_ID), found again from a
// workflow_job event. The event does not hold the job's matrix, but its name does; where, a pattern
// of the policy says: "e2e (${{ matrix.shard }}, *)".
#pragma once

#include "decide/build_id_template.hpp"
#include "decide/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::decide {

/// Is this a machine id as a policy may give it? It may name runner.name, matrix.ANYTHING and what
/// a CI build id may name; absent: it is.
std::optional<TemplateError> check_machine_id(std::string_view text);

/// A matrix value that `machine_id` names and one of `jobs` does not; empty: there is none. Without
/// `jobs`, no job's matrix is known.
std::string untold_matrix_value(std::string_view machine_id, const std::vector<std::string>& jobs);

/// The machine id of a job, or why there is none.
struct MachineId {
    std::string id;        // empty: there is none
    std::string why_none;  // what follows on the job's name: " was given to no runner"
};

/// The machine id of a job of `run`. None: no runner took it, `jobs` does not list it, or its name
/// does not tell for certain which values it holds.
MachineId machine_id_of(std::string_view machine_id, const std::vector<std::string>& jobs,
                        const WorkflowRun& run, const WorkflowJob& job);

}  // namespace runs_agent::decide
