// SPDX-License-Identifier: MIT
// What tests a run has, as its reporters and orchestrations announce it.
#pragma once

#include "base/time.hpp"
#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/spec_progress.hpp"
#include "runs_server/reporting/announced_body.hpp"
#include "sqlite/database.hpp"

#include <rapidjson/document.h>

#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// Each group has a browser of its own, and tells of it when it begins.
constexpr const char* unknown_platform =
    R"({"osName":null,"osVersion":null,"browserName":null,"browserVersion":null})";

/// Makes the groups, specs and tests of the full suite known; the same one again changes nothing,
/// however large it is. Reads it where that was not done, as the run knew it, and has forgotten it
/// since (knows_suite()).
void take_suite(sqlite::Database& database, const std::string& run_id, AnnouncedBody& announced,
                Time now);

/// Nobody is going to announce tests: whoever hands the run's specs out has found none. The run is
/// complete, unless others have announced any.
void take_no_tests(sqlite::Database& database, const std::string& run_id);

/// `tests` of the body: what this process is going to run.
std::vector<TestToRun> read_tests_to_run(const rapidjson::Value& root);

/// Of a reporter that could not find out the full suite: what it is going to run is all that is
/// known.
void suite_of_tests(RecordRequest& request, const std::vector<TestToRun>& tests);

/// The process that a reporter which names no machine runs in. It sends a request for each of its
/// projects, alike in what they say of their process, and each may come twice. Processes that say
/// the same of themselves count as one machine.
std::string machine_of(const std::string& run_id, const rapidjson::Value& root);

}  // namespace runs_agent::runs_server
