// SPDX-License-Identifier: MIT
// What is left once the secrets are written: the App is installed, the daemon is started, and the
// first delivery arrives. Setup watches it from GitHub's side.
#pragma once

#include "agent/setup/patience.hpp"
#include "agent/setup/terminal.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "github/connecting.hpp"
#include "github/github.hpp"

#include <cstdint>
#include <string>

namespace runs_agent::agent::setup {

struct Awaited {
    github::Hook hook;
    std::string install_at;  // of an App; empty: there is nothing to install
    std::string url;         // where deliveries go
    std::int64_t after = 0;  // deliveries up to this id do not count
    std::string cure_of_401{ // of a delivery whose signature did not fit
                            "the daemon has another secret; restart it with the one above"};
    std::string log_page;  // where GitHub shows the deliveries
    std::string show;      // the command that shows what arrived
};

/// Says what it sees until a delivery was answered with 2xx and the App is installed, a quarter of
/// an hour at most. What failed is sent again, so that a daemon that is started late is found. What
/// something else answered well is so twice; then it ends, as a relay goes on answering for itself.
/// Returns the exit code. All must live as long.
Awaitable<int> watch(const Terminal& terminal, Patience& patience, const Clock& clock,
                     github::Connecting& connecting, github::GitHub& github, Awaited awaited);

}  // namespace runs_agent::agent::setup
