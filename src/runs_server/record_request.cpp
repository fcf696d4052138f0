#include "runs_server/record_request.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <map>

namespace runs_agent::runs_server {

namespace {

using rapidjson::Value;
using Json = rapidjson::Writer<rapidjson::StringBuffer>;

const Value* member(const Value* object, const char* name) {
    if (object == nullptr || !object->IsObject()) return nullptr;
    const auto found = object->FindMember(name);
    return found == object->MemberEnd() ? nullptr : &found->value;
}

std::string text(const Value* object, const char* name) {
    const Value* value = member(object, name);
    if (value == nullptr || !value->IsString()) return {};
    return {value->GetString(), value->GetStringLength()};
}

std::int64_t count(const Value* object, const char* name) {
    const Value* value = member(object, name);
    return value != nullptr && value->IsInt64() && value->GetInt64() > 0 ? value->GetInt64() : 0;
}

std::string to_json(const Value* value) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    value->Accept(json);
    return {buffer.GetString(), buffer.GetSize()};
}

std::string object_json(const Value* object, const char* name) {
    const Value* value = member(object, name);
    return value != nullptr && value->IsObject() ? to_json(value) : "{}";
}

/// An object with just these members, null where the reporter did not send them.
template <class Names>
std::string picked(const Value* object, const Names& names) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    for (const char* name : names) {
        json.Key(name);
        const Value* value = member(object, name);
        if (value == nullptr) {
            json.Null();
        } else {
            value->Accept(json);
        }
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

void read_github(const Value* ci, RecordRequest& request) {
    const Value* params = member(ci, "params");
    request.github_run_id = text(params, "githubRunId");
    const std::string attempt = text(params, "githubRunAttempt");
    if (!attempt.empty())
        std::from_chars(attempt.data(), attempt.data() + attempt.size(),
                        request.github_run_attempt);
}

void read_suite(const Value* suite, RecordRequest& request) {
    if (suite == nullptr || !suite->IsArray()) return;
    std::map<std::pair<std::string, std::string>, std::int64_t> specs;
    for (const Value& group : suite->GetArray()) {
        std::string name = text(&group, "name");
        if (name.empty()) name = request.group;
        const Value* tests = member(&group, "tests");
        if (tests == nullptr || !tests->IsArray()) continue;
        for (const Value& test : tests->GetArray()) {
            std::string spec = text(&test, "spec");
            if (!spec.empty()) ++specs[{name, std::move(spec)}];
        }
    }
    for (const auto& [name, tests] : specs)
        request.suite.push_back({name.first, name.second, tests});
}

/// Takes the counters as the reporter gives them; what tests there are beyond them it does not say.
Counters read_counters(const Value* results) {
    const Value* stats = member(results, "stats");
    Counters counters;
    counters.passes = count(stats, "passes");
    counters.failures = count(stats, "failures");
    counters.pending = count(stats, "pending");
    counters.skipped = count(stats, "skipped");
    counters.flaky = count(stats, "flaky");
    counters.overall = count(stats, "tests");
    const Value* tests = member(results, "tests");
    if (tests == nullptr || !tests->IsArray()) return counters;
    for (const Value& test : tests->GetArray()) {
        const Value* attempts = member(&test, "attempts");
        if (attempts != nullptr && attempts->IsArray() && attempts->Size() > 1)
            counters.retries += attempts->Size() - 1;
    }
    return counters;
}

/// `stats` with every member that the contract names, and the tests as they came.
std::string results_json(const Value* results, const Counters& counters) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("stats");
    json.StartObject();
    const Value* stats = member(results, "stats");
    const std::map<const char*, std::int64_t> numbers{
        {"suites", count(stats, "suites")},
        {"tests", counters.overall},
        {"overall", counters.overall},
        {"passes", counters.passes},
        {"pending", counters.pending},
        {"skipped", counters.skipped},
        {"failures", counters.failures},
        {"flaky", counters.flaky},
        {"retries", counters.retries},
        {"wallClockDuration", count(stats, "wallClockDuration")}};
    for (const auto& [name, number] : numbers) {
        json.Key(name);
        json.Int64(number);
    }
    for (const char* name : {"wallClockStartedAt", "wallClockEndedAt"}) {
        json.Key(name);
        json.String(text(stats, name));
    }
    json.EndObject();
    json.Key("tests");
    const Value* tests = member(results, "tests");
    if (tests != nullptr && tests->IsArray()) {
        tests->Accept(json);
    } else {
        json.StartArray();
        json.EndArray();
    }
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string read_results(const Value* instances, RecordRequest& request) {
    if (instances == nullptr) return {};
    if (!instances->IsArray()) return "instances must be a list";
    for (const Value& instance : instances->GetArray()) {
        RecordedSpec recorded;
        recorded.group = text(&instance, "groupId");
        if (recorded.group.empty()) recorded.group = request.group;
        recorded.spec = text(&instance, "spec");
        if (recorded.spec.empty()) return "instances[].spec must be a text that is not empty";
        const Value* results = member(&instance, "results");
        if (results == nullptr || !results->IsObject())
            return "instances[].results must be an object (spec " + recorded.spec + ")";
        recorded.started = text(&instance, "startTime");
        recorded.counters = read_counters(results);
        recorded.results_json = results_json(results, recorded.counters);
        request.results.push_back(std::move(recorded));
    }
    return {};
}

std::string tags_json(const Value* tags) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    if (tags != nullptr && tags->IsArray())
        for (const Value& tag : tags->GetArray())
            if (tag.IsString()) json.String(tag.GetString(), tag.GetStringLength());
    json.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::variant<RecordRequest, std::string> read_record_request(const std::string& body) {
    rapidjson::Document root;
    root.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.c_str(),
                                                                                       body.size());
    if (root.HasParseError() || !root.IsObject()) return "the body must be a JSON object";
    RecordRequest request;
    request.record_key = text(&root, "recordKey");
    request.project_id = text(&root, "projectId");
    if (request.project_id.empty()) return "projectId is required";
    const Value* ci = member(&root, "ci");
    request.ci_build_id = text(&root, "ciBuildId");
    if (request.ci_build_id.empty()) request.ci_build_id = text(member(ci, "ciBuildId"), "value");
    request.group = text(&root, "group");
    if (request.group.empty()) request.group = "default";
    request.machine_id = text(&root, "machineId");
    read_github(ci, request);

    const Value* commit = member(&root, "commit");
    request.branch = text(commit, "branch");
    request.commit_json = picked(
        commit, std::initializer_list<const char*>{"sha", "branch", "authorName", "authorEmail",
                                                   "message", "remoteOrigin", "defaultBranch"});
    request.framework_json =
        picked(member(&root, "framework"),
               std::initializer_list<const char*>{"type", "version", "clientVersion"});
    request.platform_json = object_json(&root, "platform");
    request.tags_json = tags_json(member(&root, "tags"));
    read_suite(member(&root, "fullTestSuite"), request);
    if (std::string wrong = read_results(member(&root, "instances"), request); !wrong.empty())
        return wrong;
    return request;
}

}  // namespace runs_agent::runs_server
