// SPDX-License-Identifier: MIT
// What a batch does to the rows of its specs.
#pragma once

#include "base/time.hpp"
#include "runs_server/recording/merge_report.hpp"
#include "runs_server/recording/record_request.hpp"
#include "sqlite/database.hpp"

#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct ExpectedArtifact {
    std::string id;
    std::string path;  // as the reporter named it
};

struct Recorded {
    std::vector<ExpectedArtifact> artifacts;  // to be uploaded
    std::vector<std::string> warnings;        // what was not taken, and why
};

/// Makes a spec of the full test suite known.
void plan_spec(sqlite::Database& database, const std::string& run_id, const PlannedSpec& planned);

/// Marks the spec as begun by the machine, unless another has begun it or it is complete.
void claim(sqlite::Database& database, const std::string& run_id, const std::string& machine_id,
           const RecordedSpec& spec, Time now);

/// What a request says of a spec, compared with what the run knows of it.
enum class Novelty {
    repeated,    // what this machine said before
    known,       // of a spec that is known: it is planned, begun, or has results already
    more_tests,  // of a complete spec: tests, or a failure, that are not known
    new_spec,
};

Novelty novelty_of(sqlite::Database& database, const std::string& run_id,
                   const PlannedSpec& planned);
struct SpecNovelty {
    Novelty novelty = Novelty::new_spec;
    std::string failed_on;  // the machine whose reset lets it run again; empty where none does
};
SpecNovelty novelty_of(sqlite::Database& database, const std::string& run_id,
                       const std::string& machine_id, const RecordedSpec& recorded);

/// Of a spec that is being reset, what is known of its tests: they count again until they are
/// reported anew (merge_report.hpp). What the machines whose reset it is still send of tests that
/// they have begun counts no more, and the tests that they begin do not, until they begin the spec
/// anew.
void set_results_aside(sqlite::Database& database, const std::string& spec_id,
                       const std::set<std::string>& machines);

/// Begins and completes specs. What several machines report of one spec is merged
/// (merge_report.hpp); a batch that is sent twice counts once, also where the spec was reset in
/// between; of two machines that begin one spec the first has it.
/// Without `may_begin` specs are only completed, as in a run that is cancelled.
Recorded record_specs(sqlite::Database& database, const std::string& run_id,
                      const std::string& machine_id, const std::vector<RecordedSpec>& specs,
                      bool may_begin, Time now);

}  // namespace runs_agent::runs_server
