// SPDX-License-Identifier: MIT
// The HTTP API: what the page shows and does, for programs. openapi.json describes it.
#include "admin/desk.hpp"
#include "admin/filter.hpp"
#include "base/text.hpp"
#include "doctor/here.hpp"
#include "json/reading.hpp"
#include "json/writing.hpp"

#include <boost/asio/awaitable.hpp>
#include <rapidjson/document.h>

#include <algorithm>

namespace runs_agent::admin {

namespace asio = boost::asio;

namespace {

using Answer = asio::awaitable<net::HttpResponse>;

constexpr int max_limit = 500;
/// How long a page of a list is looked for, where the query does not say that it may take long.
constexpr std::chrono::milliseconds look_for{25};

net::HttpResponse failed(int status, std::string_view why) {
    json::ObjectWriter json;
    json.text("error", why);
    return net::json_response(status, json.finish());
}

net::HttpResponse failed(const Error& error) {
    return failed(status_of(error), error.message);
}

/// A number of the query within these bounds.
Result<int> number_of(const Asked& asked, std::string_view name, int otherwise, int most) {
    const std::string text = asked.value(name);
    if (text.empty()) return otherwise;
    const auto number = parse_number<int>(text);
    if (!number || *number < 1 || *number > most)
        return fail(Errc::bad_input,
                    std::string(name) + " must be a number from 1 to " + std::to_string(most));
    return *number;
}

Answer list(Desk& desk, Asked asked) {
    auto search = parse_filter(asked.value("q"), desk.clock.now());
    if (search.has_error()) co_return failed(search.error());
    const auto limit = number_of(asked, "limit", 50, max_limit);
    if (limit.has_error()) co_return failed(limit.error());
    search->limit = *limit;
    search->before = asked.value("before");
    search->after = asked.value("after");
    search->look_for = look_for;
    const auto page = co_await desk.store.search(*search);
    if (page.has_error()) co_return failed(page.error());
    co_return net::json_response(200, to_json(*page));
}

Answer show(Desk& desk, Asked asked) {
    const auto detail = co_await desk.store.show(asked.path[2]);
    if (detail.has_error()) co_return failed(detail.error());
    co_return net::json_response(200, to_json(*detail));
}

Answer payload(Desk& desk, Asked asked) {
    const auto body = co_await desk.store.payload(asked.path[2]);
    if (body.has_error()) co_return failed(body.error());
    if (!*body) co_return failed(404, "the payload is not kept any more");
    net::HttpResponse response = net::json_response(200, **body);
    response.headers.add("Content-Disposition", "attachment; filename=\"payload.json\"");
    co_return response;
}

/// What a change was asked with: `reason`, `q`, `ids`, `atMost`, `dryRun`.
struct Change {
    store::ByHand by;
    std::string filter;
    std::vector<std::string> ids;
};

Result<Change> read_change(const Asked& asked, store::HandAct act) {
    Change change;
    change.by.act = act;
    change.by.actor = asked.visitor.actor();
    if (asked.request.body.empty()) return change;
    rapidjson::Document document;
    document.Parse(asked.request.body.data(), asked.request.body.size());
    if (document.HasParseError() || !document.IsObject())
        return fail(Errc::bad_input, "the body must be a JSON object");
    change.by.reason = std::string(json::text(document, "reason")).substr(0, 500);
    change.filter = std::string(trimmed(json::text(document, "q")));
    change.by.filter = change.filter;
    if (const auto* ids = json::member(document, "ids"); ids != nullptr && ids->IsArray())
        for (const auto& id : ids->GetArray())
            if (id.IsString()) change.ids.emplace_back(json::text_of(id));
    if (const auto* most = json::member(document, "atMost")) {
        if (!most->IsInt() || most->GetInt() < 1 || most->GetInt() > 10'000)
            return fail(Errc::bad_input, "atMost must be a number from 1 to 10000");
        change.by.at_most = most->GetInt();
    }
    if (const auto* dry = json::member(document, "dryRun"))
        change.by.dry_run = dry->IsBool() && dry->GetBool();
    return change;
}

Answer act(Desk& desk, Asked asked, store::HandAct act) {
    const auto change = read_change(asked, act);
    if (change.has_error()) co_return failed(change.error());
    Result<store::HandOutcome> outcome{store::HandOutcome()};
    if (asked.path.size() == 4) {
        store::DeliverySearch which;
        which.id = asked.path[2];
        store::ByHand by = change->by;
        by.filter.clear();
        outcome = co_await desk.act(by, which);
    } else if (!change->ids.empty()) {
        outcome = co_await desk.act_on(change->by, change->ids);
    } else if (change->filter.empty()) {
        co_return failed(400, "say which: `q` has a filter, or `ids` the deliveries");
    } else {
        auto search = parse_filter(change->filter, desk.clock.now());
        if (search.has_error()) co_return failed(search.error());
        outcome = co_await desk.act(change->by, *search);
    }
    if (outcome.has_error()) co_return failed(outcome.error());
    co_return net::json_response(200, to_json(*outcome));
}

Answer run(Desk& desk, Asked asked) {
    const auto number = parse_number<std::int64_t>(asked.path[5]);
    if (!number) co_return failed(404, "a workflow run has a number");
    std::string repository = asked.path[3] + "/" + asked.path[4];
    const auto story = co_await desk.story(asked.path[2], std::move(repository), *number);
    if (story.has_error()) co_return failed(story.error());
    co_return net::json_response(200, to_json(*story));
}

Answer acts(Desk& desk, Asked asked) {
    const auto limit = number_of(asked, "limit", 50, max_limit);
    if (limit.has_error()) co_return failed(limit.error());
    std::string delivery = asked.value("delivery");
    const auto found = co_await desk.store.acts(std::move(delivery), *limit);
    if (found.has_error()) co_return failed(found.error());
    co_return net::json_response(200, to_json(*found));
}

Answer counts(Desk& desk) {
    const auto day = co_await desk.day();
    if (day.has_error()) co_return failed(day.error());
    co_return net::json_response(200, to_json(*day));
}

Answer health(Desk& desk) {
    const std::string fault = co_await desk.store_fault();
    const auto backlog = co_await desk.backlog();
    if (backlog.has_error()) co_return failed(backlog.error());
    json::ObjectWriter json;
    json.flag("storeWritable", fault.empty());
    json.text_or_null("storeFault", fault);
    json.number("undecided", backlog->undecided);
    json.number("pending", backlog->pending);
    json.number("held", backlog->held);
    json.text_or_null("heldBecause", backlog->held_because);
    json.number("dead", backlog->dead);
    json.flag("dryRun", desk.told.dry_run);
    json.text("version", desk.told.version);
    json.number("uptimeMs", desk.uptime().count());
    co_return net::json_response(200, json.finish());
}

Answer setup(Desk& desk, Asked asked) {
    SetUp known = co_await set_up(desk, std::move(asked));
    if (!known.rule.empty()) {
        doctor::RuleSeen seen{known.repository, known.rule, known.does, known.ignored};
        known.report.findings.push_back(doctor::judge_rule(seen));
        doctor::put_in_order(known.report.findings);
    }
    co_return net::json_response(
        200, doctor::to_json(known.report.findings, known.report.at, desk.told.version,
                             known.report.still_asking));
}

std::optional<store::HandAct> act_of(std::string_view name) {
    if (name == "replay") return store::HandAct::replay;
    if (name == "drop") return store::HandAct::drop;
    return std::nullopt;
}

net::HttpResponse method_not_allowed(const char* allowed) {
    net::HttpResponse response = failed(405, std::string("use ") + allowed);
    response.headers.add("Allow", allowed);
    return response;
}

}  // namespace

asio::awaitable<std::optional<net::HttpResponse>> answer_api(Desk& desk, Asked asked) {
    const auto name = act_of(asked.path.back());
    const bool changes =
        name && (asked.is({"api", "deliveries", "*"}) || asked.is({"api", "deliveries", "*", "*"}));
    if (changes && !asked.is_post()) co_return method_not_allowed("POST");
    if (changes) co_return co_await act(desk, asked, *name);
    const bool is_list = asked.is({"api", "deliveries"});
    const bool is_one = asked.is({"api", "deliveries", "*"});
    const bool is_payload = asked.is({"api", "deliveries", "*", "payload"});
    const bool is_run = asked.is({"api", "runs", "*", "*", "*", "*"});
    const bool is_acts = asked.is({"api", "acts"});
    const bool is_counts = asked.is({"api", "counts"});
    const bool is_health = asked.is({"api", "health"});
    const bool is_setup = asked.is({"api", "setup"});
    if (!is_list && !is_one && !is_payload && !is_run && !is_acts && !is_counts && !is_health &&
        !is_setup)
        co_return std::nullopt;
    if (asked.is_post()) co_return method_not_allowed("GET, HEAD");
    if (is_list) co_return co_await list(desk, asked);
    if (is_one) co_return co_await show(desk, asked);
    if (is_payload) co_return co_await payload(desk, asked);
    if (is_run) co_return co_await run(desk, asked);
    if (is_acts) co_return co_await acts(desk, asked);
    if (is_counts) co_return co_await counts(desk);
    if (is_setup) co_return co_await setup(desk, asked);
    co_return co_await health(desk);
}

}  // namespace runs_agent::admin
