// SPDX-License-Identifier: MIT
// Recorded runs, as the Runs API of this process tells them: asked as a program outside would ask.
// Screens need no part of the Runs API for that, and see what its clients see.
#include "admin/desk.hpp"
#include "admin/page/recorded.hpp"
#include "base/time_text.hpp"
#include "json/reading.hpp"

#include <boost/asio/awaitable.hpp>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <functional>
#include <set>

namespace runs_agent::admin {

namespace asio = boost::asio;

namespace {

using Answer = asio::awaitable<net::HttpResponse>;
using Document = std::shared_ptr<rapidjson::Document>;

/// Instances that are asked for their tests: those that failed come first.
constexpr std::size_t most_instances = 30;
constexpr std::size_t most_projects = 20;

asio::awaitable<net::HttpResponse> ask(Desk& desk, std::string method, std::string target,
                                       std::string body) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers.add("Host", "localhost");
    request.headers.add("Authorization", "Bearer " + desk.told.runs_api_key);
    if (!body.empty()) {
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Content-Length", std::to_string(body.size()));
        request.body = std::move(body);
    }
    co_return co_await desk.told.runs_api(std::move(request));
}

asio::awaitable<net::HttpResponse> change(Desk& desk, std::string target, std::string body) {
    std::string method = "PUT";
    co_return co_await ask(desk, std::move(method), std::move(target), std::move(body));
}

Error error_of(const net::HttpResponse& response) {
    rapidjson::Document document;
    const std::string_view content = response.content();
    document.Parse(content.data(), content.size());
    std::string why = "the Runs API answered " + std::to_string(response.status);
    if (!document.HasParseError())
        if (const auto said = json::text(document, "error"); !said.empty()) why = std::string(said);
    return fail(response.status == 404   ? Errc::not_found
                : response.status == 503 ? Errc::busy
                : response.status < 500  ? Errc::refused
                                         : Errc::store,
                why);
}

/// The whole answer of a GET, read.
asio::awaitable<Result<Document>> get(Desk& desk, std::string target) {
    std::string method = "GET";
    std::string no_body;
    const net::HttpResponse response =
        co_await ask(desk, std::move(method), std::move(target), std::move(no_body));
    if (response.status != 200) co_return error_of(response);
    auto document = std::make_shared<rapidjson::Document>();
    const std::string_view content = response.content();
    document->Parse(content.data(), content.size());
    if (document->HasParseError())
        co_return fail(Errc::store, "the Runs API's answer cannot be read");
    co_return document;
}

const rapidjson::Value* data_of(const Document& document) {
    return json::member(*document, "data");
}

std::string text_of(const rapidjson::Value& value, std::string_view name) {
    return std::string(json::text(value, name));
}

page::RecordedRow row_of(const rapidjson::Value& run) {
    page::RecordedRow row;
    row.id = text_of(run, "runId");
    row.created_at = text_of(run, "createdAt");
    row.status = text_of(run, "status");
    if (const std::string state = text_of(run, "completionState");
        state == "CANCELED" || state == "TIMEOUT" || state == "IN_PROGRESS")
        row.status = state;
    const auto* const meta = json::member(run, "meta");
    row.ci_build_id = std::string(json::text(meta, "ciBuildId"));
    const auto* const commit = json::member(meta, "commit");
    row.branch = std::string(json::text(commit, "branch"));
    row.message = std::string(json::text(commit, "message"));
    return row;
}

/// The path and query of an address: files are asked for here, at the page's own address.
std::string below_origin(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(url);
    const std::size_t slash = url.find('/', scheme + 3);
    return slash == std::string_view::npos ? "" : std::string(url.substr(slash));
}

/// "recorded/RUN/files/ID?…", whose query is the one that the Runs API has signed.
std::string file_address(const std::string& run, std::string_view read_url) {
    const std::string target = below_origin(read_url);
    const std::size_t name = target.find("/artifacts/");
    if (name == std::string::npos) return {};
    return "recorded/" + net::percent_encode(run) + "/files/" +
           target.substr(name + std::string_view("/artifacts/").size());
}

page::RecordedTest test_of(const rapidjson::Value& test) {
    page::RecordedTest made;
    made.id = text_of(test, "testId");
    made.state = text_of(test, "state");
    made.error = text_of(test, "displayError");
    if (const auto* const flaky = json::member(test, "isFlaky"))
        made.flaky = flaky->IsBool() && flaky->GetBool();
    if (const auto* const title = json::member(test, "title"); title != nullptr && title->IsArray())
        for (const auto& part : title->GetArray())
            if (part.IsString())
                made.title += (made.title.empty() ? "" : " › ") + std::string(json::text_of(part));
    const auto* const attempts = json::member(test, "attempts");
    if (attempts == nullptr || !attempts->IsArray()) return made;
    for (const auto& attempt : attempts->GetArray()) {
        page::RecordedAttempt one;
        one.state = text_of(attempt, "state");
        if (const auto* const took = json::member(attempt, "wallClockDuration");
            took != nullptr && took->IsNumber())
            one.took = std::chrono::milliseconds(static_cast<std::int64_t>(took->GetDouble()));
        const auto* const error = json::member(attempt, "error");
        one.error = std::string(json::text(error, "message"));
        if (const auto stack = json::text(error, "stack"); !stack.empty()) one.error = stack;
        made.attempts.push_back(std::move(one));
    }
    return made;
}

asio::awaitable<void> add_tests(Desk& desk, std::string run, page::RecordedSpec& spec) {
    std::string target = "/v1/instances/" + net::percent_encode(spec.instance);
    const auto answered = co_await get(desk, std::move(target));
    if (answered.has_error()) co_return;
    const auto* const results = json::member(data_of(*answered), "results");
    if (results == nullptr || !results->IsObject()) co_return;
    if (const auto* const tests = json::member(results, "tests");
        tests != nullptr && tests->IsArray())
        for (const auto& test : tests->GetArray()) spec.tests.push_back(test_of(test));
    const auto* const files = json::member(results, "artifacts");
    if (files == nullptr || !files->IsArray()) co_return;
    for (const auto& file : files->GetArray()) {
        page::RecordedFile made;
        made.type = text_of(file, "contentType");
        made.name = text_of(file, "name");
        if (made.name.empty()) made.name = text_of(file, "path");
        made.kind = text_of(file, "type");
        made.test = text_of(file, "testId");
        if (const auto* const size = json::member(file, "size"); size != nullptr && size->IsInt64())
            made.size = size->GetInt64();
        made.address = file_address(run, json::text(file, "readUrl"));
        if (!made.address.empty()) spec.files.push_back(std::move(made));
    }
}

page::RecordedSpec spec_of(const rapidjson::Value& spec) {
    page::RecordedSpec made;
    made.name = text_of(spec, "spec");
    made.group = text_of(spec, "groupId");
    made.instance = text_of(spec, "instanceId");
    made.machine = text_of(spec, "machineId");
    made.claimed_at = parse_iso8601(json::text(spec, "claimedAt"));
    made.completed_at = parse_iso8601(json::text(spec, "completedAt"));
    const auto* const stats = json::member(json::member(spec, "results"), "stats");
    const auto number = [stats](std::string_view name) {
        const auto* const found = json::member(stats, name);
        return found != nullptr && found->IsInt64() ? found->GetInt64() : 0;
    };
    made.passes = number("passes");
    made.failures = number("failures");
    made.skipped = number("skipped") + number("pending");
    if (const auto* const results = json::member(spec, "results");
        results != nullptr && results->IsObject())
        if (const auto error = json::text(results, "exception"); !error.empty())
            made.exception = std::string(error);
    return made;
}

Answer show(Desk& desk, Asked asked) {
    const std::string id = asked.path[1];
    std::string target = "/v1/runs/" + net::percent_encode(id);
    const auto answered = co_await get(desk, std::move(target));
    if (answered.has_error()) co_return problem(desk, asked, answered.error());
    const auto* const data = data_of(*answered);
    page::Recorded shown;
    if (data == nullptr || !data->IsObject())
        co_return problem(desk, asked, fail(Errc::store, "the Runs API's answer cannot be read"));
    shown.row = row_of(*data);
    shown.row.project = text_of(*data, "projectId");
    const auto* const cancellation = json::member(data, "cancellation");
    shown.cancelled_by = std::string(json::text(cancellation, "actor"));
    shown.cancel_reason = std::string(json::text(cancellation, "reason"));
    if (const auto* const specs = json::member(data, "specs"); specs != nullptr && specs->IsArray())
        for (const auto& spec : specs->GetArray()) shown.specs.push_back(spec_of(spec));
    std::ranges::sort(shown.specs, {}, [](const page::RecordedSpec& spec) {
        return std::pair(-spec.failures, std::string_view(spec.name));
    });
    std::size_t asked_for = 0;
    for (page::RecordedSpec& spec : shown.specs) {
        if (!spec.completed_at) continue;
        if (++asked_for > most_instances) {
            spec.left_out = true;
            continue;
        }
        co_await add_tests(desk, id, spec);
    }
    page::Frame frame = frame_of(desk, asked, page::Screen::runs, "Recorded run");
    frame.refresh = shown.row.status == "IN_PROGRESS" ? 5 : 0;
    co_return html_response(200, page::recorded(frame, shown));
}

/// What keeps a file from doing anything in a reader's browser but being seen: it is a stranger's.
Answer file(Desk& desk, Asked asked) {
    const std::size_t question = asked.request.target.find('?');
    const std::string query =
        question == std::string::npos ? "" : asked.request.target.substr(question);
    std::string method = "GET";
    std::string target = "/v1/artifacts/" + net::percent_encode(asked.path[3]) + query;
    std::string no_body;
    net::HttpResponse given =
        co_await ask(desk, std::move(method), std::move(target), std::move(no_body));
    if (given.status != 200) co_return problem(desk, asked, error_of(given));
    net::HttpResponse response;
    const std::string type(given.headers.find("Content-Type").value_or("application/octet-stream"));
    const bool can_be_seen = (type.starts_with("image/") && !type.starts_with("image/svg")) ||
                             type.starts_with("video/");
    response.headers.add("Content-Type", can_be_seen ? type : "application/octet-stream");
    if (!can_be_seen) response.headers.add("Content-Disposition", "attachment");
    response.headers.add("Cache-Control", "private, max-age=3600");
    response.body = std::move(given.body);
    response.document = std::move(given.document);
    response.memory = std::move(given.memory);
    co_return response;
}

asio::awaitable<void> keep(Desk& desk, Asked asked, std::string act) {
    store::HandRecord record;
    record.at = desk.clock.now();
    record.act = std::move(act);
    record.actor = asked.visitor.actor();
    record.reason = asked.value("reason").substr(0, 500);
    record.subject = asked.path[1];
    // The act was done: that it could not be kept is no reason to say otherwise.
    const auto kept = co_await desk.store.record_act(record);
    if (kept.has_error()) co_return;
}

/// A JSON body of the machines whose specs are opened again.
std::string machines_body(const std::set<std::string>& machines) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json.Key("machineId");
    json.StartArray();
    for (const std::string& machine : machines) json.String(machine);
    json.EndArray();
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

Answer cancel(Desk& desk, Asked asked) {
    const std::string id = net::percent_encode(asked.path[1]);
    std::string target = "/v1/runs/" + id + "/cancel";
    std::string no_body;
    const auto done = co_await change(desk, std::move(target), std::move(no_body));
    if (done.status != 200) co_return problem(desk, asked, error_of(done));
    co_await keep(desk, asked, "cancel run");
    co_return see("../" + id +
                  "?done=" + net::percent_encode(desk.sealed("the run was cancelled")));
}

Answer reset(Desk& desk, Asked asked) {
    const std::string id = net::percent_encode(asked.path[1]);
    std::string target = "/v1/runs/" + id;
    const auto answered = co_await get(desk, std::move(target));
    if (answered.has_error()) co_return problem(desk, asked, answered.error());
    std::set<std::string> machines;
    if (const auto* const specs = json::member(data_of(*answered), "specs");
        specs != nullptr && specs->IsArray())
        for (const auto& spec : specs->GetArray())
            if (std::string machine = text_of(spec, "machineId"); !machine.empty())
                machines.insert(std::move(machine));
    if (machines.empty())
        co_return problem(desk, asked,
                          fail(Errc::refused, "no machine has taken a spec of this run yet"));
    // 63 at a time, as the API wants it.
    std::int64_t opened = 0;
    while (!machines.empty()) {
        std::set<std::string> some;
        while (!machines.empty() && some.size() < 63)
            some.insert(machines.extract(machines.begin()));
        std::string reset_target = "/v1/runs/" + id + "/reset";
        std::string body = machines_body(some);
        const auto done = co_await change(desk, std::move(reset_target), std::move(body));
        if (done.status != 200) co_return problem(desk, asked, error_of(done));
        rapidjson::Document document;
        document.Parse(done.content().data(), done.content().size());
        const auto* const count = json::member(json::member(document, "data"), "resetSpecs");
        if (count != nullptr && count->IsInt64()) opened += count->GetInt64();
    }
    co_await keep(desk, asked, "reset run");
    const std::string says = std::to_string(opened) +
                             (opened == 1 ? " spec was opened again" : " specs were opened again");
    co_return see("../" + id + "?done=" + net::percent_encode(desk.sealed(says)));
}

}  // namespace

