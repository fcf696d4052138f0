// SPDX-License-Identifier: MIT
#include "runs_server/reporting/announcement.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/make_run.hpp"
#include "runs_server/recording/record_spec.hpp"

#include <map>

namespace runs_agent::runs_server {

using rapidjson::Value;
using sqlite::Database;
using sqlite::Statement;

namespace {

std::string spec_id_of(Database& database, const std::string& run_id, const PlannedSpec& planned) {
    Statement row =
        database.prepare("SELECT id FROM specs WHERE run_id = ? AND group_name = ? AND spec = ?");
    row.bind(run_id).bind(planned.group).bind(planned.spec).step();
    return row.text(0);
}

/// Returns whether it is a new one.
bool record_suite(Database& database, const std::string& run_id, const std::string& digest) {
    database.prepare("INSERT INTO suites(run_id, digest) VALUES(?,?) ON CONFLICT DO NOTHING")
        .bind(run_id)
        .bind(digest)
        .run();
    return database.changes() > 0;
}

std::string json_of(const Value* value) {
    return value == nullptr ? "null" : to_json(*value);
}

}  // namespace

void take_suite(Database& database, const std::string& run_id, AnnouncedBody& announced, Time now) {
    const std::string digest = announced.digest();
    if (!digest.empty() && !record_suite(database, run_id, digest)) return;
    announced.read_suite();  // nothing is wrong with one that was taken in before
    for (const PlannedGroup& group : announced.request().groups)
        add_group(database, run_id, group, unknown_platform);
    for (const PlannedSpec& planned : announced.request().suite) {
        plan_spec(database, run_id, planned);
        await_tests(database, spec_id_of(database, run_id, planned), planned.test_ids, now);
    }
}

void take_no_tests(Database& database, const std::string& run_id) {
    record_suite(database, run_id, "");
}

std::vector<TestToRun> read_tests_to_run(const Value& root) {
    std::vector<TestToRun> tests;
    const Value* const list = member(&root, "tests");
    if (list == nullptr || !list->IsArray()) return tests;
    for (const Value& test : list->GetArray()) {
        TestToRun found{text(&test, "spec"), text(&test, "testId")};
        if (!found.spec.empty() && !found.test_id.empty()) tests.push_back(std::move(found));
    }
    return tests;
}

void suite_of_tests(RecordRequest& request, const std::vector<TestToRun>& tests) {
    std::map<std::string, std::set<std::string>> specs;
    for (const TestToRun& test : tests) specs[test.spec].insert(test.test_id);
    request.groups = {{request.group, "[]"}};
    request.suite.clear();
    for (auto& [spec, ids] : specs) {
        const auto count = static_cast<std::int64_t>(ids.size());
        request.suite.push_back({request.group, spec, count, "[]", std::move(ids)});
    }
}

std::string machine_of(const std::string& run_id, const Value& root) {
    const Value* const playwright = member(member(&root, "config"), "pw");
    const Value* const platform = member(&root, "platform");
    const Value* const memory = member(platform, "osMemory");
    std::string all = run_id;
    for (const Value* const part :
         {member(member(&root, "ci"), "params"), member(playwright, "argv"),
          member(playwright, "configFile"), member(playwright, "rootDir"),
          member(playwright, "shard"), member(playwright, "workers"), member(platform, "osName"),
          member(platform, "osVersion"), member(memory, "total")})
        (all += '\n') += json_of(part);
    constexpr std::size_t length = 12;
    return to_hex(sha256(all)).substr(0, length);
}

}  // namespace runs_agent::runs_server
