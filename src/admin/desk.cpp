// SPDX-License-Identifier: MIT
#include "admin/desk.hpp"

#include "decide/decide.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::admin {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds ask_every{1'000};
constexpr std::chrono::milliseconds glance_every{5'000};
constexpr std::chrono::milliseconds closed_hours_every = std::chrono::minutes(10);
/// Deliveries of one run that a screen shows: one of a run with more jobs says so.
constexpr int most_of_a_run = 200;

}  // namespace

std::string Asked::value(std::string_view name) const {
    return std::string(net::find(is_post() ? form : query, name).value_or(""));
}

std::vector<std::string> Asked::values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, given] : is_post() ? form : query)
        if (key == name) found.push_back(given);
    return found;
}

bool Asked::is(std::initializer_list<std::string_view> segments) const {
    return std::ranges::equal(path, segments,
                              [](const std::string& given, std::string_view wanted) {
                                  return wanted == "*" ? !given.empty() : given == wanted;
                              });
}

std::string Desk::sealed(std::string_view notice) const {
    return std::string(notice) + "." + to_hex(hmac_sha256(seal_, notice));
}

std::string Desk::opened(std::string_view sealed) const {
    const std::size_t dot = sealed.rfind('.');
    if (dot == std::string_view::npos) return {};
    const std::string_view notice = sealed.substr(0, dot);
    const auto seal = sha256_from_hex(sealed.substr(dot + 1));
    if (!seal || !equal_in_constant_time(*seal, hmac_sha256(seal_, notice))) return {};
    return std::string(notice);
}

asio::awaitable<Result<std::vector<store::Counts>>> Desk::day() {
    constexpr int count = 24;
    const Time this_hour = std::chrono::floor<std::chrono::hours>(clock.now());
    const Time first = this_hour - std::chrono::hours(count - 1);
    const SteadyTime now = clock.steady();
    // Those there are not, or not any more; the last two may still change.
    Time from = this_hour - std::chrono::hours(1);
    for (Time hour = first; hour < from; hour += std::chrono::hours(1)) {
        const auto kept = hours_.find(hour);
        if (kept != hours_.end() && now - kept->second.at < closed_hours_every) continue;
        from = hour;
        break;
    }
    const int spans = static_cast<int>((this_hour - from) / std::chrono::hours(1)) + 1;
    const auto counted = co_await store.count(from, std::chrono::hours(1), spans);
    if (counted.has_error()) co_return counted.error();
    for (const store::Counts& one : *counted) hours_[one.from] = {one, now};
    hours_.erase(hours_.begin(), hours_.lower_bound(first));
    std::vector<store::Counts> found;
    for (Time hour = first; hour <= this_hour; hour += std::chrono::hours(1)) {
        store::Counts one;
        one.from = hour;
        const auto kept = hours_.find(hour);
        found.push_back(kept == hours_.end() ? one : kept->second.counts);
    }
    co_return found;
}

asio::awaitable<std::string> Desk::store_fault() {
    const SteadyTime now = clock.steady();
    if (checked_at_ && now - *checked_at_ < ask_every) co_return fault_;
    checked_at_ = now;  // who asks while this one asks is told what was found before
    const auto written = co_await store.check(clock.now());
    fault_ = written.has_error() ? written.error().message : "";
    co_return fault_;
}

asio::awaitable<Result<store::Backlog>> Desk::backlog() {
    const SteadyTime now = clock.steady();
    if (counted_at_ && now - *counted_at_ < ask_every) co_return backlog_;
    counted_at_ = now;
    backlog_ = co_await store.backlog();
    co_return backlog_;
}

asio::awaitable<doctor::Report> Desk::wrong() {
    const SteadyTime now = clock.steady();
    if (!told.glance || (glance_at_ && now < *glance_at_)) co_return wrong_;
    glance_at_ = now + glance_every;
    doctor::Report report = co_await told.glance();
    // Soon there may be more to be known.
    if (report.still_asking) glance_at_ = now + ask_every;
    std::erase_if(report.findings, [](const doctor::Finding& one) {
        // A Runs API that answers "later" is a warning; calls wait for it all the same.
        const bool away =
            one.check == doctor::Check::api_key && one.verdict == doctor::Verdict::warning;
        return one.verdict != doctor::Verdict::wrong && !away;
    });
    wrong_ = std::move(report);
    co_return wrong_;
}

