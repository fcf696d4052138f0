// SPDX-License-Identifier: MIT
#include "admin/page/recorded.hpp"

#include "base/time_text.hpp"

#include <algorithm>
#include <map>

namespace runs_agent::admin::page {

namespace {

std::string size_in_words(std::int64_t bytes) {
    constexpr std::int64_t kilo = 1024;
    if (bytes < kilo) return std::to_string(bytes) + " B";
    if (bytes < kilo * kilo) return std::to_string(bytes / kilo) + " kB";
    return std::to_string(bytes / (kilo * kilo)) + " MB";
}

std::string status_of(const RecordedSpec& spec) {
    if (!spec.completed_at) return spec.claimed_at ? "IN_PROGRESS" : "";
    return spec.failures > 0 || !spec.exception.empty() ? "FAILED" : "PASSED";
}

/// When each machine was at work, and on what.
void put_machines(Html& html, const Frame& frame, const Recorded& shown) {
    std::map<std::string, std::vector<const RecordedSpec*>> machines;
    std::optional<Time> first;
    std::optional<Time> last;
    for (const RecordedSpec& spec : shown.specs) {
        if (spec.machine.empty() || !spec.claimed_at) continue;
        machines[spec.machine].push_back(&spec);
        const Time end = spec.completed_at.value_or(frame.now);
        first = first ? std::min(*first, *spec.claimed_at) : *spec.claimed_at;
        last = last ? std::max(*last, end) : end;
    }
    if (machines.empty()) return;
    constexpr std::int64_t width = 640;
    constexpr int row = 30;
    const std::int64_t whole = std::max<std::int64_t>((*last - *first).count(), 1);
    html.raw(R"(<h2>Machines</h2><figure class="lanes"><div class="names" aria-hidden="true">)");
    for (const auto& [name, specs] : machines) html.raw("<span>").name(name).raw("</span>");
    html.raw(R"(</div><svg aria-hidden="true" viewBox=)")
        .attribute("0 0 " + std::to_string(width) + " " +
                   std::to_string(row * static_cast<int>(machines.size())));
    html.raw(">");
    int y = 0;
    for (const auto& [name, specs] : machines) {
        for (const RecordedSpec* const spec : specs) {
            const Time end = spec->completed_at.value_or(frame.now);
            const std::int64_t from = (*spec->claimed_at - *first).count() * width / whole;
            const std::int64_t to = (end - *first).count() * width / whole;
            const std::string status = status_of(*spec);
            html.raw(R"(<rect height="18" rx="3" class=)");
            html.attribute(status == "FAILED"        ? "failed"
                           : status == "IN_PROGRESS" ? "running"
                                                     : "tried");
            html.raw(" x=").attribute(std::to_string(from)).raw(" y=");
            html.attribute(std::to_string(y + 6)).raw(" width=");
            html.attribute(std::to_string(std::max<std::int64_t>(to - from, 4))).raw("><title>");
            html.text(spec->name + ", " + span_in_words(end - *spec->claimed_at));
            html.raw("</title></rect>");
        }
        y += row;
    }
    html.raw("</svg><figcaption><span>From ").time(*first).raw(", ");
    html.text(span_in_words(*last - *first)).raw(" in all</span></figcaption></figure>");
    html.raw(
        R"(<details class="table"><summary>The same as a table</summary><table><caption )"
        R"(class="unseen">Machines and their specs</caption><thead><tr><th scope="col">Machine)"
        R"(</th><th scope="col">Spec</th><th scope="col">Began</th><th scope="col">Took</th>)"
        "</tr></thead><tbody>");
    for (const auto& [name, specs] : machines)
        for (const RecordedSpec* const spec : specs) {
            html.raw("<tr><td>").name(name).raw("</td><td>").name(spec->name).raw("</td><td>");
            html.time(*spec->claimed_at).raw("</td><td>");
            html.text(span_in_words(spec->completed_at.value_or(frame.now) - *spec->claimed_at));
            html.raw("</td></tr>");
        }
    html.raw("</tbody></table></details>");
}

void put_file(Html& html, const Frame& frame, const RecordedFile& file) {
    const std::string address = frame.base + file.address;
    html.raw("<li>");
    if (file.type.starts_with("image/"))
        html.raw("<a href=")
            .attribute(address)
            .raw(R"(><img loading="lazy" src=)")
            .attribute(address)
            .raw(" alt=")
            .attribute("Screenshot " + file.name)
            .raw("></a>");
    else if (file.type.starts_with("video/"))
        html.raw(R"(<video controls preload="metadata" src=)")
            .attribute(address)
            .raw(" aria-label=")
            .attribute("Video " + file.name)
            .raw("></video>");
    html.raw("<a download href=")
        .attribute(address)
        .raw(">")
        .name(file.name)
        .raw(
            "</a> <span "
            R"(class="quiet">)");
    html.text(file.kind + ", " + size_in_words(file.size)).raw("</span></li>");
}

void put_files(Html& html, const Frame& frame, const RecordedSpec& spec, const std::string& test) {
    const auto fits = [&](const RecordedFile& file) { return file.test == test; };
    if (std::ranges::none_of(spec.files, fits)) return;
    html.raw(R"(<ul class="shots">)");
    for (const RecordedFile& file : spec.files)
        if (fits(file)) put_file(html, frame, file);
    html.raw("</ul>");
}

/// Reporters colour their errors for a terminal: ESC [ … and a letter (ECMA-48 section 5.4).
std::string without_colours(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (text.starts_with("\x1b[")) {
            std::size_t end = 2;
            while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
            text.remove_prefix(std::min(end + 1, text.size()));
            continue;
        }
        plain += text.front();
        text.remove_prefix(1);
    }
    return plain;
}

void put_error(Html& html, const std::string& coloured) {
    if (coloured.empty()) return;
    const std::string error = without_colours(coloured);
    html.raw(R"(<pre class="error" tabindex="0" role="group" aria-label="Error">)").text(error);
    html.raw("</pre>");
}

void put_test(Html& html, const Frame& frame, const RecordedSpec& spec, const RecordedTest& test) {
    html.raw("<li>");
    if (test.state == "passed" && test.flaky)
        put_state(html, Tone::warn, "check", "flaky");
    else if (test.state == "pending" || test.state == "skipped")
        put_state(html, Tone::calm, "dash", "skipped");
    else
        put_run_state(html, test.state);
    html.raw(" ").name(test.title);
    const bool several = test.attempts.size() > 1;
    if (!several && !test.attempts.empty())
        html.raw(R"( <span class="quiet">)")
            .text(span_in_words(test.attempts.front().took))
            .raw("</span>");
    if (several) {
        html.raw("<ol>");
        for (const RecordedAttempt& attempt : test.attempts) {
            html.raw("<li>").name(attempt.state).raw(R"( <span class="quiet">)");
            html.text(span_in_words(attempt.took)).raw("</span>");
            put_error(html, attempt.error);
            html.raw("</li>");
        }
        html.raw("</ol>");
    } else {
        const bool told = !test.attempts.empty() && !test.attempts.front().error.empty();
        put_error(html, told ? test.attempts.front().error : test.error);
    }
    put_files(html, frame, spec, test.id);
    html.raw("</li>");
}

void put_spec(Html& html, const Frame& frame, const RecordedSpec& spec) {
    html.raw(R"(<details class="spec")");
    if (status_of(spec) == "FAILED") html.raw(" open");
    html.raw("><summary>");
    put_run_state(html, status_of(spec));
    html.raw("<b>").name(spec.name).raw(R"(</b><span class="quiet">)");
    html.text(std::to_string(spec.passes) + " passed, " + std::to_string(spec.failures) +
              " failed, " + std::to_string(spec.skipped) + " skipped");
    if (spec.claimed_at && spec.completed_at)
        html.text(" in " + span_in_words(*spec.completed_at - *spec.claimed_at));
    if (!spec.machine.empty()) html.raw(" on ").name(spec.machine);
    html.raw("</span></summary><div>");
    put_error(html, spec.exception);
    if (spec.left_out)
        html.raw(R"(<p class="quiet">Only the first specs are shown with their tests.</p>)");
    if (!spec.tests.empty()) {
        html.raw(R"(<ul class="tests">)");
        for (const RecordedTest& test : spec.tests) put_test(html, frame, spec, test);
        html.raw("</ul>");
    }
    put_files(html, frame, spec, "");
    html.raw("</div></details>");
}

void put_act(Html& html, const Frame& frame, const std::string& id, const char* act,
             const char* word, const char* says, bool danger) {
    html.raw(R"(<details class="act"><summary class="button">)").text(word);
    html.raw(R"(…</summary><form class="card" method="post" action=)");
    html.attribute(frame.base + "recorded/" + id + "/" + act).raw(">");
    put_form_token(html, frame);
    html.raw("<p>").text(says).raw("</p><p><label for=").attribute(std::string("why-") + act);
    html.raw(R"(>Why (optional)</label><input name="reason" maxlength="500" id=)");
    html.attribute(std::string("why-") + act).raw("></p><p><button class=");
    html.attribute(danger ? "danger" : "main")
        .raw(">")
        .text(word)
        .raw("</button></p></form></details>");
}

}  // namespace

