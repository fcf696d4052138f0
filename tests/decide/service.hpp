// SPDX-License-Identifier: MIT
// A Runs API as simple as can be, with what the reporters of a world record in it.
#pragma once

#include "tests/decide/truth.hpp"

namespace runs_agent::decide::tests {

struct Claim {
    std::string machine;
    const Job* job = nullptr;
    Time at{};
    bool finished = false;
};

struct Recorded {
    enum class State { in_progress, complete, cancelled } state = State::in_progress;
    std::string build_id;
    Place place;  // of what recorded last
    std::vector<Claim> claims;
};

class Service {
public:
    /// Of a re-run that keeps its number, a run of its own is recorded under the same ids, unless
    /// all that a workflow run has shares one.
    explicit Service(bool is_shared) : is_shared_(is_shared) {}

    void begin(const Place& place, const std::string& build_id) {
        if (is_shared_ && !runs_.empty()) {
            if (Recorded* const known = find(build_id)) {
                // A run that has ended takes nothing more, until it is reset.
                if (known->state == Recorded::State::in_progress) known->place = place;
                return;
            }
        }
        Recorded made;
        made.build_id = build_id;
        made.place = place;
        runs_.push_back(std::move(made));
    }
    void claim(const Place& place, const Job& job, Time now) {
        Recorded* const run = of(place);
        if (run != nullptr && run->state == Recorded::State::in_progress)
            run->claims.push_back({job.machine, &job, now});
    }
    void finish(const Place& place, const Job& job) {
        if (Recorded* const run = of(place))
            for (Claim& claim : run->claims) claim.finished |= claim.job == &job;
    }
    void complete(const Place& place) {
        Recorded* const run = of(place);
        if (run != nullptr && run->state == Recorded::State::in_progress)
            run->state = Recorded::State::complete;
    }

    /// The newest of that build id; null: there is none.
    Recorded* find(const std::string& build_id) {
        const auto found = std::find_if(runs_.rbegin(), runs_.rend(), [&](const Recorded& run) {
            return run.build_id == build_id;
        });
        return found == runs_.rend() ? nullptr : &*found;
    }
    std::vector<Recorded*> by_github(std::int64_t run_id, int attempt) {
        std::vector<Recorded*> found;
        for (Recorded& run : runs_)
            if (run.place.run_id == run_id && run.place.attempt == attempt) found.push_back(&run);
        return found;
    }
    /// What that life recorded; null: nothing, or others went on with it.
    Recorded* of(const Place& place) {
        const auto found = std::find_if(runs_.begin(), runs_.end(),
                                        [&](const Recorded& run) { return run.place == place; });
        return found == runs_.end() ? nullptr : &*found;
    }

private:
    bool is_shared_;
    std::vector<Recorded> runs_;
};

}  // namespace runs_agent::decide::tests
