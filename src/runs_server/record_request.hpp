// POST /v1/runs as reporters send it: read and checked, with nothing of the database yet. What is
// kept as JSON (commit, framework, results) is checked to be of the right kind and kept as it came.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace runs_agent::runs_server {

/// One spec of the full test suite.
struct PlannedSpec {
    std::string group;
    std::string spec;
    std::int64_t tests = 0;
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

/// One spec's results.
struct RecordedSpec {
    std::string group;
    std::string spec;
    std::string started;  // startTime, as sent
    Counters counters;
    std::string results_json;  // {"stats":…,"tests":[…]}
};

struct RecordRequest {
    std::string record_key;
    std::string project_id;
    std::string ci_build_id;  // empty: the reporter had none
    std::string group;
    std::string machine_id;
    std::string github_run_id;  // empty: not from GitHub Actions
    std::int64_t github_run_attempt = 1;
    std::string branch;
    std::string commit_json;
    std::string framework_json;
    std::string platform_json;
    std::string tags_json;
    std::vector<PlannedSpec> suite;
    std::vector<RecordedSpec> results;
};

/// Absent: what is wrong, naming the field and its rule.
std::variant<RecordRequest, std::string> read_record_request(const std::string& body);

}  // namespace runs_agent::runs_server
