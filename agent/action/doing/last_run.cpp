// SPDX-License-Identifier: MIT
#include "agent/action/doing/last_run.hpp"

#include "json/reading.hpp"
#include "json/writing.hpp"

#include <rapidjson/prettywriter.h>

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

using rapidjson::Value;

void add_once(std::vector<std::string>& ids, std::string_view id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.emplace_back(id);
}

/// Reporters of Playwright mark what has not ended.
bool has_ended(const Value& test) {
    const Value* const done = json::member(test, "_d");
    return done == nullptr || !done->IsFalse();
}

}  // namespace

std::optional<LastRun> read_last_run(std::string_view json) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    LastRun last_run;
    last_run.status = json::text(document, "status");
    const Value* const failed = json::member(document, "failedTests");
    if (failed == nullptr || !failed->IsArray()) return std::nullopt;
    for (const Value& id : failed->GetArray()) {
        if (!id.IsString() || id.GetStringLength() == 0) return std::nullopt;
        add_once(last_run.failed_tests, json::text_of(id));
    }
    return last_run;
}

std::string to_json(const LastRun& last_run) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 2);
    json.StartObject();
    json::put(json, "status",
              !last_run.status.empty()        ? last_run.status
              : last_run.failed_tests.empty() ? "passed"
                                              : "failed");
    json.Key("failedTests");
    json.StartArray();
    for (const std::string& id : last_run.failed_tests) json::put(json, id);
    json.EndArray();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

std::string why_contradictory(const LastRun& last_run, const RunResults& run) {
    const std::string right = run.failures > 0 ? "failed" : "passed";
    if (!last_run.status.empty() && last_run.status != right)
        return "its pwLastRun says " + last_run.status + ", its specs say " + right;
    if (run.failures == 0 && !last_run.failed_tests.empty())
        return "its pwLastRun names failed tests, its specs have none";
    return {};
}

std::string why_useless(const std::optional<LastRun>& last_run, const RunResults& run) {
    if (!run.unknown.empty()) return run.unknown;
    if (!last_run) return "its pwLastRun is not what Playwright keeps";
    return why_contradictory(*last_run, run);
}

bool accounts_for(const LastRun& last_run, const RunResults& run) {
    return static_cast<std::int64_t>(last_run.failed_tests.size()) == run.failures + run.skipped;
}

std::string add_tests_of(const OpenSpec& spec, std::string_view instance_json, LastRun& last_run) {
    rapidjson::Document document;
    document.Parse(instance_json.data(), instance_json.size());
    const Value* const tests = document.HasParseError() || !document.IsObject()
                                   ? nullptr
                                   : json::member(json::member(&document, "results"), "tests");
    if (tests == nullptr || !tests->IsArray())
        return "spec " + spec.spec + " does not list its tests";
    std::int64_t failures = 0;
    std::int64_t skipped = 0;
    for (const Value& test : tests->GetArray()) {
        const std::string_view state = json::text(test, "state");
        if (!has_ended(test)) return "spec " + spec.spec + " has a test that has not ended";
        if (state != "failed" && state != "skipped") continue;
        const std::string_view id = json::text(test, "testId");
        if (id.empty())
            return "spec " + spec.spec + " has a " + std::string(state) + " test without an id";
        add_once(last_run.failed_tests, id);
        ++(state == "failed" ? failures : skipped);
    }
    if (failures == spec.failures && skipped == spec.skipped) return {};
    return "spec " + spec.spec + " counts other failed and skipped tests than it lists";
}

}  // namespace runs_agent::agent::action
