// SPDX-License-Identifier: MIT
#include "runs_server/recording/read_instance.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/recording/test_list.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

namespace {

using rapidjson::Value;

/// A list's items; none where it is no list.
Value::ConstArray items(const Value* list) {
    static const Value none(rapidjson::kArrayType);
    return (list != nullptr && list->IsArray() ? list : &none)->GetArray();
}

/// Takes the counters as the reporter gives them, but no fewer failures than it lists; how often
/// tests were tried again it does not say.
Counters read_counters(const Value& results) {
    const Value* const stats = member(&results, "stats");
    Counters counters;
    counters.passes = read_counter(stats, "passes");
    counters.failures = read_counter(stats, "failures");
    counters.pending = read_counter(stats, "pending");
    counters.skipped = read_counter(stats, "skipped");
    counters.flaky = read_counter(stats, "flaky");
    counters.overall = read_counter(stats, "tests");
    const Value* const tests = member(&results, "tests");
    if (tests == nullptr || !tests->IsArray()) return counters;
    const Counters listed = count_tests(*tests);
    const bool too_few = listed.failures > counters.failures;
    const Counters beyond = unlisted(counters, listed);
    counters = sum_of(listed, beyond);
    // What was taken for passed is what failed.
    if (too_few) counters.passes = listed.passes;
    return counters;
}

/// Sets a member unless the reporter has sent one of that name.
void add(Value& object, rapidjson::Document& memory, const char* name, const Value* value) {
    if (object.HasMember(name)) return;
    Value added;
    if (value != nullptr) added.CopyFrom(*value, memory.GetAllocator());
    object.AddMember(rapidjson::StringRef(name), added, memory.GetAllocator());
}

const Value* first_error(const Value& attempt) {
    const auto errors = items(member(&attempt, "errors"));
    return errors.Empty() ? member(&attempt, "error") : errors.Begin();
}

std::string tests_json(const Value& results) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const Value& test : items(member(&results, "tests"))) {
        if (!test.IsObject()) continue;
        rapidjson::Document shown;
        shown.CopyFrom(test, shown.GetAllocator());
        add_documented_names(shown, shown);
        shown.Accept(json);
    }
    json.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
}

void read_artifacts(const Value* list, const PlannedArtifact& place,
                    std::vector<PlannedArtifact>& artifacts) {
    for (const Value& item : items(list)) {
        PlannedArtifact artifact = place;
        artifact.path = text(&item, "path");
        if (artifact.path.empty()) continue;
        artifact.type = text(&item, "type");
        artifact.content_type = safe_media_type(text(&item, "contentType"));
        artifact.name = text(&item, "name");
        artifacts.push_back(std::move(artifact));
    }
}

void read_artifacts_of_tests(const Value& results, std::vector<PlannedArtifact>& artifacts) {
    for (const Value& test : items(member(&results, "tests"))) {
        PlannedArtifact place;
        place.level = "test";
        place.test_id = text(&test, "testId");
        read_artifacts(member(&test, "artifacts"), place, artifacts);
        place.level = "attempt";
        for (const Value& attempt : items(member(&test, "attempts"))) {
            place.attempt = read_counter(&attempt, "attempt");
            read_artifacts(member(&attempt, "artifacts"), place, artifacts);
        }
    }
}

}  // namespace

void add_documented_names(rapidjson::Value& test, rapidjson::Document& memory) {
    const Value* shown_error = nullptr;
    const auto attempts = test.FindMember("attempts");
    if (attempts != test.MemberEnd() && attempts->value.IsArray()) {
        for (Value& attempt : attempts->value.GetArray()) {
            if (!attempt.IsObject()) continue;
            add(attempt, memory, "error", first_error(attempt));
            add(attempt, memory, "state", member(&attempt, "status"));
            add(attempt, memory, "wallClockStartedAt", member(&attempt, "startTime"));
            add(attempt, memory, "wallClockDuration", member(&attempt, "duration"));
            const Value* const error = member(&attempt, "error");
            shown_error = member(error, "stack") != nullptr ? member(error, "stack")
                                                            : member(error, "message");
        }
    }
    // The members of attempts that displayError is taken from stay where they are meanwhile.
    add(test, memory, "displayError", shown_error);
}

std::variant<RecordedSpec, std::string> read_instance(const Value& instance,
                                                      const std::string& group) {
    RecordedSpec recorded;
    recorded.group = text(&instance, "groupId");
    if (recorded.group.empty()) recorded.group = group;
    recorded.spec = text(&instance, "spec");
    if (recorded.spec.empty()) return "instances[].spec must be a text that is not empty";
    recorded.started = text(&instance, "startTime");
    const Value* const worker = member(&instance, "worker");
    recorded.worker_index = read_counter(worker, "workerIndex");
    recorded.parallel_index = read_counter(worker, "parallelIndex");

    const Value* const results = member(&instance, "results");
    if (results == nullptr || results->IsNull()) return recorded;
    if (!results->IsObject())
        return "instances[].results must be an object (spec " + recorded.spec + ")";
    if (const Value* const stats = member(results, "stats"); stats == nullptr || !stats->IsObject())
        return "instances[].results.stats must be an object (spec " + recorded.spec + ")";
    recorded.finished = true;
    recorded.counters = read_counters(*results);
    recorded.stats_json = stats_json(read_clock(member(results, "stats")), recorded.counters);
    const Value* const exception = member(results, "exception");
    if (exception != nullptr && !exception->IsNull()) recorded.exception_json = to_json(*exception);
    recorded.failed = recorded.counters.failures > 0 || recorded.exception_json;
    recorded.tests_json = tests_json(*results);
    PlannedArtifact place;
    place.level = "spec";
    read_artifacts(member(&instance, "artifacts"), place, recorded.artifacts);
    read_artifacts_of_tests(*results, recorded.artifacts);
    return recorded;
}

}  // namespace runs_agent::runs_server
