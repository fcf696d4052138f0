// SPDX-License-Identifier: MIT
// Runs as they are in the database: looked up, and summed up for run_state.hpp.
#pragma once

#include "runs_server/recording/run_state.hpp"
#include "sqlite/database.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct RunRow {
    std::int64_t seq = 0;
    std::string id;
    std::string project_id;
    std::string ci_build_id;
    std::string branch;
    std::string commit_json;
    std::string framework_json;
    std::string tags_json;
    std::string canceled_by;
    std::string cancel_reason;
    std::optional<std::string> previous_run_id;
    std::string pull_request;  // as pull_request.hpp has it
    RunFacts facts;
};

std::optional<RunRow> find_by_id(sqlite::Database& database, const std::string& run_id);
std::optional<RunRow> find_by_build_id(sqlite::Database& database, const std::string& project_id,
                                       const std::string& ci_build_id);

/// The same; where there is none, and the id is one of GitHub's kind, OWNER/REPOSITORY-RUN-ATTEMPT,
/// the one run of the project that this attempt has recorded under another id.
std::optional<RunRow> find_by_build_or_attempt(sqlite::Database& database,
                                               const std::string& project_id,
                                               const std::string& ci_build_id);

/// Something was reported of the run, or it was reset: its inactivity counts from now.
void mark_active(sqlite::Database& database, const std::string& run_id, Time now);

/// The runs of a GitHub workflow run's attempt, the newest first; empty names narrow nothing.
std::vector<RunRow> find_by_github(sqlite::Database& database, const std::string& github_run_id,
                                   std::int64_t attempt, const std::string& project_id,
                                   const std::string& ci_build_id);

/// A project's runs with a smaller `seq` than `before` (all where absent), the newest first.
std::vector<RunRow> runs_before(sqlite::Database& database, const std::string& project_id,
                                std::optional<std::int64_t> before, int limit);
/// Those with a greater `seq` than `after`, the oldest first.
std::vector<RunRow> runs_after(sqlite::Database& database, const std::string& project_id,
                               std::int64_t after, int limit);

/// The texts of a JSON list of texts, such as tags_json.
std::set<std::string> texts_of(const std::string& json);

}  // namespace runs_agent::runs_server
