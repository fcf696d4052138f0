// SPDX-License-Identifier: MIT
#include "admin/page/screens.hpp"

namespace runs_agent::admin::page {

namespace {

void put_check(Html& html, Tone tone, const char* shape, const char* word, const char* what,
               const std::string& says) {
    html.raw(R"(<li><span class="verdict-cell">)");
    put_state(html, tone, shape, word);
    html.raw("</span><div><strong>").text(what).raw("</strong><br>").name(says).raw("</div></li>");
}

void put_checks(Html& html, const Frame& frame, const Setup& shown) {
    html.raw(R"(<h2>What is known</h2><ul class="checks">)");
    if (shown.last_delivery)
        put_check(html, Tone::good, "check", "good", "The secret",
                  "the last delivery whose signature was good came " +
                      span_in_words(std::max(frame.now - *shown.last_delivery,
                                             std::chrono::milliseconds(0))) +
                      " ago");
    else
        put_check(html, Tone::busy, "clock", "waits", "The secret",
                  "no delivery with a good signature has come yet; runs-agent send tries it");
    if (shown.backlog.held > 0)
        put_check(html, Tone::warn, "pause", "refused", "The API key", shown.backlog.held_because);
    else if (shown.own_api)
        put_check(html, Tone::good, "check", "good", "The API key",
                  "calls go to the Runs API of this program, with a key of its own");
    else
        put_check(html, shown.key_given ? Tone::good : Tone::bad,
                  shown.key_given ? "check" : "cross", shown.key_given ? "given" : "missing",
                  "The API key",
                  shown.key_given ? "no call is held for it" : "CURRENTS_API_KEY is not set");
    put_check(html, shown.store_fault.empty() ? Tone::good : Tone::bad,
              shown.store_fault.empty() ? "check" : "cross",
              shown.store_fault.empty() ? "good" : "broken", "The database",
              shown.store_fault.empty() ? "it was written just now" : shown.store_fault);
    put_check(
        html, shown.github.empty() ? Tone::calm : Tone::good,
        shown.github.empty() ? "dash" : "check", shown.github.empty() ? "not set" : "given",
        "Access to GitHub's API",
        shown.github.empty()
            ? "what was missed is not caught up with; GITHUB_TOKEN or a GitHub App would do it"
            : "missed deliveries are caught up with, by " + shown.github);
    put_check(html, Tone::good, "check", "read", "The policy",
              shown.policy_file.empty() ? "there is no file; the same settings hold for every run"
                                        : shown.policy_file + ", " + std::to_string(shown.rules) +
                                              (shown.rules == 1 ? " rule" : " rules"));
    html.raw("</ul>");
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
    put_checks(html, frame, shown);
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
