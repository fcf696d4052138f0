// SPDX-License-Identifier: MIT
#include "admin/page/frame.hpp"

#include "admin/page/assets.hpp"
#include "net/http_message.hpp"

namespace runs_agent::admin::page {

namespace {

void put_link(Html& html, const Frame& frame, Screen screen, std::string_view path,
              std::string_view word) {
    html.raw("<li><a href=").attribute(frame.base + std::string(path));
    if (frame.screen == screen) html.raw(R"( aria-current="page")");
    html.raw(">").text(word).raw("</a></li>");
}

void put_head(Html& html, const Frame& frame) {
    html.raw(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
        R"(<meta name="color-scheme" content="light dark"><title>)");
    html.text(frame.title).raw(R"( · runs-agent</title><link rel="icon" href=)");
    html.attribute(frame.base + "icon.svg")
        .raw(R"( type="image/svg+xml"><link rel="stylesheet" href=)");
    html.attribute(frame.base + "style.css?v=" + asset_version());
    html.raw("><script src=").attribute(frame.base + "script.js?v=" + asset_version());
    html.raw(" defer></script></head><body data-base=").attribute(frame.base);
    if (frame.refresh > 0) html.raw(" data-refresh=").attribute(std::to_string(frame.refresh));
    html.raw(R"(><a class="skip" href="#main">Skip to the content</a>)");
}

void put_navigation(Html& html, const Frame& frame) {
    html.raw(R"(<header class="top"><a class="brand" href=)").attribute(frame.base + "./");
    html.raw(R"(><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7"/>)"
             R"(<path d="M5.2 8.2l2 2 3.8-4.2"/></svg>runs-agent</a>)");
    if (frame.visitor.by_cookie) {
        html.raw(R"(<nav aria-label="Main"><ul>)");
        put_link(html, frame, Screen::overview, "./", "Overview");
        put_link(html, frame, Screen::deliveries, "deliveries", "Deliveries");
        put_link(html, frame, Screen::runs, "runs", "Runs");
        put_link(html, frame, Screen::setup, "setup", "Set-up");
        html.raw(R"(</ul></nav><form class="who" method="post" action=)");
        html.attribute(frame.base + "sign-out").raw("><span>");
        if (!frame.visitor.name.empty()) html.name(frame.visitor.name).raw(" · ");
        html.text(frame.visitor.may_change() ? "may change" : "read only").raw("</span>");
        put_form_token(html, frame);
        html.raw(R"(<button class="plain">Sign out</button></form>)");
    }
    html.raw("</header>");
}

void put_foot(Html& html, const Frame& frame) {
    html.raw("<footer><p>runs-agent ").text(frame.version);
    html.raw(R"( · <span id="zone">times are UTC</span></p><p class="tools" hidden>)"
             R"(<button class="plain" id="zone-button">Show local times</button>)"
             R"(<button class="plain" id="keys-button">Keys: <kbd>?</kbd></button></p></footer>)"
             R"(<p id="said" class="unseen" aria-live="polite"></p>)"
             R"(<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>)"
             "<dl><dt><kbd>/</kbd></dt><dd>to the filter</dd><dt><kbd>j</kbd> <kbd>k</kbd></dt>"
             "<dd>next and previous row</dd><dt><kbd>Enter</kbd></dt><dd>open it</dd>"
             "<dt><kbd>r</kbd></dt><dd>replay</dd><dt><kbd>g</kbd></dt><dd>then <kbd>o</kbd>, "
             "<kbd>d</kbd>, <kbd>w</kbd> or <kbd>s</kbd>: overview, deliveries, workflow runs, "
             "set-up</dd><dt><kbd>Esc</kbd></dt><dd>close, or leave a field</dd></dl>"
             R"(<p><label><input type="checkbox" id="keys-on"> Keys are on</label></p>)"
             "<form method=\"dialog\"><button>Close</button></form></dialog></body></html>\n");
}

std::string percent(std::string_view text) {
    return net::percent_encode(text);
}

}  // namespace

std::string framed(const Frame& frame, const Html& content) {
    Html html;
    put_head(html, frame);
    put_navigation(html, frame);
    if (frame.dry_run)
        html.raw(R"(<p class="banner" role="note"><strong>Dry run:</strong> calls are decided on )"
                 "and recorded, and none is sent.</p>");
    html.raw(R"(<main id="main" tabindex="-1">)");
    if (!frame.notice.empty())
        html.raw(R"(<p class="notice" role="status">)").text(frame.notice).raw("</p>");
    html.add(content).raw("</main>");
    put_foot(html, frame);
    return html.str();
}

void put_state(Html& html, Tone tone, std::string_view shape, std::string_view word) {
    static constexpr std::string_view tones[] = {"good", "busy", "warn", "bad", "calm"};
    html.raw("<span class=")
        .attribute("state " + std::string(tones[static_cast<std::size_t>(tone)]));
    html.raw(R"(><svg viewBox="0 0 16 16" aria-hidden="true">)");
    if (shape == "check")
        html.raw(R"(<circle cx="8" cy="8" r="7"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6"/>)");
    else if (shape == "cross")
        html.raw(R"(<circle cx="8" cy="8" r="7"/><path d="M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4"/>)");
    else if (shape == "pause")
        html.raw(R"(<rect x="1" y="1" width="14" height="14" rx="3"/><path d="M6 )"
                 R"(5v6m4-6v6"/>)");
    else if (shape == "clock")
        html.raw(R"(<circle class="hollow" cx="8" cy="8" r="6.5"/><path class="line" d="M8 )"
                 R"(4.2V8l2.6 1.8"/>)");
    else if (shape == "slash")
        html.raw(R"(<circle class="hollow" cx="8" cy="8" r="6.5"/><path class="line" d="M3.6 )"
                 R"(12.4l8.8-8.8"/>)");
    else if (shape == "ring")
        html.raw(R"(<circle class="hollow dashed" cx="8" cy="8" r="6.5"/>)");
    else
        html.raw(R"(<path class="line" d="M3 8h10"/>)");
    html.raw("</svg>").text(word).raw("</span>");
}

