// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/log_reading.hpp"

#include "webhooks/deliveries/delivery.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace {

bool matters(const github::LoggedDelivery& entry) {
    // Of jobs, only their end is decided upon.
    const bool is_decided_upon = entry.event == "workflow_run" ||
                                 (entry.event == "workflow_job" && entry.action == "completed");
    return is_decided_upon && is_plain(entry.guid, max_guid);
}

}  // namespace

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

}  // namespace runs_agent::webhooks
