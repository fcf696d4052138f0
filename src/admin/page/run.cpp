// SPDX-License-Identifier: MIT
// One workflow run: a lane for each of its attempts and machines, drawn, and the same as a list.
#include "admin/page/screens.hpp"
#include "base/time_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace runs_agent::admin::page {

namespace {

using store::CallHistory;
using store::DeliveryDetail;

struct Dot {
    Time at;
    std::string kind;  // "told", "tried", "failed", "ended"
    std::string says;
};

struct Lane {
    std::string name;
    std::vector<Dot> dots;
};

int attempt_of(const DeliveryDetail& detail) {
    return detail.row.run ? detail.row.run->attempt : 1;
}

void add_delivery(std::map<std::string, std::vector<Dot>>& lanes, const DeliveryDetail& detail) {
    const std::string attempt = "attempt " + std::to_string(attempt_of(detail));
    const store::DeliveryRow& row = detail.row;
    if (row.job) {
        if (row.job->runner_name.empty()) return;
        lanes[attempt + "\n2 " + row.job->runner_name].push_back(
            {row.received_at, row.action == "completed" ? "ended" : "told",
             row.job->name + ": " +
                 (row.job->conclusion.empty() ? row.action : row.job->conclusion)});
        return;
    }
    std::string says = row.action;
    if (row.run && !row.run->conclusion.empty()) says += ", " + row.run->conclusion;
    lanes[attempt + "\n0 GitHub"].push_back(
        {row.received_at, row.action == "completed" ? "ended" : "told", says});
}

std::vector<Lane> lanes_of(const RunStory& story) {
    std::map<std::string, std::vector<Dot>> lanes;
    for (const DeliveryDetail& detail : story.deliveries) {
        add_delivery(lanes, detail);
        for (const CallHistory& history : detail.calls) {
            if (history.call.delivery != detail.row.guid) continue;  // it moved to another
            const store::Call& call = history.call;
            auto& dots = lanes["attempt " + std::to_string(call.planned.attempt) + "\n1 test run"];
            for (const store::Try& tried : history.tries)
                dots.push_back(
                    {tried.at, tried.status >= 200 && tried.status < 300 ? "tried" : "failed",
                     std::string(decide::to_string(call.planned.operation)) + ": " + tried.result});
        }
    }
    std::vector<Lane> made;
    for (auto& [name, dots] : lanes) {
        std::string shown =
            name.substr(0, name.find('\n')) + ", " + name.substr(name.find('\n') + 3);
        std::ranges::sort(dots, {}, [](const Dot& dot) { return std::tie(dot.at, dot.says); });
        made.push_back({std::move(shown), std::move(dots)});
    }
    return made;
}

/// Where each moment is drawn. Idle time is folded: a step grows with the logarithm of its time, so
/// that 3 ms and 6 minutes fit in one picture.
std::map<Time, double> places_of(const std::vector<Lane>& lanes) {
    std::map<Time, double> places;
    for (const Lane& lane : lanes)
        for (const Dot& dot : lane.dots) places[dot.at] = 0;
    double x = 0;
    std::optional<Time> last;
    for (auto& [at, place] : places) {
        if (last) x += 1 + std::log2(1 + static_cast<double>((at - *last).count()) / 100);
        place = x;
        last = at;
    }
    for (auto& [at, place] : places) place = x == 0 ? 0.5 : place / x;
    return places;
}

std::string coordinate(double value) {
    return std::to_string(static_cast<int>(std::lround(value)));
}

void put_picture(Html& html, const std::vector<Lane>& lanes) {
    constexpr int width = 640;
    constexpr int row = 34;
    const auto places = places_of(lanes);
    html.raw(R"(<figure class="lanes"><div class="names" aria-hidden="true">)");
    for (const Lane& lane : lanes) html.raw("<span>").name(lane.name).raw("</span>");
    html.raw(R"(</div><svg aria-hidden="true" viewBox=)")
        .attribute("0 0 " + std::to_string(width) + " " +
                   std::to_string(row * static_cast<int>(lanes.size())));
    html.raw(">");
    int y = row / 2;
    for (const Lane& lane : lanes) {
        html.raw(R"(<line x1="8" x2=)").attribute(std::to_string(width - 8)).raw(" y1=");
        html.attribute(std::to_string(y)).raw(" y2=").attribute(std::to_string(y)).raw("/>");
        for (const Dot& dot : lane.dots) {
            html.raw(R"(<circle r="6" class=)").attribute(dot.kind).raw(" cx=");
            html.attribute(coordinate(14 + places.at(dot.at) * (width - 28))).raw(" cy=");
            html.attribute(std::to_string(y)).raw("><title>");
            html.text(to_iso8601(dot.at) + " " + dot.says).raw("</title></circle>");
        }
        y += row;
    }
    html.raw(
        R"(</svg><figcaption>Time runs to the right; idle time is folded. <span class="key">)"
        R"(<i class="told"></i> heard</span> <span class="key"><i class="ended"></i> ended)"
        R"(</span> <span class="key"><i class="tried"></i> call done</span> <span class="key">)"
        R"(<i class="failed"></i> call refused</span></figcaption></figure>)");
}

void put_list(Html& html, const std::vector<Lane>& lanes) {
    struct Entry {
        Time at;
        const Lane* lane;
        const Dot* dot;
    };
    std::vector<Entry> all;
    for (const Lane& lane : lanes)
        for (const Dot& dot : lane.dots) all.push_back({dot.at, &lane, &dot});
    std::ranges::sort(
        all, {}, [](const Entry& one) { return std::tie(one.at, one.lane->name, one.dot->says); });
    html.raw(R"(<h2>In order</h2><ol class="line">)");
    std::optional<Time> last;
    for (const Entry& entry : all) {
        if (last && entry.at - *last >= std::chrono::minutes(1))
            html.raw(R"(<li class="gap">)")
                .text(span_in_words(entry.at - *last) + " later")
                .raw("</li>");
        html.raw("<li>").time(entry.at).raw(R"( <span class="what"><b>)").name(entry.lane->name);
        html.raw("</b> ").name(entry.dot->says).raw("</span></li>");
        last = entry.at;
    }
    html.raw("</ol>");
}

}  // namespace

