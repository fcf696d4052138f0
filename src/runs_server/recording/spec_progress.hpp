// SPDX-License-Identifier: MIT
// What a spec's row says of tests that are told of one by one: its counters as tests are done, and
// that it is complete when every test that was announced of it is.
#pragma once

#include "base/time.hpp"
#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/test_rows.hpp"
#include "sqlite/database.hpp"

#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// Tests of a spec that are to be done before it is complete. One that was complete and gets more
/// of them is no more.
void await_tests(sqlite::Database& database, const std::string& spec_id,
                 const std::set<std::string>& test_ids, Time now);

/// A machine is about to run these: those of specs that were reset count as done no more, whatever
/// they were before.
struct TestToRun {
    std::string spec;
    std::string test_id;
};
void await_again(sqlite::Database& database, const std::string& run_id, const std::string& group,
                 const std::vector<TestToRun>& tests);

/// A row of the test has changed; `before` is what it was. Returns whether the test's outcome is
/// another one by that.
bool settle_test(sqlite::Database& database, const std::string& spec_id, const std::string& test_id,
                 const TestOutcome& before, Time now);

/// Of a spec that is being reset and whose results were set aside: tests that passed or were left
/// out on purpose then need not be done again unless somebody says that he will.
void await_failed(sqlite::Database& database, const std::string& spec_id);

/// How long a spec took, for those that are to be handed out by it. Half of what is kept is what
/// the last run took, a quarter the one before, and so on. Not positive, or of more than a day: it
/// is not known.
void record_duration(sqlite::Database& database, const std::string& spec_id,
                     std::int64_t milliseconds);

}  // namespace runs_agent::runs_server
