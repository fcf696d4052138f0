// SPDX-License-Identifier: MIT
// What becomes of what a reporter tells, whatever its protocol: the one place that says so, pure.
#pragma once

#include "runs_api/types.hpp"

#include <cstdint>

namespace runs_agent::runs_server {

/// What is told, as far as it matters for whether it is taken.
struct Told {
    /// Something begins by it, or is asked for: a machine's session, a spec, a test.
    bool begins = false;
    /// It brings results of any spec as well.
    bool results = false;
    /// What begins was under way before anybody could know of the run's end.
    bool under_way = false;
    /// A failure that was not told before.
    bool failure = false;
    /// It may change how the run stands: more than a repetition, or a file.
    bool counts = true;
    /// It is but another go at what is done already, by a machine that is not at work in the run.
    bool again = false;
    /// A reset has ended its machine's claim, or set it aside, and nobody has begun it anew.
    bool lost = false;
    /// What is known of the same thing is newer.
    bool outdated = false;
};

enum class Verdict : std::uint8_t {
    take,
    drop,    // answered as if it were taken, and counts nowhere
    refuse,  // 422, with the code of the state that the run is in
};

/// A cancelled run lets nothing begin, and takes results. One that timed out takes what tells of a
/// failure, and what changes nothing. A complete one takes all but another go at what is done. What
/// is from before a reset, or older than what is known, is dropped.
Verdict verdict_on(runs_api::CompletionState state, const Told& told);

}  // namespace runs_agent::runs_server
