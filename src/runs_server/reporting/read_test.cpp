// SPDX-License-Identifier: MIT
#include "runs_server/reporting/read_test.hpp"

#include "base/time_text.hpp"
#include "runs_server/answers/json_text.hpp"
#include "runs_server/recording/read_instance.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using rapidjson::Document;
using rapidjson::Value;

namespace {

bool is_true(const Value& body, std::string_view name) {
    const Value* const found = member(&body, name);
    return found != nullptr && found->IsTrue();
}

/// A JSON object without its braces.
std::string members_of(const Value& object) {
    std::string json = to_json(object);
    return json.substr(1, json.size() - 2);
}

void copy(Document& to, const Value& from, const char* name) {
    const Value* const found = member(&from, name);
    if (found == nullptr) return;
    Value value(*found, to.GetAllocator());
    to.AddMember(rapidjson::StringRef(name), value, to.GetAllocator());
}

/// Is there anything by which somebody left the test out?
bool is_left_out(const Value& body) {
    const Value* const list = member(&body, "annotations");
    if (list == nullptr || !list->IsArray()) return false;
    const auto annotations = list->GetArray();
    return std::any_of(annotations.begin(), annotations.end(), [](const Value& annotation) {
        const std::string type = text(&annotation, "type");
        return type == "skip" || type == "fixme" || type.starts_with("_currents:rule:");
    });
}

std::string state_of(const Value& body, std::string_view expected_status) {
    std::string state = text(&body, "_s");
    if (state == "passed" || state == "failed") return state;
    const bool on_purpose =
        state == "pending" && (expected_status == "skipped" || is_left_out(body));
    return on_purpose ? "pending" : "skipped";
}

std::optional<std::int64_t> milliseconds_of(const std::string& time) {
    const auto parsed = parse_iso8601(time);
    if (!parsed) return std::nullopt;
    return parsed->time_since_epoch().count();
}

void read_attempt(const Value& attempt, TestReport& report, std::int64_t& ran) {
    // One that the reporter makes up for a test that did not run has no worker.
    if (number(&attempt, "workerIndex").value_or(-1) < 0) return;
    ++ran;
    const auto started = milliseconds_of(text(&attempt, "startTime"));
    if (!started) return;
    // Whatever it says is added up; no attempt lasts a century.
    constexpr std::int64_t longest = 100LL * 365 * 24 * 60 * 60 * 1000;
    const auto ended =
        *started + std::clamp<std::int64_t>(read_counter(&attempt, "duration"), 0, longest);
    report.started = std::min(report.started.value_or(*started), *started);
    report.ended = std::max(report.ended.value_or(ended), ended);
}

void read_attempts(const Value& body, TestReport& report) {
    const Value* const attempts = member(&body, "attempts");
    if (attempts == nullptr || !attempts->IsArray()) return;
    std::int64_t ran = 0;
    for (const Value& attempt : attempts->GetArray()) read_attempt(attempt, report, ran);
    report.retries = std::max<std::int64_t>(ran - 1, 0);
}

}  // namespace

std::string fixed_members(const Value& body) {
    Document fixed(rapidjson::kObjectType);
    for (const char* const name :
         {"testId", "title", "expectedStatus", "timeout", "location", "retries", "spec"})
        copy(fixed, body, name);
    return members_of(fixed);
}

TestReport read_test_report(const Value& body, std::string_view expected_status) {
    TestReport report;
    report.sequence = number(&body, "_t").value_or(0);
    report.done = is_true(body, "_d");
    report.state = state_of(body, expected_status);
    report.flaky = report.done && is_true(body, "_f");
    read_attempts(body, report);

    Document changing(rapidjson::kObjectType);
    changing.AddMember("state", report.state, changing.GetAllocator());
    changing.AddMember("isFlaky", report.flaky, changing.GetAllocator());
    for (const char* const name : {"annotations", "tags", "attempts"}) copy(changing, body, name);
    add_documented_names(changing, changing);
    report.changing_json = members_of(changing);
    return report;
}

std::string expected_status_of(const std::string& fixed_json) {
    Document fixed;
    fixed.Parse<rapidjson::kParseIterativeFlag>("{" + fixed_json + "}");
    return text(&fixed, "expectedStatus");
}

std::optional<std::int64_t> milliseconds_since_begin(const Value& body) {
    const Value* const attempts = member(&body, "attempts");
    if (attempts == nullptr || !attempts->IsArray() || attempts->Empty()) return std::nullopt;
    const auto began = milliseconds_of(text(&(*attempts)[0], "startTime"));
    const auto sent = milliseconds_of(text(&body, "_ct"));
    if (!began || !sent) return std::nullopt;
    return std::max<std::int64_t>(*sent - *began, 0);
}

}  // namespace runs_agent::runs_server
