// SPDX-License-Identifier: MIT
#include "admin/page/screens.hpp"

namespace runs_agent::admin::page {

namespace {

using doctor::Finding;
using doctor::Verdict;

struct Look {
    Tone tone;
    const char* shape;
    const char* word;
};
Look look_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return {Tone::good, "check", "ok"};
        case Verdict::warning:
            return {Tone::warn, "pause", "look"};
        case Verdict::wrong:
            return {Tone::bad, "cross", "wrong"};
        case Verdict::not_looked_at:
            break;
    }
    return {Tone::calm, "dash", "not seen"};
}

void put_finding(Html& html, const Finding& finding) {
    const Look look = look_of(finding.verdict);
    html.raw(R"(<li><span class="verdict-cell">)");
    put_state(html, look.tone, look.shape, look.word);
    html.raw("</span><div><strong>").text(doctor::title_of(finding.check)).raw("</strong>");
    if (!finding.of.empty()) html.raw(R"( <span class="quiet">)").name(finding.of).raw("</span>");
    html.raw("<br>").name(finding.says);
    if (!finding.why.empty())
        html.raw(R"(<br><span class="quiet">)").name(finding.why).raw("</span>");
    if (!finding.cure.empty()) {
        html.raw(R"(<p class="cure"><b>)");
        html.text(finding.verdict == Verdict::not_looked_at ? "To see it" : "Cure");
        html.raw("</b> ").name(finding.cure).raw("</p>");
    }
    html.raw("</div></li>");
}

/// Those of one verdict, in the order of the checks.
void put_findings(Html& html, const doctor::Report& report, Verdict verdict) {
    for (const Finding& finding : report.findings)
        if (finding.verdict == verdict) put_finding(html, finding);
}

std::string headline(const doctor::Report& report) {
    const doctor::Tally tally = doctor::tally_of(report.findings);
    const auto things = [](int count) {
        return std::to_string(count) + (count == 1 ? " thing is" : " things are");
    };
    if (tally.wrong > 0) return things(tally.wrong) + " wrong";
    if (tally.warnings > 0) return things(tally.warnings) + " worth a look";
    if (report.still_asking) return "Nothing wrong so far";
    return tally.not_looked_at > 0 ? "All that can be seen is well" : "All is well";
}

void put_checks(Html& html, const Setup& shown) {
    if (shown.report.findings.empty()) return;
    const doctor::Tally tally = doctor::tally_of(shown.report.findings);
    html.raw("<h2>").text(headline(shown.report)).raw(R"(</h2><p class="quiet">)");
    html.text(doctor::in_words(tally)).raw(". GitHub and the Runs API ");
    if (shown.report.still_asking)
        html.raw("are being asked, and have not all answered yet");
    else
        html.raw("were asked at ").time(shown.report.at);
    html.raw(R"(.</p><ul class="checks">)");
    for (const Verdict verdict : doctor::by_urgency) put_findings(html, shown.report, verdict);
    html.raw("</ul>");
    html.raw(
        R"(<p>The way from outside to here a daemon cannot see by itself. On its machine:</p>)");
    put_command(html, "sudo runs-agent doctor --url https://HOST/webhooks/github");
}

