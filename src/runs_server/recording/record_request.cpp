// SPDX-License-Identifier: MIT
#include "runs_server/recording/record_request.hpp"

#include "base/text.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/ci_build_id.hpp"
#include "runs_server/recording/merge_report.hpp"
#include "runs_server/recording/pull_request.hpp"
#include "runs_server/recording/read_instance.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/recording/test_list.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace runs_agent::runs_server {

namespace {

using rapidjson::Value;

/// An object with just these members, null where the reporter did not send a text.
std::string picked(const Value* object, std::initializer_list<const char*> names) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const char* const name : names) {
        const Value* const value = member(object, name);
        json.Key(name);
        if (value != nullptr && value->IsString()) {
            value->Accept(json);
        } else {
            json.Null();
        }
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string read_ci(const Value& root, RecordRequest& request) {
    const Value* const ci = member(&root, "ci");
    const Value* const params = member(ci, "params");
    request.ci_build_id = text(&root, "ciBuildId");
    if (request.ci_build_id.empty()) request.ci_build_id = text(member(ci, "ciBuildId"), "value");
    if (request.ci_build_id.empty()) request.ci_build_id = made_build_id(ci);
    request.github_repository = text(params, "githubRepository");
    request.previous_ci_build_id = text(&root, "previousCiBuildId");
    request.pull_request = pull_request_of(params, member(&root, "commit"));
    if (const auto run_id = number(params, "githubRunId"))
        request.github_run_id = std::to_string(*run_id);
    const Value* const attempt = member(params, "githubRunAttempt");
    if (attempt == nullptr || attempt->IsNull()) return {};
    request.github_run_attempt = number(params, "githubRunAttempt").value_or(0);
    return request.github_run_attempt > 0 ? ""
                                          : "ci.params.githubRunAttempt must be a number from 1";
}

/// Without the space around it, as reporters send it. Returns what is wrong.
std::string read_environment(const Value& project, PlannedGroup& group) {
    const Value* const given = member(&project, "environment");
    if (given == nullptr || given->IsNull()) return {};
    if (!given->IsString()) return "fullTestSuite[].environment must be a text";
    const std::string_view name = trimmed(json::text_of(*given));
    if (!name.empty()) group.environment = name;
    return {};
}

/// JUnit files may hold several suites of one name, which come as instances of one spec: parts of
/// one report, whose tests of the same name are different ones.
void join(RecordedSpec& known, RecordedSpec next) {
    known.counters = sum_of(known.counters, next.counters);
    known.stats_json = joined_stats(known.stats_json, next.stats_json, known.counters);
    known.tests_json = all_tests({known.tests_json, next.tests_json});
    if (!known.exception_json) known.exception_json = std::move(next.exception_json);
    known.failed = known.failed || next.failed;
    std::move(next.artifacts.begin(), next.artifacts.end(), std::back_inserter(known.artifacts));
}

std::string read_instances(const Value* instances, RecordRequest& request) {
    if (instances == nullptr || instances->IsNull()) return {};
    if (!instances->IsArray()) return "instances must be a list";
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (const Value& instance : instances->GetArray()) {
        auto read = read_instance(instance, request.group);
        if (auto* const wrong = std::get_if<std::string>(&read)) return std::move(*wrong);
        auto& recorded = std::get<RecordedSpec>(read);
        if (recorded.finished) {
            const auto [place, is_new] =
                places.try_emplace({recorded.group, recorded.spec}, request.instances.size());
            if (!is_new) {
                join(request.instances[place->second], std::move(recorded));
                continue;
            }
        }
        request.instances.push_back(std::move(recorded));
    }
    return {};
}

}  // namespace

std::string read_full_suite(const Value* suite, RecordRequest& request) {
    if (suite == nullptr || suite->IsNull()) return {};
    if (!suite->IsArray()) return "fullTestSuite must be a list";
    struct Planned {
        std::int64_t tests = 0;
        std::set<std::string> tags;
        std::set<std::string> ids;
    };
    for (const Value& project : suite->GetArray()) {
        std::string name = text(&project, "name");
        if (name.empty()) name = request.group;
        PlannedGroup group{name, to_json(texts(member(&project, "tags")))};
        if (std::string wrong = read_environment(project, group); !wrong.empty()) return wrong;
        request.groups.push_back(std::move(group));
        const Value* const tests = member(&project, "tests");
        if (tests == nullptr || !tests->IsArray()) return "fullTestSuite[].tests must be a list";
        std::map<std::string, Planned> specs;
        for (const Value& test : tests->GetArray()) {
            std::string spec = text(&test, "spec");
            if (spec.empty())
                return "fullTestSuite[].tests[].spec must be a text that is not empty";
            Planned& planned = specs[std::move(spec)];
            ++planned.tests;
            planned.tags.merge(texts(member(&test, "tags")));
            if (std::string id = text(&test, "testId"); !id.empty())
                planned.ids.insert(std::move(id));
        }
        for (auto& [spec, planned] : specs)
            request.suite.push_back(
                {name, spec, planned.tests, to_json(planned.tags), std::move(planned.ids)});
    }
    return {};
}

std::variant<RecordRequest, std::string> read_record_request(const Value& root) {
    for (const char* const name :
         {"projectId", "ciBuildId", "previousCiBuildId", "group", "machineId"}) {
        const Value* const given = member(&root, name);
        if (given != nullptr && !given->IsString() && !given->IsNull())
            return std::string(name) + " must be a text";
    }
    RecordRequest request;
    request.project_id = text(&root, "projectId");
    if (request.project_id.empty()) return "projectId is required";
    request.group = text(&root, "group");
    if (request.group.empty()) request.group = "default";
    request.machine_id = text(&root, "machineId");

    const Value* const commit = member(&root, "commit");
    request.branch = text(commit, "branch");
    request.commit_json = picked(commit, {"sha", "branch", "authorName", "authorEmail", "message",
                                          "remoteOrigin", "defaultBranch"});
    request.framework_json =
        picked(member(&root, "framework"), {"type", "version", "clientVersion"});
    request.platform_json =
        picked(member(&root, "platform"), {"osName", "osVersion", "browserName", "browserVersion"});
    request.tags_json = to_json(texts(member(&root, "tags")));
    std::string wrong = read_ci(root, request);
    if (wrong.empty()) wrong = read_full_suite(member(&root, "fullTestSuite"), request);
    if (wrong.empty()) wrong = read_instances(member(&root, "instances"), request);
    if (!wrong.empty()) return wrong;
    return request;
}

}  // namespace runs_agent::runs_server
