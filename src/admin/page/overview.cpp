// SPDX-License-Identifier: MIT
#include "admin/page/screens.hpp"
#include "base/time_text.hpp"

#include <algorithm>

namespace runs_agent::admin::page {

namespace {

/// One sentence: all is well, or the worst thing with its cure.
struct Verdict {
    Tone tone = Tone::good;
    std::string shape = "check";
    std::string says;
    std::string cure;
    std::string filter;     // of those concerned
    std::size_t found = 0;  // so many of the set-up's checks are told of here
};

std::string calls_are(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " call is" : " calls are");
}

bool is_wrong(const doctor::Finding& finding) {
    return finding.verdict == doctor::Verdict::wrong;
}

/// It has sentences of its own for these.
bool is_told_anyway(const doctor::Finding& finding) {
    using doctor::Check;
    return finding.check == Check::held_calls || finding.check == Check::dead_letters ||
           finding.check == Check::database || finding.check == Check::backlog;
}

/// What else the set-up's checks found, what is wrong before warnings.
doctor::Findings others_of(const Overview& shown) {
    doctor::Findings found;
    for (const bool wrong : {true, false})
        for (const doctor::Finding& one : shown.wrong)
            if (is_wrong(one) == wrong && !is_told_anyway(one)) found.push_back(one);
    return found;
}

std::string named(const doctor::Finding& finding) {
    return std::string(doctor::title_of(finding.check)) +
           (finding.of.empty() ? "" : " (" + finding.of + ")");
}

Verdict verdict_of(const doctor::Finding& finding) {
    const bool wrong = is_wrong(finding);
    Verdict verdict{wrong ? Tone::bad : Tone::warn, wrong ? "cross" : "pause",
                    named(finding) + ": " + finding.says + ".", finding.why, ""};
    if (!finding.cure.empty())
        verdict.cure += (verdict.cure.empty() ? "Cure: " : ". Cure: ") + finding.cure;
    verdict.cure += ".";
    verdict.found = 1;
    return verdict;
}

Verdict verdict_of(const Overview& shown, const doctor::Findings& found) {
    const store::Backlog& backlog = shown.backlog;
    if (!shown.store_fault.empty())
        return {
            Tone::bad, "cross", "The database cannot be written: " + shown.store_fault,
            "GitHub is told so, and shows its deliveries as failed; they can be sent again there "
            "once this is mended.",
            ""};
    if (backlog.held > 0)
        return {Tone::warn, "pause",
                calls_are(backlog.held) + " held: " +
                    backlog.held_because.substr(0, backlog.held_because.find("; mend")) + ".",
                "Put a read & write key into CURRENTS_API_KEY_FILE; they go on by themselves.",
                "state:held"};
    // Calls that were given up are worse than a warning.
    if (!found.empty() && (is_wrong(found.front()) || backlog.dead == 0))
        return verdict_of(found.front());
    if (backlog.dead > 0)
        return {Tone::bad, "cross", calls_are(backlog.dead) + " given up.",
                "Look at why, mend it, and replay them; or drop what nobody needs any more.",
                "state:dead"};
    if (shown.paused_until && backlog.pending > 0)
        return {Tone::warn, "pause",
                "The Runs API asks to be left alone until " + to_iso8601(*shown.paused_until) + ".",
                calls_are(backlog.pending) + " waiting for that; they go on by themselves.",
                "state:open"};
    if (backlog.undecided > 10'000)
        return {
            Tone::warn, "ring",
            std::to_string(backlog.undecided) + " deliveries wait for a decision.",
            "The disk or the processor does not keep up; they are decided in the order in which "
            "they came.",
            "state:undecided"};
    if (shown.newest.empty())
        return {Tone::busy, "clock", "No delivery has come yet.",
                "Add a webhook on GitHub that sends workflow_run events here, or try one out: "
                "runs-agent send",
                ""};
    std::int64_t today = 0;
    for (const store::Counts& one : shown.hours) today += one.deliveries;
    if (today == 0)
        return {Tone::warn, "clock", "Nothing has come for 24 hours.",
                "If workflows ran meanwhile, look at the webhook's recent deliveries on GitHub.",
                ""};
    const char* const well =
        shown.checking ? "Nothing is wrong so far; the set-up is being checked." : "All is well.";
    if (backlog.pending > 0)
        return {
            Tone::good, "check", well,
            calls_are(backlog.pending) + " open; they are made, and tried again, by themselves.",
            "state:open"};
    return {Tone::good, "check", well, "Nothing waits for anybody.", ""};
}

/// What else the checks found, each by its name once.
std::vector<std::string> names_of(const doctor::Findings& found, std::size_t told) {
    std::vector<std::string> names;
    for (const doctor::Finding& one : found)
        if (std::ranges::find(names, named(one)) == names.end()) names.push_back(named(one));
    names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(told));
    return names;
}

void put_others(Html& html, const Frame& frame, const doctor::Findings& found, std::size_t told) {
    if (found.empty()) return;
    const std::vector<std::string> names = names_of(found, told);
    html.raw("<p>");
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i == 0)
            html.raw("Also: ");
        else
            html.raw(", ");
        html.name(names[i]);
    }
    if (!names.empty()) html.raw(". ");
    html.raw("<a href=").attribute(frame.base + "setup").raw(">Set-up</a> has all checks.</p>");
}

