// SPDX-License-Identifier: MIT
// What was reported of a spec before a reset and has no name by which it could be found again:
// tests that are counted and not listed, or listed without id and title, and an exception that kept
// a spec, or a machine's part of it, from running. It counts until it has been answered for.
#pragma once

#include "runs_server/recording/record_request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

struct Unnamed {
    Counters counters;  // all zero where none of them failed
    std::optional<std::string> exception_json;
    /// The machines that have to answer for it, and the names of the tests (test_list.hpp) that
    /// each listed beside it.
    std::map<std::string, std::set<std::string>> owners;
    bool sole = false;  // no other machine ever reported the spec

    bool outstanding() const { return counters.failures > 0 || exception_json; }
};

/// A report of the spec after its reset.
struct LaterReport {
    std::set<std::string> machines;  // that have reported since; empty: not known
    std::set<std::string> names;     // of all tests that were reported since
    bool new_names = false;          // it lists tests that nobody had listed before
    bool all_again = false;          // every test that was listed before has run again
    std::int64_t unnamed = 0;        // how many of its tests have no name
};

/// What is left of it. A machine has been answered for when all that it listed was run again;
/// where it listed nothing, as one that could not begin, when somebody lists tests that are new, or
/// it reports again and no test is left. Unnamed tests may be any of those that are owed: a failure
/// goes last.
Unnamed after_report(Unnamed owed, const LaterReport& answer);

/// How many tests were counted, where `overall` may be left out.
std::int64_t tests_in(const Counters& counters);

/// Without failures and without a name nothing is worth keeping.
Counters kept_unnamed(const Counters& counters);

/// Kept as text; empty for one that holds nothing.
std::string to_text(const Unnamed& owed);
Unnamed unnamed_of(const std::string& text);

}  // namespace runs_agent::runs_server
