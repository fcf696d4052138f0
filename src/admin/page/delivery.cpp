// SPDX-License-Identifier: MIT
#include "admin/page/screens.hpp"

#include <algorithm>

namespace runs_agent::admin::page {

namespace {

using store::CallHistory;

void put_fact(Html& html, const char* name, const std::string& value) {
    if (value.empty()) return;
    html.raw("<dt>").text(name).raw("</dt><dd>").name(value).raw("</dd>");
}

void put_facts(Html& html, const Frame& frame, const Delivery& shown) {
    const store::DeliveryRow& row = shown.detail.row;
    html.raw(R"(<dl class="facts">)");
    put_fact(html, "event", row.event + (row.action.empty() ? "" : "." + row.action));
    put_fact(html, "repository", row.repository);
    if (row.run) {
        html.raw("<dt>workflow run</dt><dd><a href=")
            .attribute(frame.base + run_address(row.host, row.repository, row.run->key.run_id));
        html.raw(">").text(std::to_string(row.run->key.run_id) + " attempt " +
                           std::to_string(row.run->attempt));
        html.raw("</a>");
        const std::string address = github_address(row);
        if (!address.empty())
            html.raw(R"( · <a class="out" rel="noreferrer" href=)")
                .attribute(address)
                .raw(">on GitHub</a>");
        html.raw("</dd>");
    }
    if (row.job) {
        put_fact(html, "job", row.job->name);
        put_fact(html, "runner", row.job->runner_name);
        put_fact(html, "workflow", row.job->workflow_name);
        put_fact(html, "branch", row.job->head_branch);
        put_fact(html, "sender", row.job->sender);
        put_fact(html, "conclusion", row.job->conclusion);
    } else if (row.run) {
        put_fact(html, "workflow",
                 row.run->workflow_name +
                     (row.run->workflow_path.empty() ? "" : " (" + row.run->workflow_path + ")"));
        put_fact(html, "branch", row.run->head_branch);
        if (row.run->head_repository != row.repository)
            put_fact(html, "of the fork", row.run->head_repository);
        put_fact(html, "status", row.run->status);
        put_fact(html, "conclusion", row.run->conclusion);
        put_fact(html, "started by",
                 row.run->triggering_actor.empty() ? row.run->actor : row.run->triggering_actor);
        put_fact(html, "triggered by", row.run->event);
    }
    put_fact(html, "delivery", row.guid);
    put_fact(html, "from", row.host);
    if (row.decided_at) put_fact(html, "policy then", policy_then(row));
    html.raw("</dl>");
}

/// What happened at one moment.
struct Moment {
    Time at;
    Html what;
    std::size_t order = 0;
};

std::string call_name(const store::Call& call) {
    std::string name = std::string(decide::to_string(call.planned.operation)) + " run " +
                       std::to_string(call.planned.run.run_id) + " attempt " +
                       std::to_string(call.planned.attempt);
    if (!call.planned.project_id.empty()) name += ", project " + call.planned.project_id;
    if (!call.planned.machine_id.empty()) name += ", machine " + call.planned.machine_id;
    return name;
}

void add_calls(std::vector<Moment>& moments, const Delivery& shown) {
    for (const CallHistory& history : shown.detail.calls) {
        Html planned;
        planned.raw("planned: ").name(call_name(history.call));
        moments.push_back({history.call.planned_at, planned, 0});
        for (const store::Try& tried : history.tries) {
            Html what;
            what.name(tried.result).raw(R"( <span class="quiet">)").name(call_name(history.call));
            what.raw(", took ").text(span_in_words(tried.took)).raw("</span>");
            moments.push_back({tried.at, what, 0});
        }
    }
}

/// From received to each try. Idle time is said between them, not drawn.
void put_time_line(Html& html, const Frame& frame, const Delivery& shown) {
    const store::DeliveryRow& row = shown.detail.row;
    std::vector<Moment> moments;
    moments.push_back({row.received_at, {}, 0});
    moments.back().what.raw("received, signature good");
    if (row.decided_at) {
        moments.push_back({*row.decided_at, {}, 0});
        moments.back().what.raw("decided: ").text(row.rule).raw(" ").name(row.reason);
    }
    add_calls(moments, shown);
    for (const store::HandRecord& act : shown.acts) {
        Html what;
        what.text(act.act).raw(" by ").name(act.actor);
        if (!act.reason.empty()) what.raw(": ").name(act.reason);
        moments.push_back({act.at, what, 0});
    }
    // Of the same millisecond in the order in which they follow from each other. (The library's
    // stable sort draws a warning from clang.)
    for (std::size_t i = 0; i < moments.size(); ++i) moments[i].order = i;
    std::ranges::sort(moments, {}, [](const Moment& one) { return std::pair(one.at, one.order); });
    html.raw(R"(<h2>What happened</h2><ol class="line">)");
    std::optional<Time> last;
    for (const Moment& moment : moments) {
        if (last && moment.at - *last >= std::chrono::minutes(1))
            html.raw(R"(<li class="gap">)")
                .text(span_in_words(moment.at - *last) + " later")
                .raw("</li>");
        html.raw("<li>").time(moment.at);
        if (last && moment.at > *last && moment.at - *last < std::chrono::minutes(1))
            html.raw(R"( <span class="quiet">+)")
                .text(span_in_words(moment.at - *last))
                .raw("</span>");
        html.raw(R"( <span class="what">)").add(moment.what).raw("</span></li>");
        last = moment.at;
    }
    for (const CallHistory& history : shown.detail.calls) {
        if (history.call.state != store::CallState::pending) continue;
        const Time due = history.call.due_at;
        html.raw(R"(<li class="coming">)");
        html.time(due).raw(R"( <span class="what">next try of )").name(call_name(history.call));
        html.raw(", <span data-due=").attribute(std::to_string(due.time_since_epoch().count()));
        html.raw(">").text(due > frame.now ? "in " + span_in_words(due - frame.now) : "now");
        html.raw("</span></span></li>");
    }
    html.raw("</ol>");
}

void put_calls(Html& html, const Frame& frame, const Delivery& shown) {
    if (shown.detail.calls.empty()) return;
    html.raw(R"(<h2>Calls</h2><table class="rows calls" role="table"><caption class="unseen">Calls)"
             R"(</caption><thead><tr><th scope="col">Call</th><th scope="col">State</th><th )"
             R"(scope="col">Outcome</th><th scope="col">Why</th></tr></thead><tbody>)");
    for (const CallHistory& history : shown.detail.calls) {
        html.raw(R"(<tr><td data-name="what">)").name(call_name(history.call));
        if (history.call.delivery != shown.detail.row.guid)
            html.raw("<br><a href=")
                .attribute(frame.base + "deliveries/" + history.call.delivery)
                .raw(">moved to a later delivery</a>");
        html.raw(R"(</td><td data-name="outcome">)");
        put_call_state(html, history.call);
        html.raw("</td><td>").name(history.call.outcome).raw("</td><td>");
        html.raw(R"(<span class="rule">)")
            .text(decide::to_string(history.call.planned.rule))
            .raw("</span> ");
        html.name(history.call.planned.reason).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}

void put_act_form(Html& html, const Frame& frame, const std::string& guid, const char* act,
                  const char* word, const char* says, bool danger) {
    html.raw(R"(<details class="act"><summary class="button" id=)")
        .attribute(std::string("do-") + act)
        .raw(">");
    html.text(word).raw(R"(…</summary><form class="card" method="post" action=)");
    html.attribute(frame.base + "deliveries/" + guid + "/" + act).raw(">");
    put_form_token(html, frame);
    html.raw("<p>").text(says).raw("</p><p><label for=").attribute(std::string("why-") + act);
    html.raw(R"(>Why (optional)</label><input name="reason" maxlength="500" id=)");
    html.attribute(std::string("why-") + act).raw("></p><p><button class=");
    html.attribute(danger ? "danger" : "main")
        .raw(">")
        .text(word)
        .raw("</button></p></form></details>");
}

void put_actions(Html& html, const Frame& frame, const Delivery& shown) {
    const store::DeliveryRow& row = shown.detail.row;
    if (frame.visitor.may_change() && (row.calls > 0 || row.run)) {
        html.raw(R"(<div class="acts">)");
        put_act_form(html, frame, row.guid, "replay", "Replay",
                     row.calls > 0
                         ? "Its calls are made once more, with a fresh allowance of tries."
                         : "It has no calls: it is decided anew.",
                     false);
        if (row.calls_open + row.calls_dead > 0)
            put_act_form(html, frame, row.guid, "drop", "Drop",
                         "Its open and dead calls are given up. A replay takes them up again.",
                         true);
        html.raw("</div>");
    }
}

/// What of the policy holds today, and does, beside what held then. Whether it is the same cannot
/// be told by the two: they have neither the settings nor, of a rule that only moved, the same
/// line.
void put_policy_today(Html& html, const Delivery& shown) {
    const store::DeliveryRow& row = shown.detail.row;
    if (shown.now->policy.empty()) return;
    html.raw("<p>Of the policy holds today: ").name(shown.now->policy);
    if (row.policy && !row.policy->empty()) html.raw("; then: ").name(*row.policy);
    html.raw(".</p>");
    if (shown.does.empty()) return;
    // Who asks why nothing was done finds here what is off.
    if (shown.now->calls.empty())
        html.raw("<details open>");
    else
        html.raw("<details>");
    html.raw("<summary>What it does today</summary><ul>");
    for (const std::string& one : shown.does) html.raw("<li>").text(one).raw("</li>");
    html.raw("</ul></details>");
}

void put_now(Html& html, const Delivery& shown) {
    if (!shown.now) return;
    html.raw(
        "<h2>What would happen now</h2><p>Decided anew, under today's policy: <span "
        R"(class="rule">)");
    html.text(decide::to_string(shown.now->rule)).raw("</span> ").name(shown.now->reason);
    html.raw("</p>");
    html.raw("<ul>");
    for (const decide::PlannedCall& call : shown.now->calls) {
        html.raw("<li>").text(decide::to_string(call.operation)).raw(" of attempt ");
        html.number(call.attempt).raw(" of run ").text(std::to_string(call.run.run_id));
        if (!call.project_id.empty()) html.raw(", project ").name(call.project_id);
        if (!call.ci_build_id.empty()) html.raw(", CI build id ").name(call.ci_build_id);
        if (call.only_if_in_progress) html.raw(", only while it is in progress");
        html.raw("</li>");
    }
    if (shown.now->calls.empty()) html.raw("<li>no call</li>");
    html.raw("</ul>");
    put_policy_today(html, shown);
}

}  // namespace

void put_acts(Html& html, const Frame& frame, const std::vector<store::HandRecord>& acts,
              bool with_what) {
    html.raw(
        R"(<table class="rows hands" role="table"><caption class="unseen">Done by )"
        "hand</caption>"
        R"(<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th>)"
        R"(<th scope="col">Why</th></tr></thead><tbody>)");
    for (const store::HandRecord& act : acts) {
        html.raw(R"(<tr><td data-name="when">)").time(act.at).raw("</td><td>").name(act.actor);
        html.raw("</td><td>").name(act.act);
        if (with_what && !act.delivery.empty())
            html.raw(" of <a href=")
                .attribute(frame.base + "deliveries/" + act.delivery)
                .raw(">")
                .text(act.delivery.substr(0, 8))
                .raw("</a>");
        if (with_what && !act.subject.empty()) html.raw(" ").name(act.subject);
        if (!act.filter.empty()) html.raw("<br><code>").text(act.filter).raw("</code>");
        html.raw("</td><td>").name(act.reason).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}

std::string delivery(const Frame& frame, const Delivery& shown) {
    const store::DeliveryRow& row = shown.detail.row;
    Html html;
    html.raw(R"(<p class="trail"><a href=)").attribute(frame.base + "deliveries");
    html.raw(">Deliveries</a></p><h1>").name(row.repository.empty() ? row.event : row.repository);
    if (row.run) html.raw(" <small>run ").text(std::to_string(row.run->key.run_id)).raw("</small>");
    html.raw(R"(</h1><p class="sentence">)");
    put_standing(html, row);
    html.raw(" ");
    if (row.decided_at) {
        html.raw(R"(<span class="rule">)").text(row.rule).raw("</span> ").name(row.reason);
    } else {
        html.raw("It waits for its decision, which takes a moment.");
    }
    html.raw("</p>");
    put_actions(html, frame, shown);
    html.raw(R"(<div class="columns"><div>)");
    put_time_line(html, frame, shown);
    html.raw("</div><div><h2>What it is</h2>");
    put_facts(html, frame, shown);
    html.raw("</div></div>");
    put_calls(html, frame, shown);
    put_now(html, shown);
    if (!shown.acts.empty()) {
        html.raw("<h2>Done by hand</h2>");
        put_acts(html, frame, shown.acts, false);
    }
    html.raw("<h2>On the command line</h2>");
    put_command(html, "runs-agent deliveries show " + row.guid);
    put_command(html, "runs-agent deliveries replay " + row.guid + " --reason '…'");
    html.raw("<p>");
    if (shown.detail.body_kept)
        html.raw("<a href=")
            .attribute(frame.base + "deliveries/" + row.guid + "/payload")
            .raw(">The payload</a>, as GitHub sent it");
    else
        html.raw(R"(<span class="quiet">Its payload is not kept (any more).</span>)");
    html.raw("</p>");
    return framed(frame, html);
}

std::string payload(const Frame& frame, std::string_view guid,
                    const std::optional<std::string>& body) {
    Html html;
    html.raw(R"(<p class="trail"><a href=)")
        .attribute(frame.base + "deliveries/" + std::string(guid));
    html.raw(">The delivery</a></p><h1>Payload</h1>");
    if (!body) {
        html.raw("<p>It is not kept (any more): payloads are kept for a week.</p>");
        return framed(frame, html);
    }
    html.raw(R"(<pre class="payload" tabindex="0" role="region" aria-label="Payload">)")
        .text(*body);
    html.raw("</pre><p><a href=")
        .attribute(frame.base + "api/deliveries/" + std::string(guid) + "/payload")
        .raw(">As a file</a></p>");
    return framed(frame, html);
}

}  // namespace runs_agent::admin::page
