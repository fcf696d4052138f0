// SPDX-License-Identifier: MIT
#include "agent/setup/page.hpp"

#include "admin/page/assets.hpp"
#include "admin/page/html.hpp"
#include "agent/version.hpp"
#include "base/encoding.hpp"
#include "net/http_message.hpp"

namespace runs_agent::agent::setup {

using admin::page::Html;

namespace {

constexpr const char* own_style = R"(
.one { max-width: 40rem; margin: 1.5rem auto; padding: 1.6rem 1.8rem; }
.one h1 { margin-bottom: .4rem; }
.one .facts { margin: 1.3rem 0; }
.one .lead { color: var(--quiet); margin-top: 0; }
.one form, .one .next { margin: 1.4rem 0 0; }
.one button.main, .one a.main { display: inline-block; white-space: normal; text-align: left; font-size: 1.02rem; font-weight: 600; line-height: 1.5; padding: .6rem 1.2rem; background: var(--main); border: 1px solid var(--main); border-radius: 7px; color: var(--on-main); text-decoration: none; }
.one .steps { margin: 1.3rem 0 0; padding-left: 1.3rem; }
.one .steps li { margin: .35rem 0; }
@media (max-width: 46rem) { .one { margin-top: .5rem; padding: 1.2rem 1.1rem; } }
)";

std::string style() {
    return *admin::page::find_asset("style.css")->content + own_style;
}

/// The document around a page's own content.
std::string framed(std::string_view title, const Html& content) {
    Html head;
    head.raw(R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><title>)");
    head.text(title).raw(R"( · runs-agent</title>)"
                         R"(<meta name="viewport" content="width=device-width,initial-scale=1">)"
                         R"(<link rel="icon" type="image/svg+xml" href=)");
    const std::string& icon = *admin::page::find_asset("icon.svg")->content;
    head.attribute("data:image/svg+xml," + net::percent_encode(icon)).raw("><style>");
    Html body;
    body.raw(R"(</style></head><body><header class="top"><span class="brand">)"
             R"(<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7"/>)"
             R"(<path d="M5.2 8.2l2 2 3.8-4.2"/></svg>runs-agent setup</span></header>)"
             R"(<main id="main"><div class="card one">)");
    body.add(content).raw("</div></main><footer><p>runs-agent ").text(version);
    body.raw("</p></footer></body></html>\n");
    // A style is no text of HTML's: it stands as it is.
    return head.str() + style() + body.str();
}

std::string account_of(const Wish& wish) {
    return wish.owner.empty() ? "your own account" : wish.owner;
}

void put_facts(Html& html, const Wish& wish) {
    html.raw(R"(<dl class="facts"><dt>Owner</dt><dd>)");
    if (wish.owner.empty())
        html.text("your own account");
    else
        html.name(wish.owner);
    html.text(" on ").name(wish.github.host).raw("</dd><dt>Name</dt><dd>");
    html.name(wish.name).raw(R"( <span class="quiet">(you may change it there)</span></dd>)");
    html.raw("<dt>Delivers</dt><dd>Workflow runs");
    if (wish.jobs) html.raw(" and workflow jobs");
    html.raw("</dd><dt>To</dt><dd><code>").text(wish.url).raw("</code></dd><dt>May</dt><dd>");
    if (wish.cancel_workflows)
        html.raw("read Actions, and cancel superseded workflow runs");
    else
        html.raw("read Actions, and change nothing");
    html.raw("</dd><dt>For</dt><dd>");
    html.text(wish.owner.empty() ? "your repositories alone"
                                 : "this organization's repositories alone")
        .raw("</dd></dl>");
}

void put_button(Html& html, const Wish& wish, const std::string& manifest,
                const std::string& state) {
    html.raw("<h1>Create the GitHub App</h1>");
    html.raw(R"(<p class="lead">GitHub shows its name once more and asks you to confirm it. )"
             "Nothing is made before that.</p>");
    put_facts(html, wish);
    html.raw(R"(<p class="quiet">Be signed in to )").text(wish.github.host);
    html.raw(" in this browser as an owner of ").text(account_of(wish));
    html.raw(
        " first. The App's secrets go from GitHub to the program in your terminal, and not through "
        "this browser.</p>");
    html.raw(R"(<form method="post" action=)").attribute(new_app_address(wish, state));
    html.raw(R"(><input type="hidden" name="manifest" value=)").attribute(manifest);
    html.raw(R"(><button class="main">Create it on )").text(wish.github.host);
    html.raw("</button></form>");
}

}  // namespace

std::string button_page(const Wish& wish, const std::string& manifest, const std::string& state) {
    Html html;
    put_button(html, wish, manifest, state);
    return framed("Create the GitHub App", html);
}

std::string made_page(const Wish& wish, const github::App& app, const std::string& trouble) {
    Html html;
    html.raw("<h1>The App is made</h1>");
    html.raw(R"(<p class="lead"><bdi>)").text(app.name.empty() ? app.slug : app.name);
    html.raw("</bdi> belongs to ").name(app.owner.empty() ? account_of(wish) : app.owner);
    html.raw(". Its secrets are with the program in your terminal.</p>");
    if (!trouble.empty()) html.raw(R"(<p class="fault" role="alert">)").text(trouble).raw("</p>");
    html.raw(
        R"(<ol class="steps"><li>Start the daemon: your terminal has the commands.</li>)"
        "<li>Install the App on the repositories whose workflow runs it is to tell of.</li>"
        "<li>Cancel a workflow run: <code>runs-agent deliveries list</code> shows what came of "
        "it.</li></ol>");
    html.raw(R"(<p class="next"><a class="main" href=)")
        .attribute(app.html_url + "/installations/new");
    html.raw(">Install it on ").text(wish.github.host).raw("</a></p>");
    return framed("Install the GitHub App", html);
}

std::string fault_page(const std::string& why) {
    Html html;
    html.raw(R"(<h1>Not done</h1><p class="fault" role="alert">)").text(why).raw("</p>");
    html.raw(R"(<p class="quiet">Your terminal says the same.</p>)");
    return framed("Not done", html);
}

std::string content_policy(const Wish& wish) {
    const Sha256 digest = sha256(style());
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    const bool plain = wish.github.web.starts_with("http://");
    return "default-src 'none'; style-src 'sha256-" + to_base64(bytes) +
           "'; img-src data:; form-action https:" + (plain ? " http:" : "") +
           "; base-uri 'none'; frame-ancestors 'none'";
}

}  // namespace runs_agent::agent::setup