void put_verdict(Html& html, const Frame& frame, const Overview& shown) {
    const doctor::Findings found = others_of(shown);
    Verdict verdict = verdict_of(shown, found);
    if (!found.empty() && is_wrong(found.front()) && verdict.tone != Tone::bad) {
        verdict.tone = Tone::bad;  // what is named beside it is worse
        verdict.shape = "cross";
    }
    static constexpr std::string_view tones[] = {"good", "busy", "warn", "bad", "calm"};
    html.raw("<section class=")
        .attribute("verdict " + std::string(tones[static_cast<std::size_t>(verdict.tone)]));
    html.raw("><h1>");
    put_state(html, verdict.tone, verdict.shape, verdict.says);
    html.raw("</h1><p>").text(verdict.cure);
    if (!verdict.filter.empty()) {
        html.raw(" <a href=").attribute(frame.base + deliveries_address(verdict.filter));
        html.raw(">Show them</a>");
    }
    html.raw("</p>");
    put_others(html, frame, found, verdict.found);
    html.raw("</section>");
}

void put_number(Html& html, const Frame& frame, const char* what, std::int64_t value,
                const std::string& filter, const char* tone = "") {
    html.raw("<li><a href=").attribute(frame.base + deliveries_address(filter)).raw(" class=");
    html.attribute(value > 0 ? tone : "").raw("><strong>").number(value).raw("</strong><span>");
    html.text(what).raw("</span></a></li>");
}

void put_numbers(Html& html, const Frame& frame, const Overview& shown) {
    store::Counts sum;
    for (const store::Counts& one : shown.hours) {
        sum.deliveries += one.deliveries;
        sum.nothing += one.nothing;
        sum.cancelled += one.cancelled;
        sum.specs += one.specs;
        sum.uncounted += one.uncounted;
    }
    html.raw(R"(<h2 id="day">The last 24 hours</h2><ul class="numbers" aria-labelledby="day">)");
    put_number(html, frame, "deliveries", sum.deliveries, "since:24h");
    put_number(html, frame, "runs cancelled", sum.cancelled, "did:cancelled since:24h");
    put_number(html, frame, sum.uncounted > 0 ? "specs reopened, at least" : "specs reopened",
               sum.specs, "did:reopened since:24h");
    put_number(html, frame, "nothing to do", sum.nothing, "rule:R5 since:24h");
    put_number(html, frame, "calls open now", shown.backlog.pending + shown.backlog.held,
               "state:open", "busy");
    put_number(html, frame, "calls dead now", shown.backlog.dead, "state:dead", "bad");
    html.raw("</ul>");
}

std::string hour_of(Time time) {
    return to_iso8601(time).substr(11, 5);
}

