// SPDX-License-Identifier: MIT
// The tests of a spec as the database keeps them: as lists, which batches brought, and as rows,
// which reporters fill test by test (test_rows.hpp). Whoever reads a spec's tests reads both.
#pragma once

#include "runs_server/recording/merge_report.hpp"
#include "sqlite/database.hpp"

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

}  // namespace runs_agent::runs_server
