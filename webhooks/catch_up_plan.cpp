#include "webhooks/catch_up_plan.hpp"

#include "decide/attempt.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

using namespace std::chrono_literals;

/// GitHub lists a delivery some time after it was sent, and clocks differ.
constexpr std::chrono::minutes overlap{10};
/// Source: docs.github.com, "Redelivering webhooks": deliveries of the past three days.
constexpr std::chrono::hours log_kept{3 * 24};
constexpr std::chrono::hours re_runs_reach{3 * 24};
constexpr std::chrono::hours runs_reach{30 * 24};
constexpr int most_attempts = 10;

bool matters(const github::LoggedDelivery& entry) {
    // Of jobs, only their end is decided upon.
    const bool is_decided_upon = entry.event == "workflow_run" ||
                                 (entry.event == "workflow_job" && entry.action == "completed");
    return is_decided_upon && is_plain(entry.guid, max_guid);
}

std::string action_for(const github::WorkflowRun& run) {
    return run.status == "completed" || run.status == "in_progress" ? run.status : "requested";
}

/// A look at a time that is still to come was noted by a clock that was ahead, and says nothing.
bool is_known(std::optional<Time> last_look, Time now) {
    return last_look && *last_look <= now;
}

}  // namespace

std::optional<github::Hook> hook_of(const store::HeardHook& hook) {
    if (hook.kind == "integration") return github::Hook{github::HookOwner::app, "", hook.id};
    if (hook.owner.empty()) return std::nullopt;
    if (hook.kind == "repository")
        return github::Hook{github::HookOwner::repository, hook.owner, hook.id};
    if (hook.kind == "organization")
        return github::Hook{github::HookOwner::organization, hook.owner, hook.id};
    return std::nullopt;
}

std::string look_at_hook(const std::string& host, const store::HeardHook& hook) {
    // Not by the owner, whose name may change.
    return "hook " + host + " " + hook.kind + " " + hook.id;
}

std::string look_at_runs(const std::string& host, const std::string& repository) {
    return "runs " + host + " " + repository;
}

Time oldest_delivery(std::optional<Time> last_look, Time now) {
    const Time kept = now - log_kept;
    return is_known(last_look, now) ? std::max(*last_look - overlap, kept) : kept;
}

Time oldest_run(std::optional<Time> last_look, Time now) {
    if (!is_known(last_look, now)) return now - re_runs_reach;
    return std::max(*last_look - re_runs_reach, now - runs_reach);
}

bool is_past_the_log(std::optional<Time> last_look, Time now) {
    return last_look && *last_look < now - log_kept;
}

bool DeliveryGroups::add(const std::vector<github::LoggedDelivery>& page) {
    bool goes_on = true;
    for (const github::LoggedDelivery& entry : page) {
        // One without a time is rather asked for once too often.
        const bool old = entry.delivered_at != Time() && entry.delivered_at < oldest_;
        goes_on = !old;
        if (old || !matters(entry)) continue;
        Group& group = groups_[entry.guid];
        group.is_job = entry.event == "workflow_job";
        group.arrived = group.arrived || (entry.status_code >= 200 && entry.status_code < 300);
        // Most have arrived, and a long log is kept in memory.
        if (group.arrived)
            group.ids.clear();
        else
            group.ids.insert(entry.id);
    }
    return goes_on;
}

void DeliveryGroups::drop_arrived() {
    std::erase_if(groups_, [](const auto& group) { return group.second.arrived; });
}

std::vector<MissedDelivery> DeliveryGroups::missed() const {
    std::vector<MissedDelivery> missed;
    for (const auto& [guid, group] : groups_)
        if (!group.arrived)
            missed.push_back({guid, {group.ids.rbegin(), group.ids.rend()}, group.is_job});
    // Ids grow with time; a delivery's last entry is the first time it was sent.
    std::sort(missed.begin(), missed.end(), [](const auto& a, const auto& b) {
        if (a.is_job != b.is_job) return b.is_job;
        return a.ids.back() != b.ids.back() ? a.ids.back() > b.ids.back() : a.guid > b.guid;
    });
    return missed;
}

void LogReading::begin(Time now) {
    began_ = now;
    const bool has_begun = seen_at_ != Time();
    // One that takes several rounds must come to its end: it would only grow from its beginning.
    if (has_begun && (!top_ || top_->empty())) begin_top();
}

void LogReading::begin_top() {
    top_ = "";
    newest_of_top_ = 0;
    top_began_ = began_;
}

