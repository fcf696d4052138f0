// SPDX-License-Identifier: MIT
#include "admin/filter.hpp"
#include "admin/page/screens.hpp"
#include "net/http_message.hpp"

#include <array>

namespace runs_agent::admin::page {

namespace {

struct Choice {
    const char* value;
    const char* word;
};

template <std::size_t N>
void put_select(Html& html, const Deliveries& shown, const char* key, const char* label,
                const std::array<Choice, N>& choices) {
    const std::string current = term_of(shown.filter, key);
    html.raw("<label>")
        .text(label)
        .raw("<select name=")
        .attribute(key)
        .raw(R"(><option value="">any)");
    html.raw("</option>");
    bool known = current.empty();
    for (const Choice& choice : choices) {
        const bool selected = current == choice.value;
        known = known || selected;
        html.raw("<option value=").attribute(choice.value);
        if (selected) html.raw(" selected");
        html.raw(">").text(choice.word).raw("</option>");
    }
    if (!known) {
        html.raw("<option selected value=").attribute(current).raw(">").text(current);
        html.raw("</option>");
    }
    html.raw("</select></label>");
}

void put_filter(Html& html, const Frame& frame, const Deliveries& shown) {
    html.raw(R"(<form class="filter" role="search" action=)").attribute(frame.base + "deliveries");
    html.raw(R"(><p class="box"><label for="q">Filter</label><input id="q" name="q" )"
             R"(type="search" spellcheck="false" autocapitalize="none" maxlength="2000" value=)");
    html.attribute(shown.filter).raw(R"( placeholder="repo:octo/* state:dead since:24h")");
    html.raw(R"( aria-describedby="filter-help)");
    if (!shown.fault.empty()) html.raw(R"( filter-fault" aria-invalid="true)");
    html.raw(R"("><button class="main">Find</button></p>)");
    if (!shown.fault.empty())
        html.raw(R"(<p class="fault" id="filter-fault" role="alert">)")
            .text(shown.fault)
            .raw("</p>");
    html.raw(R"(<p class="selects">)");
    put_select(html, shown, "state", "State",
               std::array<Choice, 7>{{{"undecided", "undecided"},
                                      {"nothing", "nothing to do"},
                                      {"open", "open"},
                                      {"held", "held"},
                                      {"dead", "dead"},
                                      {"dropped", "dropped"},
                                      {"done", "done"}}});
    put_select(html, shown, "rule", "Rule",
               std::array<Choice, 6>{{{"R1", "R1 cancelled"},
                                      {"R2", "R2 orphaned"},
                                      {"R3", "R3 re-run"},
                                      {"R4", "R4 superseded"},
                                      {"R5", "R5 none fired"},
                                      {"R6", "R6 dead runner"}}});
    put_select(html, shown, "since", "Since",
               std::array<Choice, 4>{{{"1h", "an hour ago"},
                                      {"24h", "a day ago"},
                                      {"7d", "a week ago"},
                                      {"30d", "a month ago"}}});
    html.raw(
        R"(</p><p class="quiet" id="filter-help">repo: workflow: branch: actor: with * and ?, )"
        "rule: state: did: run: conclusion: since: until:, and words of ids and names.");
    if (!shown.filter.empty())
        html.raw(" <a href=").attribute(frame.base + "deliveries").raw(">Show all</a>");
    html.raw("</p></form>");
}

void put_cursor_link(Html& html, const Frame& frame, const Deliveries& shown,
                     std::string_view words) {
    html.raw(R"(<a class="next" rel="next" href=)")
        .attribute(frame.base + "deliveries?" +
                   (shown.filter.empty() ? "" : "q=" + net::percent_encode(shown.filter) + "&") +
                   "before=" + net::percent_encode(shown.page.next));
    html.raw(">").text(words).raw("</a>");
}

void put_below(Html& html, const Frame& frame, const Deliveries& shown) {
    html.raw(R"(<p class="pages">)");
    if (!shown.first)
        html.raw("<a href=")
            .attribute(frame.base + deliveries_address(shown.filter))
            .raw(">The newest</a> ");
    if (shown.page.looked_until) {
        html.raw(R"(<span class="looked">Looked through all since )")
            .time(*shown.page.looked_until);
        html.raw(".</span> ");
        put_cursor_link(html, frame, shown, "Look further back");
    } else if (!shown.page.next.empty()) {
        put_cursor_link(html, frame, shown, "Older ones");
    } else {
        html.raw(R"(<span class="quiet">That is all there is.</span>)");
    }
    html.raw("</p>");
}

void put_actions(Html& html, const Frame& frame, const Deliveries& shown) {
    if (!frame.visitor.may_change()) return;
    html.raw(R"(<fieldset class="actions"><legend>With those chosen</legend><button formaction=)");
    html.attribute(frame.base + "deliveries/replay").raw(R"( name="which" value="chosen">Replay…)");
    html.raw("</button> <button formaction=").attribute(frame.base + "deliveries/drop");
    html.raw(R"( name="which" value="chosen">Drop…</button></fieldset>)");
    if (shown.filter.empty()) return;
    html.raw(R"(<fieldset class="actions"><legend>With all that match the filter</legend><button )"
             "formaction=");
    html.attribute(frame.base + "deliveries/replay").raw(R"( name="which" value="all">Replay…)");
    html.raw("</button> <button formaction=").attribute(frame.base + "deliveries/drop");
    html.raw(R"( name="which" value="all">Drop…</button></fieldset>)");
}

}  // namespace

std::string deliveries(const Frame& frame, const Deliveries& shown) {
    Html html;
    html.raw("<h1>Deliveries</h1>");
    put_filter(html, frame, shown);
    if (!shown.fault.empty()) return framed(frame, html);
    html.raw(R"(<p class="news" hidden><a href=)")
        .attribute(frame.base + deliveries_address(shown.filter))
        .raw("></a></p>");
    html.raw(R"(<form method="post" class="list" data-newest=)");
    html.attribute(shown.first && !shown.page.rows.empty() ? shown.page.rows.front().guid : "");
    html.raw(" data-filter=").attribute(shown.filter).raw(" action=");
    html.attribute(frame.base + "deliveries/replay").raw(">");
    put_form_token(html, frame);
    html.raw(R"(<input type="hidden" name="q" value=)").attribute(shown.filter).raw(">");
    if (shown.page.rows.empty())
        html.raw(R"(<p class="empty">)")
            .text(shown.page.looked_until ? "Nothing found so far."
                  : shown.filter.empty()  ? "Nothing has come yet."
                                          : "Nothing fits this filter.")
            .raw("</p>");
    else
        put_deliveries(html, frame, shown.page.rows, "Deliveries, the newest first",
                       frame.visitor.may_change());
    put_below(html, frame, shown);
    if (!shown.page.rows.empty()) put_actions(html, frame, shown);
    html.raw("</form>");
    put_command(html, "runs-agent deliveries list" +
                          (shown.filter.empty() ? "" : " --filter " + shell_word(shown.filter)));
    return framed(frame, html);
}

std::string confirmation(const Frame& frame, const Confirmation& shown) {
    const bool replays = shown.by.act == store::HandAct::replay;
    const std::string act(store::to_string(shown.by.act));
    const auto counted = [](int count, const char* one, const char* many) {
        return std::to_string(count) + " " + (count == 1 ? one : many);
    };
    const std::string what = counted(shown.outcome.deliveries, "delivery", "deliveries");
    Html html;
    html.raw(R"(<div class="card"><h1>)").text((replays ? "Replay " : "Drop ") + what + "?");
    html.raw("</h1><p>");
    if (!shown.filter.empty() && shown.ids.empty())
        html.raw("All that match <code>").text(shown.filter).raw("</code>. ");
    html.text(replays ? counted(shown.outcome.calls, "call", "calls") +
                            " will be made again; what has no calls is decided anew."
                      : counted(shown.outcome.calls, "call", "calls") +
                            " will be given up; they can be replayed later.");
    html.raw("</p>");
    int alone = 0;
    for (const auto& [why, count] : shown.outcome.left_alone) alone += count;
    if (alone > 0) {
        html.raw("<p>").text(counted(alone, "is", "are") + " left alone:").raw("</p><ul>");
        for (const auto& [why, count] : shown.outcome.left_alone)
            html.raw("<li>").text(std::to_string(count) + ": ").name(why).raw("</li>");
        html.raw("</ul>");
    }
    if (shown.outcome.more)
        html.raw("<p>At most ")
            .number(shown.by.at_most)
            .raw(" are done at once; there are more, for another time.</p>");
    if (shown.outcome.deliveries > 0) {
        html.raw(R"(<form method="post" action=)").attribute(frame.base + "deliveries/" + act);
        html.raw(">");
        put_form_token(html, frame);
        html.raw(R"(<input type="hidden" name="confirmed" value="yes"><input type="hidden" )"
                 R"(name="q" value=)");
        html.attribute(shown.filter).raw(R"(><input type="hidden" name="which" value=)");
        html.attribute(shown.ids.empty() ? "all" : "chosen").raw(">");
        for (const std::string& id : shown.ids)
            html.raw(R"(<input type="hidden" name="id" value=)").attribute(id).raw(">");
        html.raw(R"(<p><label for="reason">Why (optional)</label><input id="reason" name="reason" )"
                 R"(maxlength="500"></p><p><button class=)");
        html.attribute(replays ? "main" : "danger").raw(">");
        html.text((replays ? "Replay " : "Drop ") + what).raw("</button> <a href=");
        html.attribute(frame.base + deliveries_address(shown.filter))
            .raw(">No, go back</a></p></form>");
    } else {
        html.raw("<p><a href=")
            .attribute(frame.base + deliveries_address(shown.filter))
            .raw(">Go back</a></p>");
    }
    html.raw("</div>");
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
