// SPDX-License-Identifier: MIT
// One step of a GitHub workflow, from its inputs to its exit code: reads what is asked (asked/),
// does it (doing/), and tells of it (told/): the job's log, its outputs and its page.
#pragma once

namespace runs_agent::agent::action {

/// With `json` the outputs are printed too, and nothing else goes to standard output. Returns the
/// exit code.
int run_step(bool json);

}  // namespace runs_agent::agent::action