void LogReading::add(const github::DeliveryLog& page) {
    const bool first = rest_ && rest_->empty();
    const bool goes_on = groups_.add(page.deliveries);
    bool reaches_the_known = false;
    for (const github::LoggedDelivery& entry : page.deliveries) {
        if (first) newest_ = std::max(newest_, entry.id);
        newest_of_top_ = std::max(newest_of_top_, entry.id);
        reaches_the_known = reaches_the_known || entry.id <= newest_;
    }
    if (first) seen_at_ = began_;
    std::optional<std::string>& place = rest_ ? rest_ : top_;
    const bool is_top = !rest_;
    const bool ends = !goes_on || page.next_cursor.empty() || page.next_cursor == place ||
                      (is_top && reaches_the_known);
    place = ends ? std::nullopt : std::optional(page.next_cursor);
    if (is_top && ends) {
        newest_ = std::max(newest_, newest_of_top_);
        seen_at_ = top_began_;
        if (top_began_ != began_) begin_top();  // what came since
    }
    if (!rest_ && !top_) groups_.drop_arrived();
}

bool is_news(const github::WorkflowRun& run, const std::vector<store::HeardAttempt>& heard) {
    const auto known = std::find_if(heard.begin(), heard.end(), [&run](const auto& one) {
        return one.run_id == run.id && one.known.attempt == run.attempt;
    });
    if (known == heard.end()) return true;
    decide::WorkflowRun told;
    told.action = action_for(run);
    told.status = run.status;
    told.conclusion = run.conclusion;
    told.started_at = run.started_at;
    told.updated_at = run.updated_at;
    switch (decide::news_of(known->known, told)) {
        case decide::News::end:
            return !known->known.completed() || known->known.is_in_doubt();
        case decide::News::new_life:
            return true;
        case decide::News::new_end:
            // A run that has ended is still touched: its logs are deleted, say.
            return told.started_at > known->known.started_at();
        case decide::News::none:
        case decide::News::goes_on:
        case decide::News::unclear:
            break;
    }
    return false;
}

std::vector<int> unheard_attempts(const github::WorkflowRun& newest,
                                  const std::vector<store::HeardAttempt>& heard) {
    std::vector<int> unheard;
    for (int attempt = std::max(1, newest.attempt - most_attempts); attempt < newest.attempt;
         ++attempt) {
        const bool ended =
            std::any_of(heard.begin(), heard.end(), [&](const store::HeardAttempt& known) {
                return known.run_id == newest.id && known.known.attempt == attempt &&
                       known.known.completed();
            });
        if (!ended) unheard.push_back(attempt);
    }
    return unheard;
}

std::string guid_for(const github::WorkflowRun& run) {
    std::string guid = "catch-up-" + std::to_string(run.id) + "-" + std::to_string(run.attempt) +
                       "-" + action_for(run);
    if (run.updated_at == Time()) return guid;
    const auto at = std::chrono::floor<std::chrono::seconds>(run.updated_at).time_since_epoch();
    return guid + "-" + std::to_string(at.count());
}

Delivery make_up(const github::WorkflowRun& run, const github::Repository& repository,
                 const std::string& workflow_json, const std::string& host) {
    Delivery made;
    made.guid = guid_for(run);
    made.event = "workflow_run";
    made.host = host;
    made.payload = R"({"action":")" + action_for(run) + R"(","workflow_run":)" + run.json +
                   R"(,"repository":)" + repository.json;
    if (!workflow_json.empty()) made.payload += R"(,"workflow":)" + workflow_json;
    made.payload += "}";
    return made;
}

Verdict judge(const Error& error) {
    switch (error.code) {
        case Errc::refused:
            return Verdict::not_permitted;
        case Errc::bad_input:
        case Errc::too_large:
            return Verdict::useless;
        case Errc::network:
        case Errc::tls:
        case Errc::timeout:
        case Errc::stopping:
            return Verdict::unreachable;
        default:
            return Verdict::failed;
    }
}

Verdict judge(int status, bool limited) {
    if (limited) return Verdict::limited;
    if (status >= 200 && status < 300) return Verdict::fine;
    if (status == 401) return Verdict::unauthorized;
    if (status == 403) return Verdict::not_permitted;
    if (status == 404 || status == 410) return Verdict::absent;
    if (status >= 500 || status == 408 || status == 425 || status == 429) return Verdict::failed;
    return Verdict::useless;  // also what has moved: its new name will be heard of
}

}  // namespace runs_agent::webhooks