void put_hooks(Html& html, const Setup& shown) {
    html.raw("<h2>Webhooks heard of in the last 30 days</h2>");
    if (shown.hooks.empty()) {
        html.raw(R"(<p class="empty">None yet.</p>)");
        return;
    }
    html.raw(R"(<table class="rows hooks" role="table"><caption )"
             R"(class="unseen">Webhooks</caption><thead>)"
             R"(<tr><th scope="col">Of</th><th scope="col">Kind</th><th scope="col">Id</th><th )"
             R"(scope="col">Heard (to the hour)</th></tr></thead><tbody>)");
    for (const store::HeardHook& hook : shown.hooks) {
        html.raw("<tr><td>").name(hook.owner.empty() ? "not said" : hook.owner).raw("</td><td>");
        html.name(hook.kind == "integration" ? "GitHub App"
                  : hook.kind.empty()        ? "not said"
                                             : hook.kind)
            .raw("</td><td>");
        html.name(hook.id).raw("</td><td>").time(hook.heard_at).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}

void put_question(Html& html, const Frame& frame, const Setup& shown) {
    html.raw(R"(<h2 id="applies">Which rule applies?</h2><form class="filter" action=)");
    html.attribute(frame.base + "setup#applies")
        .raw(R"(><p class="selects"><label>Repository<input )"
             R"(name="repository" required placeholder=)"
             R"("octo/shop" value=)");
    html.attribute(shown.repository)
        .raw(R"(></label><label>Workflow<input name="workflow" placeholder=)"
             R"("e2e" value=)");
    html.attribute(shown.workflow)
        .raw(R"(></label><label>Branch<input name="branch" placeholder=)"
             R"("main" value=)");
    html.attribute(shown.branch).raw(R"(></label><button class="main">Ask</button></p></form>)");
    if (shown.rule.empty()) return;
    html.raw(R"(<div class="card"><p>For <b>)").name(shown.repository).raw("</b> holds <b>");
    html.name(shown.rule).raw("</b>:</p><ul>");
    for (const std::string& line : shown.does) html.raw("<li>").name(line).raw("</li>");
    html.raw("</ul></div>");
}

}  // namespace

std::string setup(const Frame& frame, const Setup& shown) {
    Html html;
    html.raw("<h1>Set-up</h1>");
    put_checks(html, shown);
    html.raw(R"(<h2>Where it listens</h2><dl class="facts">)");
    for (const auto& [what, address] : shown.listeners)
        html.raw("<dt>").text(what).raw("</dt><dd><code>").text(address).raw("</code></dd>");
    html.raw("</dl>");
    put_hooks(html, shown);
    put_question(html, frame, shown);
    html.raw(R"(<h2>Settings in force</h2><table class="rows settings" role="table"><caption )"
             R"(class="unseen">Settings</caption><thead><tr><th scope="col">Setting</th><th )"
             R"(scope="col">Value</th></tr></thead><tbody>)");
    for (const Setting& setting : shown.settings) {
        html.raw(R"(<tr><th scope="row"><code>)").text(setting.name).raw("</code></th><td>");
        html.name(setting.value).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
    put_command(html, "runs-agent config check");
    return framed(frame, html);
}

std::string rule_in_words(const decide::Policy& policy, const decide::Policy::Match& match,
                          const std::string& file) {
    if (!match.rule) return "the defaults";
    std::string words = "rule " + std::to_string(*match.rule + 1);
    const int line = policy.rules[*match.rule].line;
    if (line > 0) words += " (" + file + ":" + std::to_string(line) + ")";
    return words;
}

std::vector<std::string> settings_in_words(const decide::Settings& settings) {
    if (settings.ignore) return {"its runs are ignored"};
    std::string ends;
    for (const std::string& conclusion : settings.cancel_on)
        ends += (ends.empty() ? "" : ", ") + conclusion;
    std::vector<std::string> lines;
    lines.push_back("a recorded run is cancelled where its attempt ends as " + ends);
    if (settings.cancel_previous)
        lines.emplace_back("a re-run cancels what the attempt before it recorded");
    lines.push_back(std::string("specs are reopened for a re-run: ") +
                    (settings.reset == decide::Reset::always  ? "always"
                     : settings.reset == decide::Reset::never ? "never"
                                                              : "where all attempts share the "
                                                                "CI build id"));
    lines.emplace_back(settings.superseded ? "a newer commit supersedes older runs"
                                           : "older runs are not superseded");
    if (settings.sweep_orphans)
        lines.push_back("runs without an attempt are swept after " +
                        span_in_words(settings.sweep_after));
    lines.push_back("CI build id: " + settings.ci_build_id.text());
    std::string projects;
    for (const std::string& id : settings.project_ids)
        projects += (projects.empty() ? "" : ", ") + id;
    lines.push_back("projects: " + (projects.empty() ? "none is named" : projects));
    return lines;
}

}  // namespace runs_agent::admin::page
