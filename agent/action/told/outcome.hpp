// SPDX-License-Identifier: MIT
// What came of a step, and its forms for programs: outputs for the steps after it, and JSON.
#pragma once

#include "agent/action/told/console.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runs_agent::agent::action {

/// The values of the output "outcome", written with dashes.
enum class Ending {
    cancelled,
    already_cancelled,
    nothing_to_cancel,
    reset,
    nothing_to_reset,
    found,
    nothing_found,
    failed,
};

/// "already-cancelled" and so on.
std::string_view to_string(Ending ending);

/// One line of the summary's table, where a step asked for several things.
struct Row {
    std::string asked;
    std::string happened;
    std::string run_id;
    std::string run_url;
};

struct Outcome {
    Ending ending = Ending::failed;
    std::string happened;  // one sentence for people, with its advice where something went wrong
    Level level = Level::notice;
    std::string run_id;
    std::string run_url;
    std::string status;  // CANCELED, or what find and reset saw (run_results.hpp)
    std::string extra_pw_flags;
    std::string reason;           // find: why there are no flags, all tests are to be run
    std::string last_run;         // JSON to write to the output file; empty: none
    std::optional<Errc> failure;  // decides the exit code
    std::vector<Row> rows;        // empty: the outcome is the only one
};

Outcome failed(const Error& error);

/// The outputs in the order that documents and JSON have them, each an inert line
/// (observe/printable.hpp); the reason only where there is one.
std::vector<std::pair<std::string, std::string>> outputs_of(const Outcome& outcome);

/// One output as GITHUB_OUTPUT wants it: NAME<<DELIMITER, the value, DELIMITER. Makes delimiters
/// with `random` until one is not in the value, so that no value can end early and begin another
/// output.
template <class Random>
std::string output_entry(const std::string& name, const std::string& value, Random random) {
    std::string delimiter;
    do delimiter = "ghadelimiter_" + random();
    while (value.find(delimiter) != std::string::npos);
    return name + "<<" + delimiter + "\n" + value + "\n" + delimiter + "\n";
}

/// The outputs as one JSON object.
std::string to_json(const Outcome& outcome);

}  // namespace runs_agent::agent::action