void put_standing(Html& html, const store::DeliveryRow& row) {
    const auto counted = [](int count, const char* word) {
        return count == 1 ? std::string(word) : std::to_string(count) + " " + word;
    };
    if (!row.decided_at) return put_state(html, Tone::busy, "ring", "undecided");
    if (row.calls == 0) return put_state(html, Tone::calm, "dash", "nothing to do");
    if (row.calls_dead > 0)
        return put_state(html, Tone::bad, "cross", counted(row.calls_dead, "dead"));
    if (row.calls_held > 0)
        return put_state(html, Tone::warn, "pause", counted(row.calls_held, "held"));
    if (row.calls_open > 0)
        return put_state(html, Tone::busy, "clock", counted(row.calls_open, "open"));
    if (row.calls_dropped > 0)
        return put_state(html, Tone::calm, "slash", counted(row.calls_dropped, "dropped"));
    put_state(html, Tone::good, "check", "done");
}

void put_call_state(Html& html, const store::Call& call) {
    switch (call.state) {
        case store::CallState::pending:
            return put_state(html, Tone::busy, "clock", "open");
        case store::CallState::held:
            return put_state(html, Tone::warn, "pause", "held");
        case store::CallState::succeeded:
            return put_state(html, Tone::good, "check", "done");
        case store::CallState::dead:
            return put_state(html, Tone::bad, "cross", "dead");
        case store::CallState::dropped:
            return put_state(html, Tone::calm, "slash", "dropped");
    }
}

void put_run_state(Html& html, std::string_view status) {
    if (status == "PASSED" || status == "passed")
        return put_state(html, Tone::good, "check", "passed");
    if (status == "FAILED" || status == "failed")
        return put_state(html, Tone::bad, "cross", "failed");
    if (status == "CANCELED") return put_state(html, Tone::calm, "slash", "cancelled");
    if (status == "TIMEOUT") return put_state(html, Tone::warn, "pause", "timed out");
    if (status == "IN_PROGRESS") return put_state(html, Tone::busy, "clock", "in progress");
    put_state(html, Tone::calm, "ring", status.empty() ? "not begun" : status);
}

void put_form_token(Html& html, const Frame& frame) {
    html.raw(R"(<input type="hidden" name="form_token" value=)");
    html.attribute(frame.visitor.form_token).raw(">");
}

std::string github_address(const store::DeliveryRow& row) {
    if (!row.run || row.repository.empty() || row.host.empty()) return {};
    const std::size_t slash = row.repository.find('/');
    if (slash == std::string::npos) return {};
    return "https://" + row.host + "/" + percent(row.repository.substr(0, slash)) + "/" +
           percent(row.repository.substr(slash + 1)) + "/actions/runs/" +
           std::to_string(row.run->key.run_id) + "/attempts/" + std::to_string(row.run->attempt);
}

std::string run_address(std::string_view host, std::string_view repository, std::int64_t run_id) {
    const std::size_t slash = repository.find('/');
    if (slash == std::string_view::npos) return "runs?find=" + std::to_string(run_id);
    return "runs/" + percent(host) + "/" + percent(repository.substr(0, slash)) + "/" +
           percent(repository.substr(slash + 1)) + "/" + std::to_string(run_id);
}

std::string deliveries_address(std::string_view filter) {
    return filter.empty() ? "deliveries" : "deliveries?q=" + percent(filter);
}

void put_command(Html& html, std::string_view command) {
    html.raw(R"(<p class="command"><code>)").text(command);
    html.raw(R"(</code><button class="plain copy" hidden>Copy</button></p>)");
}

std::string shell_word(std::string_view value) {
    std::string word = "'";
    for (const char c : value) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

std::string message(const Frame& frame, std::string_view heading, std::string_view what) {
    Html html;
    html.raw("<h1>").text(heading).raw("</h1><p>").text(what).raw("</p>");
    return framed(frame, html);
}

std::string sign_in(const Frame& frame, std::string_view fault) {
    Html html;
    html.raw(R"(<div class="card narrow"><h1>Sign in</h1>)");
    if (!fault.empty())
        html.raw(R"(<p class="fault" role="alert" id="fault">)").text(fault).raw("</p>");
    html.raw(R"(<form method="post" action=)").attribute(frame.base + "sign-in").raw(">");
    html.raw(
        R"(<p><label for="name">Your name (optional)</label><input id="name" name="name" )"
        R"(maxlength="60" autocomplete="username" aria-describedby="name-help"></p>)"
        R"(<p class="quiet" id="name-help">Kept beside what you replay or drop, for whoever asks )"
        "later.</p>"
        R"(<p><label for="token">Token</label><input id="token" name="token" type="password" )"
        R"(required autocomplete="current-password" aria-describedby="token-help"></p>)"
        R"(<p class="quiet" id="token-help">What RUNS_AGENT_ADMIN_TOKEN holds, or )"
        "RUNS_AGENT_ADMIN_READ_TOKEN to look only.</p>"
        R"(<p><button class="main">Sign in</button></p></form></div>)");
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
