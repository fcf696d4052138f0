// SPDX-License-Identifier: MIT
// Tests that reporters tell of one by one, while they run: one row for each test and each go of a
// machine at it. Of several rows of one test that are done, the one that failed holds, then the
// first that is no `skipped`; one that is under way counts nowhere.
#pragma once

#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// What a reporter says of a test now.
struct TestReport {
    std::int64_t sequence = 0;  // a greater one is newer
    bool done = false;
    std::string state;  // passed, failed, pending or skipped
    bool flaky = false;
    std::int64_t retries = 0;             // attempts beyond the first
    std::optional<std::int64_t> started;  // milliseconds since 1970, by the reporter's clock
    std::optional<std::int64_t> ended;
    std::string changing_json;  // members, without braces
};

struct NewTestRow {
    std::string spec_id;
    std::string test_id;
    std::string machine_id;
    std::string fixed_json;  // members that do not change, without braces
    bool stale = false;
    TestReport report;
};

/// How a test went, of all rows that hold.
struct TestOutcome {
    bool done = false;
    std::string state;
    bool flaky = false;
    std::int64_t retries = 0;

    bool operator==(const TestOutcome&) const = default;
};
TestOutcome outcome_of(sqlite::Database& database, const std::string& spec_id,
                       const std::string& test_id);
/// What it adds to the counters of its spec; nothing where it is not done.
Counters counters_of(const TestOutcome& outcome);

/// Returns the row's id.
std::string add_row(sqlite::Database& database, const NewTestRow& row);
/// Takes the place of what the row said before.
void change_row(sqlite::Database& database, const std::string& id, const TestReport& report);
/// It is as new as that, and says nothing new.
void touch_row(sqlite::Database& database, const std::string& id, std::int64_t sequence);

/// Are there rows that hold?
bool has_rows(sqlite::Database& database, const std::string& spec_id);
/// The tests that are done, as a list in JSON, each as the one row that holds.
std::string done_tests_json(sqlite::Database& database, const std::string& spec_id);
/// From the first one's begin to the last one's end.
SpecClock clock_of_rows(sqlite::Database& database, const std::string& spec_id);

/// Their spec is reset, or told of otherwise: rows that are done hold no more, and those of
/// `machine_id` (of none where it is empty) that are under way will not.
void end_rows(sqlite::Database& database, const std::string& spec_id,
              const std::string& machine_id);

}  // namespace runs_agent::runs_server
