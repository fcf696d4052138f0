// SPDX-License-Identifier: MIT
#include "runs_server/recording/verdict.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace runs_agent::runs_server {
namespace {

using runs_api::CompletionState;

/// One line of the table: what is told, and what becomes of it in a run that is in progress,
/// cancelled, complete, timed out: t(ake), d(rop) or r(efuse).
struct Line {
    const char* what;
    Told told;
    const char* verdicts;
};

constexpr Told told(bool Told::* first, bool Told::* second = nullptr) {
    Told all;
    all.*first = true;
    if (second != nullptr) all.*second = true;
    return all;
}

constexpr Told that_counts_nowhere(Told all = {}) {
    all.counts = false;
    return all;
}

constexpr std::array lines{
    Line{"a machine joins, or asks for specs", told(&Told::begins), "trtr"},
    Line{"a spec begins whose claim a reset has ended", told(&Told::begins, &Told::lost), "drdr"},
    Line{"a test that was under way at the cancel", told(&Told::begins, &Told::under_way), "tttr"},
    Line{"a test that fails at once", told(&Told::begins, &Told::failure), "trtt"},
    Line{"a batch of which a part begins", told(&Told::begins, &Told::results), "tttr"},
    Line{"results", told(&Told::results), "tttr"},
    Line{"how a test goes on", {}, "tttr"},
    Line{"that it failed", told(&Told::failure), "tttt"},
    Line{"what a reset has ended", told(&Told::lost), "dddd"},
    Line{"its failure", told(&Told::lost, &Told::failure), "dddd"},
    Line{"what is older than what is known", told(&Told::outdated), "dddd"},
    Line{"another go at what is done", told(&Told::results, &Told::again), "ttrr"},
    Line{"what was told before", that_counts_nowhere(), "tttt"},
    Line{"a file", that_counts_nowhere(), "tttt"},
    Line{"a file of before a reset", that_counts_nowhere(told(&Told::lost)), "dddd"}};

TEST(Verdict, OfEachStateAndWhatIsTold) {
    constexpr std::array states{CompletionState::in_progress, CompletionState::canceled,
                                CompletionState::complete, CompletionState::timeout};
    for (const Line& line : lines) {
        std::string verdicts;
        for (const CompletionState state : states)
            verdicts += "tdr"[static_cast<std::size_t>(verdict_on(state, line.told))];
        EXPECT_EQ(verdicts, line.verdicts) << line.what;
    }
}

}  // namespace
}  // namespace runs_agent::runs_server
