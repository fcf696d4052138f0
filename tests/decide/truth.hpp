// SPDX-License-Identifier: MIT
// What would have been right, by what happened and by what could be known of it: for whoever judges
// the rules. It is written apart from them, and knows none.
#pragma once

#include "tests/decide/telling.hpp"

#include <map>
#include <set>
#include <utility>

namespace runs_agent::decide::tests {

/// One life of one attempt of one run: what records.
struct Place {
    std::int64_t run_id = 0;
    int attempt = 1;
    int life = 0;

    auto operator<=>(const Place&) const = default;
};

class Truth {
public:
    explicit Truth(const World& world) : world_(world) {}

    const Life& life(const Place& place) const {
        return attempt(place.run_id, place.attempt).lives[static_cast<std::size_t>(place.life)];
    }
    const MadeAttempt& attempt(std::int64_t run_id, int number) const {
        return world_.run(run_id).attempts[static_cast<std::size_t>(number) - 1];
    }

    static bool ended_badly(const Life& life) {
        return life.conclusion == "cancelled" || life.conclusion == "timed_out" ||
               life.conclusion == "stale" || life.conclusion == "startup_failure";
    }

    /// Was it made pointless by a newer run? Not one that somebody began after that was made.
    bool is_superseded(const Place& place) const {
        const WorkflowRun& own = world_.run(place.run_id).facts;
        if (own.head_repository.empty()) return false;
        if (own.head_branch == "main" && own.head_repository == "octo/demo") return false;
        const bool is_first = place.attempt == 1 && place.life == 0;
        const Time started = life(place).started;
        return std::any_of(world_.runs.begin(), world_.runs.end(), [&](const MadeRun& other) {
            const WorkflowRun& facts = other.facts;
            return facts.workflow_id == own.workflow_id && facts.event == own.event &&
                   facts.head_branch == own.head_branch &&
                   facts.head_repository == own.head_repository && facts.head_sha != own.head_sha &&
                   facts.run_number > own.run_number && (is_first || started < facts.created_at);
        });
    }

    // ---- what could be known -------------------------------------------------------------------

    void hear(const Delivery& delivery) {
        if (!std::holds_alternative<WorkflowRun>(delivery.event)) return;
        newest_attempt_[delivery.run_id] =
            std::max(newest_attempt_[delivery.run_id], delivery.attempt);
        const std::pair attempt(delivery.run_id, delivery.attempt);
        const bool had_ended = !attempts_ended_.insert(attempt).second;
        if (!delivery.tells_end && !had_ended) attempts_ended_.erase(attempt);
        // Whatever it was that had no time, something with one goes on.
        if (delivery.has_times && !delivery.tells_end)
            std::erase_if(heard_, [&](const Place& place) {
                return place.run_id == delivery.run_id && place.attempt == delivery.attempt &&
                       place.life != delivery.life;
            });
        // Without times it may be late, unless it is plain that it may not.
        if (delivery.has_times || had_ended)
            heard_.insert({delivery.run_id, delivery.attempt, delivery.life});
        if (!delivery.has_times) {
            timeless_.insert(delivery.run_id);
            return;
        }
        newest_life_[attempt] = std::max(newest_life_[attempt], delivery.life);
        if (delivery.tells_end) ended_.insert({delivery.run_id, delivery.attempt, delivery.life});
    }
    bool lacked_times(std::int64_t run_id) const { return timeless_.contains(run_id); }
    int newest_attempt(std::int64_t run_id) const {
        const auto known = newest_attempt_.find(run_id);
        return known == newest_attempt_.end() ? 0 : known->second;
    }
    /// Of what was heard, is the newest life of that attempt one that goes on?
    std::optional<Place> heard_alive(std::int64_t run_id, int attempt) const {
        const auto known = newest_life_.find({run_id, attempt});
        if (known == newest_life_.end()) return std::nullopt;
        const Place newest{run_id, attempt, known->second};
        return ended_.contains(newest) ? std::nullopt : std::optional(newest);
    }

    /// Of a run whose events lack times it is only asked that nothing is touched that goes on, and
    /// that somebody could take for going on.
    bool may_go_on(std::int64_t run_id, int number, Time now) const {
        const auto& lives = attempt(run_id, number).lives;
        for (std::size_t i = 0; i < lives.size(); ++i) {
            const bool goes_on =
                lives[i].started <= now && (!lives[i].ended || *lives[i].ended > now);
            if (goes_on && heard_.contains({run_id, number, static_cast<int>(i)})) return true;
        }
        return false;
    }

private:
    const World& world_;
    std::map<std::pair<std::int64_t, int>, int> newest_life_;
    std::map<std::int64_t, int> newest_attempt_;
    std::set<Place> ended_;
    std::set<Place> heard_;
    std::set<std::pair<std::int64_t, int>> attempts_ended_;
    std::set<std::int64_t> timeless_;
};

}  // namespace runs_agent::decide::tests