std::string run(const Frame& frame, const Run& shown) {
    const RunStory& story = shown.story;
    Html html;
    html.raw(R"(<p class="trail"><a href=)")
        .attribute(frame.base + "runs")
        .raw(">Runs</a></p><h1>");
    html.name(story.repository).raw(" <small>run ").text(std::to_string(story.run_id));
    html.raw("</small></h1><p>");
    const store::DeliveryRow& newest = story.deliveries.back().row;
    const std::string address = github_address(newest);
    if (!address.empty())
        html.raw(R"(<a class="out" rel="noreferrer" href=)")
            .attribute(address)
            .raw(">On GitHub</a> · ");
    if (!shown.recorded.empty())
        html.raw("<a href=").attribute(frame.base + shown.recorded).raw(">The recorded run</a> · ");
    html.raw("<a href=")
        .attribute(frame.base + deliveries_address("run:" + std::to_string(story.run_id)))
        .raw(">Its deliveries</a></p>");
    const auto lanes = lanes_of(story);
    put_picture(html, lanes);
    put_list(html, lanes);
    html.raw("<h2>Deliveries</h2>");
    std::vector<store::DeliveryRow> rows;
    rows.reserve(story.deliveries.size());
    for (const DeliveryDetail& detail : story.deliveries) rows.push_back(detail.row);
    std::ranges::reverse(rows);
    put_deliveries(html, frame, rows, "Deliveries of this run, the newest first");
    if (story.more) html.raw(R"(<p class="quiet">Only the newest are shown here.</p>)");
    put_command(html, "runs-agent deliveries list --run-id " + std::to_string(story.run_id));
    return framed(frame, html);
}

std::string runs(const Frame& frame, const Finding& shown) {
    Html html;
    html.raw(R"(<h1>Runs</h1><form class="filter" role="search" action=)")
        .attribute(frame.base + "runs");
    html.raw(R"(><p class="box"><label for="find">A run</label><input id="find" name="find" )"
             R"(type="search" spellcheck="false" maxlength="500" aria-describedby="find-help" )"
             "value=");
    html.attribute(shown.text)
        .raw(R"(><button class="main">Find</button></p><p class="quiet" )"
             R"(id="find-help">Paste a run's address on GitHub, its number, or )"
             "a CI build id.</p></form>");
    if (!shown.fault.empty())
        html.raw(R"(<p class="fault" role="alert">)").text(shown.fault).raw("</p>");
    if (!shown.runs.empty()) {
        html.raw(R"(<h2>Heard of lately</h2><ul class="plain-list">)");
        for (const auto& [name, address] : shown.runs)
            html.raw("<li><a href=")
                .attribute(frame.base + address)
                .raw(">")
                .name(name)
                .raw("</a></li>");
        html.raw("</ul>");
    }
    if (!frame.embedded) return framed(frame, html);
    html.raw("<h2>Recorded runs</h2>");
    if (shown.recorded.empty())
        html.raw(R"(<p class="empty">No run was recorded yet.</p>)");
    else {
        html.raw(R"(<table class="rows recorded" role="table"><caption class="unseen">Recorded )"
                 "runs, the "
                 R"(newest first</caption><thead><tr><th scope="col">Began</th><th scope="col">CI )"
                 R"(build</th><th scope="col">Branch</th><th scope="col">Project</th><th )"
                 R"(scope="col">State</th></tr></thead><tbody>)");
        for (const RecordedRow& row : shown.recorded) {
            html.raw(R"(<tr><td data-name="when"><a class="open" href=)");
            html.attribute(frame.base + "recorded/" + row.id).raw(">");
            if (const auto began = parse_iso8601(row.created_at)) html.time(*began);
            html.raw(R"(</a></td><td data-name="what">)").name(row.ci_build_id);
            if (!row.message.empty())
                html.raw(R"(<br><span class="quiet">)").name(row.message).raw("</span>");
            html.raw(R"(</td><td data-name="branch">)").name(row.branch);
            html.raw("</td><td>").name(row.project).raw(R"(</td><td data-name="outcome">)");
            put_run_state(html, row.status);
            html.raw("</td></tr>");
        }
        html.raw("</tbody></table>");
    }
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