std::string recorded(const Frame& frame, const Recorded& shown) {
    Html html;
    html.raw(R"(<p class="trail"><a href=)")
        .attribute(frame.base + "runs")
        .raw(">Runs</a></p><h1>");
    html.name(shown.row.ci_build_id).raw(R"(</h1><p class="sentence">)");
    put_run_state(html, shown.row.status);
    if (!shown.cancelled_by.empty()) {
        html.raw(" by ").name(shown.cancelled_by);
        if (!shown.cancel_reason.empty()) html.raw(": ").name(shown.cancel_reason);
    }
    html.raw(R"(</p><dl class="facts">)");
    const auto fact = [&html](const char* name, const std::string& value) {
        if (!value.empty()) html.raw("<dt>").text(name).raw("</dt><dd>").name(value).raw("</dd>");
    };
    fact("branch", shown.row.branch);
    fact("commit", shown.row.message);
    fact("project", shown.row.project);
    if (const auto began = parse_iso8601(shown.row.created_at))
        html.raw("<dt>began</dt><dd>").time(*began).raw("</dd>");
    html.raw("</dl>");
    const bool over = shown.row.status == "CANCELED" || shown.row.status == "TIMEOUT";
    if (frame.visitor.may_change() && !over) {
        html.raw(R"(<div class="acts">)");
        put_act(html, frame, shown.row.id, "cancel", "Cancel",
                "Its machines are told to stop; a run that is cancelled stays so.", true);
        put_act(html, frame, shown.row.id, "reset", "Reset",
                "Its failed and unfinished specs can be claimed again.", false);
        html.raw("</div>");
    }
    std::int64_t failures = 0;
    std::size_t done = 0;
    for (const RecordedSpec& spec : shown.specs) {
        failures += spec.failures;
        if (spec.completed_at) ++done;
    }
    html.raw(R"(<p class="tally"><span><b>)")
        .number(static_cast<std::int64_t>(done))
        .raw("</b> of <b>");
    html.number(std::ssize(shown.specs)).raw("</b> specs are done</span><span><b>");
    html.number(failures)
        .raw("</b> ")
        .text(failures == 1 ? "test failed" : "tests failed")
        .raw("</span></p>");
    put_machines(html, frame, shown);
    html.raw("<h2>Specs</h2>");
    for (const RecordedSpec& spec : shown.specs) put_spec(html, frame, spec);
    if (shown.specs.empty()) html.raw(R"(<p class="empty">No spec was announced yet.</p>)");
    put_command(html, "runs-agent runs get " + shown.row.id);
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
