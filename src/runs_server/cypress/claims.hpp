// SPDX-License-Identifier: MIT
// Which machine runs which spec of a run that cypress-cloud has announced: one spec is one
// machine's, until a reset gives it back. Each claim has an id of its own, by which its machine
// reports; so what comes of a claim that a reset has ended is known, though it names no machine.
#pragma once

#include "base/time.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// A machine joins a group, and can run these specs, a list in JSON. They are known already.
void join_group(sqlite::Database& database, const std::string& run_id, const std::string& group,
                const std::string& machine_id, const std::string& specs_json);
bool has_joined(sqlite::Database& database, const std::string& run_id, const std::string& group,
                const std::string& machine_id);

/// A machine asks what to run next.
struct ClaimRequest {
    std::string run_id;
    std::string group;
    std::string machine_id;
    std::int64_t most = 1;     // how many specs it takes at once
    std::int64_t attempt = 0;  // how often it has sent this request before
};

struct ClaimedSpec {
    std::string claim_id;
    std::string spec;
};

/// The longest specs of the group that nobody has and the machine can run, and that they are the
/// machine's now. A request that is sent again gets what its machine was given last, where nothing
/// has come of it: the answer was lost. Source: cypress-cloud 1.13.1, which asks again after 5, 10
/// and 30 seconds, and counts in x-cypress-request-attempt.
std::vector<ClaimedSpec> claim_specs(sqlite::Database& database, const ClaimRequest& request,
                                     Time now);

/// Has the machine specs of which it has told nothing yet?
bool is_expected_to_report(sqlite::Database& database, const std::string& run_id,
                           const std::string& machine_id);

struct Claim {
    std::string id;
    std::string spec_id;
    std::string run_id;
    std::string group;
    std::string spec;
    std::string machine_id;
    std::string tests_json;  // what told_tests() was given; may be empty
    bool spec_complete = false;
    bool holds = true;  // no reset has ended it, and nobody has claimed the spec since
};
std::optional<Claim> find_claim(sqlite::Database& database, const std::string& claim_id);

/// The machine has run the spec, and says which tests there were.
void told_tests(sqlite::Database& database, const std::string& claim_id,
                const std::string& tests_json);

}  // namespace runs_agent::runs_server
