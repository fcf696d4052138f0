// SPDX-License-Identifier: MIT
// What Playwright keeps in .last-run.json: {"status": "failed", "failedTests": ["<test id>", …]},
// and whether it names all that a re-run must run.
// Source: github.com/microsoft/playwright, packages/playwright/src/runner/lastRun.ts. From 1.63 on
// (pull request 42056) failedTests holds the tests, too, that did not run because something before
// them had failed; a list without them makes --last-failed leave them out.
#pragma once

#include "agent/action/doing/run_results.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::action {

struct LastRun {
    std::string status;  // passed, failed, interrupted, timedout; empty: not told
    std::vector<std::string> failed_tests;  // each once
};

/// Absent where `json` is no such object, or names a test in another way than by its id.
std::optional<LastRun> read_last_run(std::string_view json);

/// As Playwright writes it.
std::string to_json(const LastRun& last_run);

/// Why `last_run` contradicts the run that it is of; empty: it does not.
std::string why_contradictory(const LastRun& last_run, const RunResults& run);

/// Why what the service gave as pwLastRun is of no use for a re-run, in words as of RunResults's
/// `unknown`; empty: it is, once it names all that is to be run (accounts_for). Absent: unreadable.
std::string why_useless(const std::optional<LastRun>& last_run, const RunResults& run);

/// Does it name as many tests as failed, and as were kept from running? What is missing may be
/// found by asking for the run's specs.
bool accounts_for(const LastRun& last_run, const RunResults& run);

/// Adds the failed and the skipped tests of a spec's execution (the `data` of GET
/// /instances/{instanceId}). Returns why they are not all known; empty: they are.
std::string add_tests_of(const OpenSpec& spec, std::string_view instance_json, LastRun& last_run);

}  // namespace runs_agent::agent::action
