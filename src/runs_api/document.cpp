// SPDX-License-Identifier: MIT
#include "runs_api/document.hpp"

#include "json/reading.hpp"
#include "net/retry_after.hpp"
#include "observe/clean_text.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::runs_api {

struct Document::Content {
    std::string text;  // what every string of `json` points into
    rapidjson::Document json;
    const rapidjson::Value* data = nullptr;
};

namespace {

using json::member;
using rapidjson::Value;

/// Deeper than any answer of the contract; the parser and the writer go one call deeper for each.
constexpr std::size_t max_depth = 128;

/// What a failure has to say is said by then.
constexpr std::size_t max_error_body = 64UL * 1024;

/// Parses `content.text` in place; what is wrong with it, or nothing.
std::string parse(Document::Content& content) {
    const auto wrong = json::fault_of(content.text, max_depth);
    if (!wrong.empty()) return std::string(wrong);
    return json::fault_of(content.json.ParseInsitu(content.text.data()));
}

/// A whole number, or a decimal one cut to it.
std::optional<std::int64_t> integer(const Value& value, std::string_view name) {
    constexpr double limit = 9.2e18;  // within 64 bits
    const Value* const found = member(value, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (found->IsDouble() && found->GetDouble() > -limit && found->GetDouble() < limit)
        return static_cast<std::int64_t>(found->GetDouble());
    return std::nullopt;
}

std::string_view first_text(const Value& object, std::initializer_list<const char*> spellings) {
    for (const char* const name : spellings)
        if (const auto text = json::text(object, name); !text.empty()) return text;
    return {};
}

std::vector<std::string_view> texts(const Value& object, std::string_view name) {
    std::vector<std::string_view> found;
    const Value* const list = member(object, name);
    if (list == nullptr || !list->IsArray()) return found;
    for (const Value& item : list->GetArray())
        if (item.IsString()) found.push_back(json::text_of(item));
    return found;
}

std::optional<Cancellation> read_cancellation(const Value& run) {
    const Value* const value = member(run, "cancellation");
    if (value == nullptr || !value->IsObject()) return std::nullopt;
    Cancellation cancellation;
    // One machine-made description of the API spells it the other way.
    cancellation.actor = first_text(*value, {"actor", "canceledBy", "cancelledBy"});
    cancellation.canceled_at = first_text(*value, {"canceledAt", "cancelledAt"});
    cancellation.reason = json::text(*value, "reason");
    return cancellation;
}

SpecSummary read_spec(const Value& value) {
    SpecSummary spec;
    spec.spec = json::text(value, "spec");
    spec.group_id = json::text(value, "groupId");
    spec.instance_id = json::text(value, "instanceId");
    spec.machine_id = json::text(value, "machineId");
    spec.claimed_at = json::text(value, "claimedAt");
    spec.completed_at = json::text(value, "completedAt");
    const Value* const results = member(value, "results");
    spec.has_results = results != nullptr && results->IsObject();
    if (spec.has_results)
        if (const Value* const stats = member(*results, "stats"))
            spec.failures = integer(*stats, "failures").value_or(0);
    return spec;
}

Run read_run(const Value& value) {
    Run run;
    run.run_id = json::text(value, "runId");
    run.project_id = json::text(value, "projectId");
    run.created_at = json::text(value, "createdAt");
    run.cursor = json::text(value, "cursor");
    run.duration_ms = integer(value, "durationMs");
    run.tags = texts(value, "tags");
    run.completion_state = parse_completion_state(json::text(value, "completionState"));
    run.status = parse_run_status(json::text(value, "status"));
    run.cancellation = read_cancellation(value);
    if (const Value* const meta = member(value, "meta")) {
        run.ci_build_id = json::text(*meta, "ciBuildId");
        if (const Value* const commit = member(*meta, "commit")) {
            run.branch = json::text(*commit, "branch");
            run.commit_sha = json::text(*commit, "sha");
        }
    }
    const Value* const specs = member(value, "specs");
    if (specs == nullptr || !specs->IsArray()) return run;
    run.specs.reserve(specs->Size());
    for (const Value& spec : specs->GetArray())
        if (spec.IsObject()) run.specs.push_back(read_spec(spec));
    return run;
}

std::string write(const Value& value, bool indented) {
    rapidjson::StringBuffer buffer;
    if (indented) {
        rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
        writer.SetIndent(' ', 2);
        value.Accept(writer);
    } else {
        rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
        value.Accept(writer);
    }
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

Result<std::optional<Document>> read_document(std::string body) {
    std::optional<Document> document;
    if (body.find_first_not_of(" \t\r\n") == std::string::npos) return document;
    auto content = std::make_unique<Document::Content>();
    content->text = std::move(body);
    const std::string wrong = parse(*content);
    if (!wrong.empty())
        return fail(Errc::network, "the service's answer is not the JSON it should be: " + wrong +
                                       " Check that CURRENTS_API_URL is the Runs API's address");
    content->data = member(content->json, "data");
    if (content->data != nullptr && !content->data->IsNull()) document.emplace(std::move(content));
    return document;
}

std::string read_error(std::string body, std::string_view secret) {
    if (body.size() > max_error_body) body.resize(max_error_body);
    Document::Content content;
    content.text = body;
    if (!parse(content).empty()) return clean_text(std::move(body), secret);
    for (const char* const name : {"error", "message"}) {
        const Value* const value = member(content.json, name);
        if (value == nullptr) continue;
        if (value->IsString()) return clean_text(std::string(json::text_of(*value)), secret);
        if (const auto inner = json::text(*value, "message"); !inner.empty())
            return clean_text(std::string(inner), secret);
    }
    return clean_text(std::move(body), secret);
}

Document::Document(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Run Document::run() const {
    return read_run(*content_->data);
}

std::vector<Run> Document::runs() const {
    std::vector<Run> found;
    if (!content_->data->IsArray()) return found;
    for (const Value& item : content_->data->GetArray())
        if (item.IsObject()) found.push_back(read_run(item));
    return found;
}

std::string_view Document::text(std::string_view name) const {
    return json::text(*content_->data, name);
}

std::optional<std::int64_t> Document::count(std::string_view name) const {
    const Value* const found = member(*content_->data, name);
    if (found == nullptr || !found->IsInt() || found->GetInt() < 0) return std::nullopt;
    return found->GetInt();
}

std::vector<std::string_view> Document::project_ids() const {
    std::vector<std::string_view> found;
    if (!content_->data->IsArray()) return found;
    for (const Value& item : content_->data->GetArray())
        if (const auto id = json::text(item, "projectId"); !id.empty()) found.push_back(id);
    return found;
}

bool Document::has_more() const {
    const Value* const more = member(content_->json, "has_more");
    return more != nullptr && more->IsTrue();
}

std::string_view Document::last_cursor() const {
    const Value& list = *content_->data;
    if (!list.IsArray() || list.Empty()) return {};
    return json::text(list[list.Size() - 1], "cursor");
}

std::string Document::to_json(bool indented) const {
    return write(*content_->data, indented);
}

std::string Document::member_to_json(std::string_view name, bool indented) const {
    const Value* const value = member(*content_->data, name);
    return value == nullptr ? std::string() : write(*value, indented);
}

Result<Answer> read_answer(net::HttpResponse response, std::string_view secret, Time now,
                           std::string_view address_setting) {
    Answer answer;
    answer.status = response.status;
    answer.retry_after = net::retry_after(response.headers, now);
    if (answer.ok()) {
        auto document = read_document(std::move(response.body));
        if (document.has_error()) return document.error();
        answer.data = std::move(*document);
    } else if (answer.status >= 300 && answer.status < 400) {
        answer.error = "a redirect, which is not followed with a key in hand; set " +
                       std::string(address_setting) + " to the address it leads to";
    } else {
        answer.error = read_error(std::move(response.body), secret);
    }
    return answer;
}

}  // namespace runs_agent::runs_api
