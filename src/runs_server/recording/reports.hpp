// SPDX-License-Identifier: MIT
// Who has reported of a run's specs, and what: by this a report that comes a second time is known
// again, after a reset too, and so is a machine that is at work.
#pragma once

#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/unnamed.hpp"
#include "sqlite/database.hpp"

#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

/// The same for the same results alone.
std::string digest_of(const RecordedSpec& spec);

struct EarlierReport {
    bool taken = false;  // it told of something new
    bool stale = false;  // the spec was reset since
};

/// Absent where this machine has not reported just this.
std::optional<EarlierReport> earlier_report(sqlite::Database& database, const std::string& spec_id,
                                            const std::string& machine_id,
                                            const std::string& digest);

void record_report(sqlite::Database& database, const std::string& spec_id,
                   const std::string& machine_id, const RecordedSpec& spec,
                   const std::string& digest, bool taken);

/// Of a spec that is being reset: adds to `owed` who answers for what has no name, beside those who
/// have not answered for what is older. Marks all reports as stale.
void close_reports(sqlite::Database& database, const std::string& spec_id, Unnamed& owed);

/// The machines that have reported a spec since its last reset, `machine_id` with them.
std::set<std::string> reporters_with(sqlite::Database& database, const std::string& spec_id,
                                     const std::string& machine_id);

/// A machine that has announced or reported anything in a run is at work in it.
bool is_at_work(sqlite::Database& database, const std::string& run_id,
                const std::string& machine_id);
void record_reporter(sqlite::Database& database, const std::string& run_id,
                     const std::string& machine_id);

}  // namespace runs_agent::runs_server