asio::awaitable<Result<RunStory>> Desk::story(std::string host, std::string repository,
                                              std::int64_t run_id) {
    store::DeliverySearch search;
    search.host = host;
    search.run_id = run_id;
    search.limit = most_of_a_run;
    const auto page = co_await store.search(search);
    if (page.has_error()) co_return page.error();
    if (page->rows.empty())
        co_return fail(Errc::not_found,
                       "nothing was heard of run " + std::to_string(run_id) + " of " + repository);
    RunStory story;
    story.host = std::move(host);
    // Its newest name: a repository may have been renamed.
    story.repository = page->rows.front().repository;
    story.run_id = run_id;
    story.more = !page->next.empty();
    for (const store::DeliveryRow& row : page->rows) {
        auto detail = co_await store.show(row.guid);
        if (detail.has_value()) story.deliveries.push_back(std::move(*detail));
    }
    std::ranges::reverse(story.deliveries);
    co_return story;
}

asio::awaitable<Result<store::HandOutcome>> Desk::act(store::ByHand by,
                                                      store::DeliverySearch which) {
    return store.act(std::move(by), std::move(which), clock.now());
}

asio::awaitable<Result<store::HandOutcome>> Desk::act_on(store::ByHand by,
                                                         std::vector<std::string> ids) {
    store::HandOutcome all;
    for (const std::string& id : ids) {
        store::DeliverySearch one;
        one.id = id;
        const auto outcome = co_await store.act(by, one, clock.now());
        if (outcome.has_error()) {
            all.left_alone.emplace_back(outcome.error().message, 1);
            continue;
        }
        all.deliveries += outcome->deliveries;
        all.calls += outcome->calls;
        for (const auto& [why, count] : outcome->left_alone) {
            const auto same =
                std::ranges::find(all.left_alone, why, [](auto& x) { return x.first; });
            if (same == all.left_alone.end())
                all.left_alone.emplace_back(why, count);
            else
                same->second += count;
        }
    }
    co_return all;
}

asio::awaitable<std::optional<decide::Decision>> Desk::consider(std::string guid) {
    const auto policy = told.policy();
    store::Decider decider(
        [policy](const decide::Event& event, const decide::Known& known) {
            return decide::decide(event, *policy, known);
        },
        [policy](const decide::WorkflowRun& run, const decide::Known& known) {
            return decide::looks_at_group(run, *policy, known);
        });
    auto decision = co_await store.consider(std::move(guid), std::move(decider));
    if (decision.has_error()) co_return std::nullopt;
    co_return std::move(*decision);
}

page::Frame frame_of(const Desk& desk, const Asked& asked, page::Screen screen, std::string title) {
    page::Frame frame;
    frame.base = base_of(asked.request);
    frame.screen = screen;
    frame.title = std::move(title);
    frame.visitor = asked.visitor;
    frame.version = desk.told.version;
    frame.now = desk.clock.now();
    frame.dry_run = desk.told.dry_run;
    frame.embedded = static_cast<bool>(desk.told.runs_api);
    if (!asked.is_post()) frame.notice = desk.opened(asked.value("done"));
    return frame;
}

std::string base_of(const net::HttpRequest& request) {
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    std::string base;
    for (std::ptrdiff_t i = std::ranges::count(path, '/'); i > 1; --i) base += "../";
    return base;
}

net::HttpResponse html_response(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.body = std::move(body);
    return response;
}

net::HttpResponse see(std::string where) {
    net::HttpResponse response;
    response.status = 303;
    response.headers.add("Location", std::move(where));
    return response;
}

int status_of(const Error& error) {
    switch (error.code) {
        case Errc::bad_input:
            return 400;
        case Errc::not_found:
            return 404;
        case Errc::refused:
            return 409;
        case Errc::too_large:
            return 413;
        default:
            return 503;
    }
}

net::HttpResponse problem(const Desk& desk, const Asked& asked, const Error& error) {
    const bool missing = error.code == Errc::not_found;
    const std::string heading = missing ? "Not found" : "That did not work";
    return html_response(
        status_of(error),
        page::message(frame_of(desk, asked, page::Screen::none, heading), heading, error.message));
}

std::string in_words(const store::ByHand& by, const store::HandOutcome& outcome) {
    const auto counted = [](int count, const char* one, const char* many) {
        return std::to_string(count) + " " + (count == 1 ? one : many);
    };
    std::string text = (by.act == store::HandAct::replay ? "replayed " : "dropped ") +
                       counted(outcome.deliveries, "delivery", "deliveries") + " (" +
                       counted(outcome.calls, "call", "calls") + ")";
    int alone = 0;
    for (const auto& [why, count] : outcome.left_alone) alone += count;
    if (alone > 0)
        text +=
            ", left alone " + std::to_string(alone) + " (" + outcome.left_alone.front().first + ")";
    if (outcome.more) text += "; there are more";
    return text;
}

}  // namespace runs_agent::admin
