// What a batch does to the rows of its specs.
#pragma once

#include "base/clock.hpp"
#include "runs_server/record_request.hpp"
#include "sqlite/database.hpp"

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

/// Has the run heard of the spec, from a full test suite or a report?
bool is_known(sqlite::Database& database, const std::string& run_id, const std::string& group,
              const std::string& spec);

/// Has the machine recorded just these results before?
bool was_recorded(sqlite::Database& database, const std::string& run_id,
                  const std::string& machine_id, const RecordedSpec& recorded);

/// Begins and completes specs. The first results of a spec stay until it is reset, so that a batch
/// that is sent twice counts once, and of two machines that begin one spec the first has it.
/// Without `may_begin` specs are only completed, as in a run that is cancelled.
Recorded record_specs(sqlite::Database& database, const std::string& run_id,
                      const std::string& machine_id, const std::vector<RecordedSpec>& specs,
                      bool may_begin, Time now);

}  // namespace runs_agent::runs_server