asio::awaitable<std::vector<page::RecordedRow>> recorded_runs(Desk& desk, std::string search,
                                                              int limit) {
    std::vector<page::RecordedRow> rows;
    if (!desk.told.runs_api) co_return rows;
    std::string all = "/v1/projects?limit=" + std::to_string(most_projects);
    const auto projects = co_await get(desk, std::move(all));
    if (projects.has_error()) co_return rows;
    const auto* const list = data_of(*projects);
    if (list == nullptr || !list->IsArray()) co_return rows;
    for (const auto& project : list->GetArray()) {
        const std::string id = text_of(project, "projectId");
        std::string target =
            "/v1/projects/" + net::percent_encode(id) + "/runs?limit=" + std::to_string(limit);
        if (!search.empty()) target += "&search=" + net::percent_encode(search);
        const auto runs = co_await get(desk, std::move(target));
        if (runs.has_error()) continue;
        const auto* const found = data_of(*runs);
        if (found == nullptr || !found->IsArray()) continue;
        for (const auto& run : found->GetArray()) {
            rows.push_back(row_of(run));
            rows.back().project = id;
        }
    }
    std::ranges::sort(rows, std::greater(), &page::RecordedRow::created_at);
    if (std::ssize(rows) > limit) rows.resize(static_cast<std::size_t>(limit));
    co_return rows;
}

asio::awaitable<std::optional<net::HttpResponse>> answer_recorded(Desk& desk, Asked asked) {
    if (!desk.told.runs_api) co_return std::nullopt;
    if (asked.is_post()) {
        if (asked.is({"recorded", "*", "cancel"})) co_return co_await cancel(desk, asked);
        if (asked.is({"recorded", "*", "reset"})) co_return co_await reset(desk, asked);
        co_return std::nullopt;
    }
    if (asked.is({"recorded", "*"})) co_return co_await show(desk, asked);
    if (asked.is({"recorded", "*", "files", "*"})) co_return co_await file(desk, asked);
    co_return std::nullopt;
}

}  // namespace runs_agent::admin
