// SPDX-License-Identifier: MIT
// The results of a spec as the database keeps them: what its row says, and its tests, as lists,
// which batches brought, and as rows, which reporters fill test by test (test_rows.hpp). Whoever
// reads a spec's tests reads both.
#pragma once

#include "base/time.hpp"
#include "runs_server/recording/merge_report.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// All that is known. None where nothing was reported.
KnownTests tests_of(sqlite::Database& database, const std::string& spec_id);

/// The lists alone; absent where there are none.
std::optional<KnownTests> listed_tests(sqlite::Database& database, const std::string& spec_id);
void keep_tests(sqlite::Database& database, const std::string& spec_id, const KnownTests& tests);

/// Makes lists of the rows, for who is about to add a batch to them: two reporters of different
/// kinds tell of one spec. Rows of tests that are under way stay. Returns the tests that were done,
/// and those of earlier batches with them.
std::string make_lists_of_rows(sqlite::Database& database, const std::string& spec_id);

/// A batch has completed the spec: it is not complete while tests are under way that are told of
/// one by one.
void wait_for_rows(sqlite::Database& database, const std::string& spec_id);

/// What a spec's row says of its results.
struct SpecOutcome {
    Counters counters;
    std::optional<std::string> stats_json;  // absent: it is not complete
    std::optional<std::string> exception_json;
    bool failed = false;
    bool failed_before = false;
};
SpecOutcome outcome_in_row(sqlite::Database& database, const std::string& spec_id);

/// When a spec that is complete is said to have become so.
enum class CompletedAt : std::uint8_t {
    first,  // when it first was, since its last reset
    last,   // now
};
void keep_outcome(sqlite::Database& database, const std::string& spec_id,
                  const SpecOutcome& outcome, CompletedAt completed, Time now);

}  // namespace runs_agent::runs_server
