// SPDX-License-Identifier: MIT
#include "runs_server/cypress/read_results.hpp"

#include "base/encoding.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/read_instance.hpp"
#include "runs_server/recording/spec_stats.hpp"
#include "runs_server/recording/test_list.hpp"

#include <map>

namespace runs_agent::runs_server {

using rapidjson::Document;
using rapidjson::Value;

namespace {

const Value* list_of(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    return found != nullptr && found->IsArray() ? found : nullptr;
}

/// By clientId.
using Titles = std::map<std::string, const Value*>;

Titles titles_of(const Document& named) {
    Titles titles;
    for (const Value& test : named.GetArray())
        titles.emplace(text(&test, "clientId"), member(&test, "title"));
    return titles;
}

std::string test_id_of(const std::string& spec, const std::string& title_json) {
    constexpr std::size_t length = 16;
    return to_hex(sha256(spec + '\n' + title_json)).substr(0, length);
}

void put_attempts(Json& json, const Value* attempts) {
    json.Key("attempts");
    json.StartArray();
    std::int64_t index = 0;
    if (attempts != nullptr) {
        for (const Value& attempt : attempts->GetArray()) {
            if (!attempt.IsObject()) continue;
            json.StartObject();
            put(json, "attempt", index++);
            for (const auto& [name, value] : attempt.GetObject()) {
                const std::string_view key = json::text_of(name);
                // Those are files; and an attempt has its number from its place.
                if (key == "screenshots" || key == "attempt") continue;
                name.Accept(json);
                value.Accept(json);
            }
            json.EndObject();
        }
    }
    json.EndArray();
}

/// A test's id, by its clientId: files name their test by that.
using Ids = std::map<std::string, std::string>;

void put_test(Json& json, const Value& test, const std::string& spec, const Titles& titles,
              Ids& ids) {
    const std::string client_id = text(&test, "clientId");
    const auto found = titles.find(client_id);
    const Value* const title = found == titles.end() ? nullptr : found->second;
    // One whose name was not told is known by its place.
    const std::string title_json =
        title == nullptr ? to_json(std::set{client_id}) : to_json(*title);
    const std::string id = test_id_of(spec, title_json);
    ids[client_id] = id;
    const Value* const attempts = list_of(&test, "attempts");
    const std::string state = text(&test, "state");
    json.StartObject();
    put(json, "testId", id);
    put_raw(json, "title", title_json);
    put(json, "state", state);
    json.Key("isFlaky");
    json.Bool(state == "passed" && attempts != nullptr && attempts->Size() > 1);
    if (const Value* const error = member(&test, "displayError")) {
        json.Key("displayError");
        error->Accept(json);
    }
    put_attempts(json, attempts);
    json.EndObject();
}

void put_results(Json& json, const Value& results, const std::string& spec, const Titles& titles,
                 Ids& ids) {
    json.Key("results");
    json.StartObject();
    for (const char* const name : {"stats", "exception"}) {
        if (const Value* const given = member(&results, name)) {
            json.Key(name);
            given->Accept(json);
        }
    }
    json.Key("tests");
    json.StartArray();
    if (const Value* const tests = list_of(&results, "tests"))
        for (const Value& test : tests->GetArray())
            if (test.IsObject()) put_test(json, test, spec, titles, ids);
    json.EndArray();
    json.EndObject();
}

/// As POST /v1/runs has it.
std::string instance_json(const Value& results, const std::string& spec, const Titles& titles,
                          Ids& ids) {
    const Value* const stats = member(&results, "stats");
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    put(json, "spec", spec);
    put(json, "startTime", text(stats, "wallClockStartedAt"));
    put_results(json, results, spec, titles, ids);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

bool is_true(const Value* value) {
    return value != nullptr && value->IsTrue();
}

PlannedArtifact of_spec(const char* path, const char* type, const char* content_type) {
    PlannedArtifact file;
    file.path = file.name = path;
    file.type = type;
    file.content_type = content_type;
    file.level = "spec";
    return file;
}

PlannedArtifact screenshot_of(const Value& screenshot, const Ids& ids) {
    PlannedArtifact file;
    file.type = "screenshot";
    file.content_type = "image/png";
    file.level = "attempt";
    file.name = text(&screenshot, "name");
    file.path = text(&screenshot, "path");
    if (file.path.empty()) file.path = text(&screenshot, "screenshotId");
    const auto test = ids.find(text(&screenshot, "testId"));
    if (test != ids.end()) file.test_id = test->second;
    file.attempt = read_counter(&screenshot, "testAttemptIndex");
    return file;
}

void read_files(const Value& results, const Ids& ids, CypressResults& read) {
    auto& files = read.spec.artifacts;
    read.video = is_true(member(&results, "video"));
    if (read.video) files.push_back(of_spec("video.mp4", "video", "video/mp4"));
    read.coverage = is_true(member(&results, "hasCoverage"));
    if (read.coverage) files.push_back(of_spec("coverage.json", "coverage", "application/json"));
    const Value* const screenshots = list_of(&results, "screenshots");
    if (screenshots == nullptr) return;
    for (const Value& screenshot : screenshots->GetArray()) {
        const std::string id = text(&screenshot, "screenshotId");
        if (id.empty()) continue;
        files.push_back(screenshot_of(screenshot, ids));
        read.screenshot_ids.push_back(id);
    }
}

}  // namespace

std::string named_tests_json(const Value& tests) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    if (const Value* const list = list_of(&tests, "tests")) {
        for (const Value& test : list->GetArray()) {
            const Value* const title = member(&test, "title");
            if (title == nullptr) continue;
            json.StartObject();
            put(json, "clientId", text(&test, "clientId"));
            json.Key("title");
            title->Accept(json);
            json.EndObject();
        }
    }
    json.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
}

std::variant<CypressResults, std::string> read_cypress_results(const Value& results,
                                                               const std::string& named,
                                                               const std::string& group,
                                                               const std::string& spec) {
    const Document tests = read_tests(named.empty() ? "[]" : named);
    Ids ids;
    const std::string json = instance_json(results, spec, titles_of(tests), ids);
    Document instance;
    instance.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    auto read = read_instance(instance, group);
    if (auto* const wrong = std::get_if<std::string>(&read)) return std::move(*wrong);
    CypressResults all;
    all.spec = std::move(std::get<RecordedSpec>(read));
    all.spec.group = group;
    read_files(results, ids, all);
    return all;
}

}  // namespace runs_agent::runs_server
