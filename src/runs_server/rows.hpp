// Runs as they are in the database: looked up, and summed up for run_state.hpp.
#pragma once

#include "runs_server/run_state.hpp"
#include "sqlite/database.hpp"

#include <optional>
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
    RunFacts facts;
};

std::optional<RunRow> find_by_id(sqlite::Database& database, const std::string& run_id);
std::optional<RunRow> find_by_build_id(sqlite::Database& database, const std::string& project_id,
                                       const std::string& ci_build_id);

/// The runs of a GitHub workflow run's attempt, the newest first; empty names narrow nothing.
std::vector<RunRow> find_by_github(sqlite::Database& database, const std::string& github_run_id,
                                   std::int64_t attempt, const std::string& project_id,
                                   const std::string& ci_build_id);

/// A project's runs, the newest first, from below `before` (a seq; 0: from the newest), or, where
/// `after` is given, those above it.
std::vector<RunRow> runs_of_project(sqlite::Database& database, const std::string& project_id,
                                    std::int64_t before, std::int64_t after, int limit);

/// The texts of a JSON list of texts, such as tags_json.
std::vector<std::string> texts_of(const std::string& json);

}  // namespace runs_agent::runs_server