/// 24 bars, each a link to its hour; a table says the same to who does not see them.
void put_bars(Html& html, const Frame& frame, const Overview& shown) {
    std::int64_t most = 1;
    for (const store::Counts& one : shown.hours) most = std::max(most, one.deliveries);
    html.raw(R"(<figure class="bars"><svg viewBox="0 0 480 90" preserveAspectRatio="none" )"
             R"(aria-hidden="true">)");
    int x = 0;
    for (const store::Counts& one : shown.hours) {
        const auto height = [most](std::int64_t value) {
            return value == 0 ? 1 : std::max<std::int64_t>(3, value * 84 / most);
        };
        const std::int64_t acted = one.cancelled + one.reopened;
        const auto bar = [&](const char* kind, std::int64_t tall) {
            html.raw("<rect class=").attribute(kind).raw(" x=").attribute(std::to_string(x + 2));
            html.raw(R"( width="16" y=)").attribute(std::to_string(88 - tall)).raw(" height=");
            html.attribute(std::to_string(tall)).raw(">");
            html.raw("<title>").text(hour_of(one.from) + ": " + std::to_string(one.deliveries) +
                                     " deliveries");
            html.raw("</title></rect>");
        };
        bar("all", height(one.deliveries));
        if (acted > 0) bar("acted", std::min(height(one.deliveries), height(acted)));
        x += 20;
    }
    html.raw("</svg><figcaption><span>");
    if (!shown.hours.empty()) html.text(hour_of(shown.hours.front().from)).raw(" UTC");
    html.raw(R"(</span><span class="legend"><i class="all"></i> deliveries an hour, <b>)");
    html.number(most).raw(R"(</b> at most &nbsp; <i class="acted"></i> runs cancelled or reopened)"
                          "</span><span>now</span></figcaption></figure>");
    html.raw(R"(<details class="table"><summary>The same as a table</summary><table><caption )"
             R"(class="unseen">By the hour</caption><thead><tr><th scope="col">From (UTC)</th>)"
             R"(<th scope="col">Deliveries</th><th scope="col">Runs cancelled</th><th scope="col">)"
             R"(Runs reopened</th><th scope="col">Specs reopened</th><th scope="col">Given up</th>)"
             R"(</tr></thead><tbody>)");
    for (const store::Counts& one : shown.hours) {
        html.raw(R"(<tr><th scope="row"><a href=)")
            .attribute(frame.base + deliveries_address(
                                        "since:" + to_iso8601(one.from) +
                                        " until:" + to_iso8601(one.from + std::chrono::hours(1))));
        html.raw(">").text(hour_of(one.from)).raw("</a></th><td>").number(one.deliveries);
        html.raw("</td><td>").number(one.cancelled).raw("</td><td>").number(one.reopened);
        html.raw("</td><td>").number(one.specs).raw("</td><td>").number(one.dead).raw("</td></tr>");
    }
    html.raw("</tbody></table></details>");
}

}  // namespace

std::string overview(const Frame& frame, const Overview& shown) {
    Html html;
    put_verdict(html, frame, shown);
    put_numbers(html, frame, shown);
    put_bars(html, frame, shown);
    if (!shown.needy.empty()) {
        html.raw("<h2>What needs somebody</h2>");
        put_deliveries(html, frame, shown.needy, "What needs somebody");
    }
    html.raw("<h2>The newest</h2>");
    if (shown.newest.empty())
        html.raw(R"(<p class="empty">Nothing has come yet. <a href=)")
            .attribute(frame.base + "setup")
            .raw(">Set-up</a> says what is there already.</p>");
    else
        put_deliveries(html, frame, shown.newest, "The newest deliveries");
    if (!shown.newest.empty())
        html.raw("<p><a href=").attribute(frame.base + "deliveries").raw(">All deliveries</a></p>");
    if (!shown.acts.empty()) {
        html.raw("<h2>Done by hand</h2>");
        put_acts(html, frame, shown.acts, true);
    }
    html.raw(R"(<p class="quiet">Up for )").text(span_in_words(shown.uptime)).raw(" · ");
    html.text(shown.policy_file.empty() ? "no policy file, the same settings for every run"
                                        : "policy " + shown.policy_file);
    if (shown.own_api) html.raw(" · calls go to the Runs API of this program");
    html.raw("</p>");
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
