// SPDX-License-Identifier: MIT
#include "github/document.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "github/parsing.hpp"
#include "json/reading.hpp"
#include "net/http_message.hpp"
#include "observe/clean_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <limits>

namespace runs_agent::github {

namespace {

using json::member;
using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// What a failure has to say is said by then.
constexpr std::size_t max_message_body = 64UL * 1024;

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::int64_t number(const Value* object, std::string_view name) {
    const Value* const value = member(object, name);
    return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

Time time(const Value* object, std::string_view name) {
    return parse_iso8601(text(object, name)).value_or(Time());
}

int small_number(const Value* object, std::string_view name, int otherwise) {
    const std::int64_t found = number(object, name);
    return found > 0 && found <= std::numeric_limits<int>::max() ? static_cast<int>(found)
                                                                 : otherwise;
}

std::string write(const Value& value) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// The members of that name, where they are there.
void write_members(Writer& writer, const Value& from, std::initializer_list<const char*> names) {
    for (const char* const name : names) {
        const Value* const value = member(&from, name);
        if (value == nullptr || value->IsObject() || value->IsArray()) continue;
        writer.Key(name);
        value->Accept(writer);
    }
}

Result<WorkflowRun> to_run(const Value& value) {
    WorkflowRun run;
    run.id = number(&value, "id");
    if (run.id <= 0) return lacks("workflow run with an id");
    run.attempt = small_number(&value, "run_attempt", 1);
    run.status = text(&value, "status");
    run.conclusion = text(&value, "conclusion");
    run.created_at = time(&value, "created_at");
    run.started_at = time(&value, "run_started_at");
    run.updated_at = time(&value, "updated_at");
    run.workflow_id = number(&value, "workflow_id");
    // Source: https://github.com/actions/runner/issues/4141
    run.names_workflow = text(&value, "name") != text(&value, "display_title");
    run.json = write(value);
    return run;
}

std::string to_repository_json(const Value& value) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    write_members(writer, value, {"id", "name", "full_name", "private"});
    if (const Value* const owner = member(&value, "owner"); owner != nullptr && owner->IsObject()) {
        writer.Key("owner");
        writer.StartObject();
        write_members(writer, *owner, {"login", "id", "type"});
        writer.EndObject();
    }
    write_members(writer, value, {"html_url", "fork", "default_branch"});
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

Result<LoggedDelivery> to_delivery(const Value& value) {
    LoggedDelivery delivery;
    delivery.id = number(&value, "id");
    delivery.guid = text(&value, "guid");
    if (delivery.id <= 0 || delivery.guid.empty()) return lacks("delivery with an id and a guid");
    delivery.event = text(&value, "event");
    delivery.action = text(&value, "action");
    delivery.delivered_at = time(&value, "delivered_at");
    delivery.status_code = small_number(&value, "status_code", 0);
    const Value* const again = member(&value, "redelivery");
    delivery.redelivery = again != nullptr && again->IsBool() && again->GetBool();
    return delivery;
}

}  // namespace

Result<WorkflowRun> read_run(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    return to_run(*json);
}

Result<WorkflowRuns> read_runs(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    const Value* const list = member(&*json, "workflow_runs");
    if (list == nullptr || !list->IsArray()) return lacks("list of workflow runs");
    WorkflowRuns found;
    found.more = !page.next.empty();
    found.runs.reserve(list->Size());
    for (const Value& value : list->GetArray()) {
        auto run = to_run(value);
        if (run.has_error()) return run.error();
        found.runs.push_back(std::move(*run));
    }
    return found;
}

Result<Repository> read_repository(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    Repository repository;
    repository.full_name = text(&*json, "full_name");
    if (repository.full_name.empty()) return lacks("repository with a full_name");
    repository.default_branch = text(&*json, "default_branch");
    repository.json = to_repository_json(*json);
    return repository;
}

Result<Workflow> read_workflow(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    Workflow workflow;
    workflow.id = number(&*json, "id");
    workflow.name = text(&*json, "name");
    if (workflow.id <= 0 || workflow.name.empty()) return lacks("workflow with an id and a name");
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    write_members(writer, *json, {"id", "name", "path", "state"});
    writer.EndObject();
    workflow.json.assign(buffer.GetString(), buffer.GetSize());
    return workflow;
}

Result<DeliveryLog> read_deliveries(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    if (!json->IsArray()) return lacks("list of deliveries");
    DeliveryLog log;
    log.deliveries.reserve(json->Size());
    for (const Value& value : json->GetArray()) {
        auto delivery = to_delivery(value);
        if (delivery.has_error()) return delivery.error();
        log.deliveries.push_back(std::move(*delivery));
    }
    if (page.next.empty()) return log;
    // An end that is none would hide deliveries.
    const auto parameters = net::query_of(page.next);
    log.next_cursor = net::find(parameters, "cursor").value_or("");
    if (log.next_cursor.empty()) return lacks("cursor in its link to the next page");
    return log;
}

Result<LoggedPayload> read_payload(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    LoggedPayload delivery;
    delivery.guid = text(&*json, "guid");
    delivery.event = text(&*json, "event");
    if (delivery.guid.empty() || delivery.event.empty())
        return lacks("delivery with a guid and an event");
    const Value* const payload = member(member(&*json, "request"), "payload");
    if (payload == nullptr || !payload->IsObject())
        return lacks("payload of the delivery " + clean_text(delivery.guid, {}));
    delivery.payload = write(*payload);
    // Source: docs.github.com, "Get a delivery for a repository webhook": a text, or null.
    delivery.answer = text(member(&*json, "response"), "payload");
    return delivery;
}

Result<std::int64_t> read_installation(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    const std::int64_t id = number(&*json, "id");
    if (id <= 0) return lacks("installation with an id");
    return id;
}

Result<AccessToken> read_access_token(const Page& page) {
    const auto json = parse_answer(page.body);
    if (json.has_error()) return json.error();
    AccessToken made;
    made.token = text(&*json, "token");
    made.expires_at = time(&*json, "expires_at");
    if (!is_visible_ascii(made.token) || made.expires_at == Time())
        return lacks("token with its expires_at");
    return made;
}

namespace {

/// What of a request was wrong: " (Hook already exists on this repository)". Source:
/// docs.github.com, "Troubleshooting the REST API", "Validation Failed".
std::string faults_of(const Value& answer) {
    const Value* const errors = member(&answer, "errors");
    if (errors == nullptr || !errors->IsArray()) return {};
    std::string faults;
    for (const Value& one : errors->GetArray()) {
        std::string fault =
            one.IsString() ? std::string(json::text_of(one)) : text(&one, "message");
        if (fault.empty() && one.IsObject()) fault = text(&one, "field") + " " + text(&one, "code");
        if (!trimmed(fault).empty()) faults += (faults.empty() ? "" : "; ") + fault;
    }
    return faults.empty() ? faults : " (" + faults + ")";
}

}  // namespace

std::string read_message(std::string_view body, std::string_view secret) {
    std::string whole(body.substr(0, max_message_body));
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag>(whole.data(), whole.size());
    std::string message = json.HasParseError() ? std::string() : text(&json, "message");
    if (!message.empty()) message += faults_of(json);
    return clean_text(std::move(message.empty() ? whole : message), secret);
}

}  // namespace runs_agent::github
