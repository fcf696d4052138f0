// SPDX-License-Identifier: MIT
// How the rules write a decision down: calls that are planned already are left out, and the reasons
// of several rules become one. Internal to decide/.
#pragma once

#include "decide/facts.hpp"
#include "decide/known.hpp"
#include "decide/plan.hpp"
#include "decide/policy.hpp"

#include <functional>
#include <string>

namespace runs_agent::decide {

class DecisionBuilder {
public:
    DecisionBuilder(const Settings& settings, const Known& known)
        : settings_(settings), known_(known) {}

    /// The call once for each mapped project, or once with none, unless it is planned already. The
    /// rule has fired in either case.
    void add_for_each_project(const PlannedCall& call);
    /// The call as it is, for the reason of the one before it: GitHub knows no projects.
    void add_github_call(PlannedCall call) { add(std::move(call)); }

    /// Takes back the calls that `wrong` says are none any more; of those that are done it is
    /// noted, so that nobody does them again.
    void withdraw(const std::string& reason, const std::function<bool(const KnownCall&)>& wrong);

    /// Notes that a newer run supersedes that attempt.
    void supersede(const RunKey& run, int attempt) {
        decision_.superseded.emplace_back(run, attempt);
    }

    bool fired() const { return !decision_.reason.empty(); }

    /// The decision; where no rule fired, it says `otherwise`.
    Decision finish(std::string otherwise);

private:
    bool add(PlannedCall call);
    bool takes_back(const KnownCall& call) const;
    bool is_taken_back(const PlannedCall& call) const;
    void fire(const PlannedCall& call, bool added);

    const Settings& settings_;
    const Known& known_;
    Decision decision_;
};

}  // namespace runs_agent::decide
