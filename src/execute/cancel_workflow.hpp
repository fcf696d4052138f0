// SPDX-License-Identifier: MIT
// Cancels a workflow run on GitHub. Internal to execute/.
#pragma once

#include "base/awaitable.hpp"
#include "execute/not_wanted.hpp"
#include "execute/performed.hpp"
#include "github/github.hpp"
#include "store/store.hpp"

namespace runs_agent::execute {

/// Looks at the run first: it may have ended, or been run again, which is another attempt's
/// business. Then cancels it, by force where the call says so, if that is still wanted. On GitHub's
/// client's executor.
Awaitable<Performed> cancel_workflow(github::GitHub& github, const store::Call& call,
                                     NotWanted not_wanted = {});

}  // namespace runs_agent::execute
