// SPDX-License-Identifier: MIT
#include "decide/decision_builder.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// What was planned before the attempt went on once more is not.
bool is_for_same_life(const KnownCall& planned, const PlannedCall& call) {
    return call.went_on_after == Time() || planned.as_of > call.went_on_after;
}

}  // namespace

void DecisionBuilder::add_for_each_project(const PlannedCall& call) {
    bool added = false;
    PlannedCall one = call;
    if (settings_.project_ids.empty()) added = add(std::move(one));
    for (const std::string& project : settings_.project_ids) {
        one = call;
        one.project_id = project;
        added = add(std::move(one)) || added;
    }
    fire(call, added);
}

void DecisionBuilder::withdraw(const std::string& reason,
                               const std::function<bool(const KnownCall&)>& wrong) {
    for (const KnownCall& call : known_.calls)
        if (!call.withdrawn && wrong(call) && !takes_back(call))
            decision_.withdrawn.push_back(withdrawal_of(call, reason));
}

bool DecisionBuilder::takes_back(const KnownCall& call) const {
    return std::any_of(decision_.withdrawn.begin(), decision_.withdrawn.end(),
                       [&call](const Withdrawal& one) { return one.key == call.key; });
}

Decision DecisionBuilder::finish(std::string otherwise) {
    if (!fired()) decision_.reason = std::move(otherwise);
    return std::move(decision_);
}

bool DecisionBuilder::add(PlannedCall call) {
    const std::string cause = call.cause();
    Time life = call.went_on_after == Time() ? Time() : call.as_of;
    for (const KnownCall& planned : known_.calls) {
        if (cause_of(planned.key) != cause || !is_for_same_life(planned, call)) continue;
        // What was taken back is not planned, whatever took it back.
        if (planned.withdrawn || takes_back(planned)) continue;
        // A careful call gives way to one that may be sent outright; never the other way.
        if (!planned.only_if_in_progress || call.only_if_in_progress) return false;
        life = life_of(planned.key);  // it is the same call
    }
    call.life = life;
    while (is_taken_back(call)) call.life += std::chrono::milliseconds(1);
    // A project that is listed twice, or what another rule asks for in this very decision.
    for (const PlannedCall& planned : decision_.calls)
        if (planned.cause() == cause) return false;
    decision_.calls.push_back(std::move(call));
    return true;
}

/// A key that was taken back is not planned again: the store knows it as withdrawn.
bool DecisionBuilder::is_taken_back(const PlannedCall& call) const {
    const std::string key = call.key();
    return std::any_of(known_.calls.begin(), known_.calls.end(), [&](const KnownCall& planned) {
        return planned.key == key && (planned.withdrawn || takes_back(planned));
    });
}

void DecisionBuilder::fire(const PlannedCall& call, bool added) {
    const std::string reason = added ? call.reason : call.reason + " (already planned)";
    if (!fired()) decision_.rule = call.rule;
    // Cancelling a workflow goes along with cancelling what it recorded, for one reason.
    if (decision_.reason.ends_with(reason)) return;
    decision_.reason += fired() ? "; " + reason : reason;
}

}  // namespace runs_agent::decide
