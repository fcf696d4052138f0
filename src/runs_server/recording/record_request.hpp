// SPDX-License-Identifier: MIT
// POST /v1/runs as reporters send it: read and checked, with nothing of the database yet. What is
// kept as JSON (commit, framework, results) is checked to be of the right kind and kept as it came.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace runs_agent::runs_server {

/// One group of the full test suite.
struct PlannedGroup {
    std::string group;
    std::string tags_json;
    std::optional<std::string> environment = {};  // where it is tested: staging, say
};

/// One spec of the full test suite.
struct PlannedSpec {
    std::string group;
    std::string spec;
    std::int64_t tests = 0;
    std::string tags_json;  // of all its tests
    std::set<std::string> test_ids;
};

/// How a spec went, in the vocabulary of RecordedTestOutcome (docs/runs-api.md).
struct Counters {
    std::int64_t overall = 0;
    std::int64_t passes = 0;
    std::int64_t failures = 0;
    std::int64_t pending = 0;
    std::int64_t skipped = 0;
    std::int64_t flaky = 0;
    std::int64_t retries = 0;
};

/// A file that the reporter is about to upload.
struct PlannedArtifact {
    std::string path;  // in the reporter's folder; its name for the file, nothing of ours
    std::string type;  // screenshot, video, trace, attachment, stdout, …
    std::string content_type;
    std::string name;     // may be empty
    std::string level;    // spec, test or attempt
    std::string test_id;  // empty at the level of the spec
    std::int64_t attempt = 0;
};

/// One spec's results, or, where there are none yet, that the machine has begun it.
struct RecordedSpec {
    std::string group;
    std::string spec;
    bool finished = false;
    std::string started;  // startTime, as sent
    Counters counters;
    bool failed = false;  // a test did, or an exception kept the spec from running
    std::string stats_json;
    std::optional<std::string> exception_json;
    std::string tests_json;
    std::int64_t worker_index = 0;
    std::int64_t parallel_index = 0;
    std::vector<PlannedArtifact> artifacts;
};

struct RecordRequest {
    std::string project_id;
    std::string ci_build_id;           // empty: none was given, and none could be made
    std::string previous_ci_build_id;  // of the run that this one takes over from; may be empty
    std::string group;
    std::string machine_id;
    std::string github_run_id;  // empty: not from GitHub Actions
    std::int64_t github_run_attempt = 1;
    std::string github_repository;           // owner/name; empty: not told
    std::optional<std::int64_t> fail_after;  // failed tests; 0: never; absent: the project's
    std::string pull_request;                // as pull_request.hpp has it
    std::string branch;
    std::string commit_json;
    std::string framework_json;
    std::string platform_json;
    std::string tags_json;
    std::vector<PlannedGroup> groups;
    std::vector<PlannedSpec> suite;
    std::vector<RecordedSpec> instances;
};

/// Absent: what is wrong, naming the field and its rule.
std::variant<RecordRequest, std::string> read_record_request(const rapidjson::Value& root);

/// Adds the groups and specs of a full test suite, which may be null. Returns what is wrong.
std::string read_full_suite(const rapidjson::Value* suite, RecordRequest& request);

}  // namespace runs_agent::runs_server
