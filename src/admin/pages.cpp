// SPDX-License-Identifier: MIT
// The screens' data, and what their forms do.
#include "admin/desk.hpp"
#include "admin/filter.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::admin {

namespace asio = boost::asio;

namespace {

using Answer = asio::awaitable<net::HttpResponse>;

constexpr int rows_of_a_page = 50;
/// How long a screen looks for rows before it says how far it came.
constexpr std::chrono::milliseconds look_for{25};

Answer overview(Desk& desk, Asked asked) {
    page::Overview shown;
    const auto day = co_await desk.day();
    if (day.has_error()) co_return problem(desk, asked, day.error());
    shown.hours = *day;
    shown.store_fault = co_await desk.store_fault();
    const auto backlog = co_await desk.backlog();
    if (backlog.has_value()) shown.backlog = *backlog;
    doctor::Report checked = co_await desk.wrong();
    shown.wrong = std::move(checked.findings);
    shown.checking = checked.still_asking;
    std::string service = desk.told.runs_api_service();
    const auto paused = co_await desk.store.paused_until(std::move(service), desk.clock.now());
    if (paused.has_value()) shown.paused_until = *paused;
    store::DeliverySearch search;
    search.limit = 10;
    const auto newest = co_await desk.store.search(search);
    if (newest.has_error()) co_return problem(desk, asked, newest.error());
    shown.newest = newest->rows;
    for (const store::Standing standing : {store::Standing::dead, store::Standing::held}) {
        search.standing = standing;
        search.limit = 5;
        search.look_for = look_for;
        const auto needy = co_await desk.store.search(search);
        if (needy.has_error()) continue;
        // One may have a dead call and a held one.
        for (const store::DeliveryRow& row : needy->rows)
            if (std::ranges::find(shown.needy, row.guid, &store::DeliveryRow::guid) ==
                shown.needy.end())
                shown.needy.push_back(row);
    }
    std::string of_all;
    const auto acts = co_await desk.store.acts(std::move(of_all), 5);
    if (acts.has_error()) co_return problem(desk, asked, acts.error());
    shown.acts = *acts;
    shown.uptime = desk.uptime();
    shown.policy_file = desk.told.policy_file;
    shown.own_api = desk.told.own_api;
    page::Frame frame = frame_of(desk, asked, page::Screen::overview, "Overview");
    frame.refresh = 5;
    co_return html_response(200, page::overview(frame, shown));
}

Answer deliveries(Desk& desk, Asked asked) {
    page::Frame frame = frame_of(desk, asked, page::Screen::deliveries, "Deliveries");
    page::Deliveries shown;
    shown.filter = std::string(trimmed(asked.value("q")));
    // Without the script the selects come beside it.
    for (const char* key : {"state", "rule", "since"})
        if (const std::string value = asked.value(key); !value.empty())
            shown.filter = with_term(shown.filter, key, value);
    auto search = parse_filter(shown.filter, frame.now);
    if (search.has_error()) {
        shown.fault = search.error().message;
        co_return html_response(400, page::deliveries(frame, shown));
    }
    search->limit = rows_of_a_page;
    search->look_for = look_for;
    search->before = asked.value("before");
    shown.first = search->before.empty();
    auto page = co_await desk.store.search(*search);
    if (page.has_error()) {
        if (search->id.empty() || page.error().code != Errc::not_found)
            co_return problem(desk, asked, page.error());
        page = store::DeliveryPage();  // none has that id
    }
    shown.page = std::move(*page);
    frame.refresh = 5;
    co_return html_response(200, page::deliveries(frame, shown));
}

store::ByHand by_hand(const Asked& asked, store::HandAct act) {
    store::ByHand by;
    by.act = act;
    by.actor = asked.visitor.actor();
    by.reason = std::string(trimmed(asked.value("reason"))).substr(0, 500);
    return by;
}

/// To several: says first what would become of it, and does it once that was confirmed.
Answer act_on_several(Desk& desk, Asked asked, store::HandAct act) {
    page::Confirmation shown;
    shown.by = by_hand(asked, act);
    shown.filter = std::string(trimmed(asked.value("q")));
    const bool confirmed = asked.value("confirmed") == "yes";
    shown.by.dry_run = !confirmed;
    Result<store::HandOutcome> outcome{store::HandOutcome()};
    if (asked.value("which") == "all") {
        shown.by.filter = shown.filter;
        auto search = parse_filter(shown.filter, desk.clock.now());
        if (search.has_value() && shown.filter.empty())
            co_return problem(desk, asked,
                              fail(Errc::bad_input,
                                   "say which with a filter; without one it would "
                                   "be all that there is"));
        if (search.has_error()) co_return problem(desk, asked, search.error());
        outcome = co_await desk.act(shown.by, *search);
    } else {
        shown.ids = asked.values("id");
        if (shown.ids.empty())
            co_return problem(desk, asked, fail(Errc::bad_input, "choose some deliveries first"));
        outcome = co_await desk.act_on(shown.by, shown.ids);
    }
    if (outcome.has_error()) co_return problem(desk, asked, outcome.error());
    shown.outcome = *outcome;
    if (!confirmed) {
        page::Frame frame = frame_of(desk, asked, page::Screen::deliveries,
                                     act == store::HandAct::replay ? "Replay" : "Drop");
        co_return html_response(200, page::confirmation(frame, shown));
    }
    const std::string done = desk.sealed(in_words(shown.by, *outcome));
    co_return see("../deliveries?" +
                  (shown.filter.empty() ? "" : "q=" + net::percent_encode(shown.filter) + "&") +
                  "done=" + net::percent_encode(done));
}

Answer delivery(Desk& desk, Asked asked) {
    auto detail = co_await desk.store.show(asked.path[1]);
    if (detail.has_error()) co_return problem(desk, asked, detail.error());
    page::Delivery shown;
    shown.detail = std::move(*detail);
    const auto acts = co_await desk.store.acts(shown.detail.row.guid, 20);
    if (acts.has_error()) co_return problem(desk, asked, acts.error());
    shown.acts = *acts;
    shown.now = co_await desk.consider(shown.detail.row.guid);
    if (const auto& run = shown.detail.row.run; run && !shown.detail.row.job)
        shown.does = page::settings_in_words(*desk.told.policy()->match(*run).settings);
    page::Frame frame = frame_of(desk, asked, page::Screen::deliveries,
                                 "Delivery " + shown.detail.row.guid.substr(0, 8));
    // What is over changes no more by itself.
    frame.refresh = !shown.detail.row.decided_at || shown.detail.row.calls_open > 0 ? 2 : 30;
    co_return html_response(200, page::delivery(frame, shown));
}

Answer act_on_one(Desk& desk, Asked asked, store::HandAct act) {
    store::DeliverySearch which;
    which.id = asked.path[1];
    const store::ByHand by = by_hand(asked, act);
    const auto outcome = co_await desk.act(by, which);
    if (outcome.has_error()) co_return problem(desk, asked, outcome.error());
    co_return see("../" + net::percent_encode(asked.path[1]) +
                  "?done=" + net::percent_encode(desk.sealed(in_words(by, *outcome))));
}

Answer payload(Desk& desk, Asked asked) {
    auto body = co_await desk.store.payload(asked.path[1]);
    if (body.has_error()) co_return problem(desk, asked, body.error());
    const page::Frame frame = frame_of(desk, asked, page::Screen::deliveries, "Payload");
    co_return html_response(200, page::payload(frame, asked.path[1], *body));
}

Answer run(Desk& desk, Asked asked) {
    const auto number = parse_number<std::int64_t>(asked.path[4]);
    if (!number)
        co_return problem(desk, asked,
                          fail(Errc::not_found,
                               "a workflow run has a number, which this is not: " + asked.path[4]));
    std::string repository = asked.path[2] + "/" + asked.path[3];
    auto story = co_await desk.story(asked.path[1], std::move(repository), *number);
    if (story.has_error()) co_return problem(desk, asked, story.error());
    page::Run shown;
    shown.story = std::move(*story);
    const auto recorded = co_await recorded_runs(desk, asked.path[4], 1);
    if (!recorded.empty()) shown.recorded = "recorded/" + recorded.front().id;
    page::Frame frame = frame_of(desk, asked, page::Screen::runs, "Run " + asked.path[4]);
    frame.refresh = 5;
    co_return html_response(200, page::run(frame, shown));
}

/// The run's number in what was pasted: an address on GitHub, the number itself, or a CI build id,
/// of which the longest number is tried first.
std::vector<std::int64_t> numbers_in(std::string_view text) {
    std::vector<std::string> digits(1);
    const std::size_t runs = text.find("/actions/runs/");
    if (runs != std::string_view::npos) text.remove_prefix(runs);
    for (const char c : text) {
        if (is_digit(c))
            digits.back() += c;
        else if (!digits.back().empty())
            digits.emplace_back();
    }
    std::vector<std::int64_t> numbers;
    std::ranges::sort(digits, std::greater(), &std::string::size);
    for (const std::string& one : digits)
        if (const auto number = parse_number<std::int64_t>(one)) numbers.push_back(*number);
    return numbers;
}

Answer runs(Desk& desk, Asked asked) {
    page::Finding shown;
    shown.text = std::string(trimmed(asked.value("find"))).substr(0, 500);
    store::DeliverySearch search;
    search.limit = 1;
    for (const std::int64_t number : numbers_in(shown.text)) {
        search.run_id = number;
        const auto found = co_await desk.store.search(search);
        if (found.has_error() || found->rows.empty()) continue;
        const store::DeliveryRow& row = found->rows.front();
        co_return see(page::run_address(row.host, row.repository, number));
    }
    if (!shown.text.empty()) {
        const auto recorded = co_await recorded_runs(desk, shown.text, 20);
        if (recorded.size() == 1) co_return see("recorded/" + recorded.front().id);
        shown.recorded = recorded;
        if (recorded.empty())
            shown.fault = "No run was heard of that \"" + shown.text + "\" names.";
    }
    if (shown.recorded.empty()) shown.recorded = co_await recorded_runs(desk, std::string(), 20);
    search = {};
    search.limit = 100;
    search.look_for = look_for;
    const auto newest = co_await desk.store.search(search);
    if (newest.has_value())
        for (const store::DeliveryRow& row : newest->rows) {
            if (!row.run || row.job || shown.runs.size() >= 20) continue;
            const std::string address =
                page::run_address(row.host, row.repository, row.run->key.run_id);
            const auto same =
                std::ranges::find(shown.runs, address, [](auto& x) { return x.second; });
            if (same == shown.runs.end())
                shown.runs.emplace_back(row.repository + " · " + row.run->workflow_name + " · " +
                                            std::to_string(row.run->key.run_id),
                                        address);
        }
    co_return html_response(200,
                            page::runs(frame_of(desk, asked, page::Screen::runs, "Runs"), shown));
}

Answer setup(Desk& desk, Asked asked) {
    page::Setup shown;
    for (const auto& [name, value] : desk.told.settings) shown.settings.push_back({name, value});
    shown.listeners = desk.told.listeners;
    const auto hooks =
        co_await desk.store.hooks(desk.told.github_host, desk.clock.now() - std::chrono::days(30));
    if (hooks.has_value()) shown.hooks = *hooks;
    SetUp known = co_await set_up(desk, asked);
    shown.report = std::move(known.report);
    shown.repository = std::move(known.repository);
    shown.workflow = std::move(known.workflow);
    shown.branch = std::move(known.branch);
    shown.rule = std::move(known.rule);
    shown.does = std::move(known.does);
    co_return html_response(
        200, page::setup(frame_of(desk, asked, page::Screen::setup, "Set-up"), shown));
}

std::optional<store::HandAct> act_of(std::string_view name) {
    if (name == "replay") return store::HandAct::replay;
    if (name == "drop") return store::HandAct::drop;
    return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<net::HttpResponse>> answer_page(Desk& desk, Asked asked) {
    const auto act = asked.path.empty() ? std::nullopt : act_of(asked.path.back());
    if (asked.is_post()) {
        if (act && asked.is({"deliveries", "*"}))
            co_return co_await act_on_several(desk, asked, *act);
        if (act && asked.is({"deliveries", "*", "*"}))
            co_return co_await act_on_one(desk, asked, *act);
        co_return std::nullopt;
    }
    if (asked.path.empty()) co_return co_await overview(desk, asked);
    if (asked.is({"deliveries"})) co_return co_await deliveries(desk, asked);
    if (asked.is({"deliveries", "*"})) co_return co_await delivery(desk, asked);
    if (asked.is({"deliveries", "*", "payload"})) co_return co_await payload(desk, asked);
    if (asked.is({"runs"})) co_return co_await runs(desk, asked);
    if (asked.is({"runs", "*", "*", "*", "*"})) co_return co_await run(desk, asked);
    if (asked.is({"setup"})) co_return co_await setup(desk, asked);
    co_return std::nullopt;
}

}  // namespace runs_agent::admin
