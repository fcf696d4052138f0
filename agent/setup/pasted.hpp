// SPDX-License-Identifier: MIT
// --paste: no listener. The page is a file, and a person copies the address that the browser ends
// on.
#pragma once

#include "agent/setup/patience.hpp"
#include "agent/setup/plan.hpp"
#include "agent/setup/terminal.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

#include <string>

namespace runs_agent::agent::setup {

/// The code. Asks until what is pasted fits, for as long as a code works. The file is removed
/// whatever comes. Errc::io where it cannot be written, else what made_app.hpp has for who begins
/// again. All must live as long.
Awaitable<Result<std::string>> paste_code(const Terminal& terminal, Patience& patience,
                                          const Clock& clock, const Plan& plan);

}  // namespace runs_agent::agent::setup
