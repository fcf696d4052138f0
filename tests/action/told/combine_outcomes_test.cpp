// SPDX-License-Identifier: MIT
#include "agent/action/told/combine_outcomes.hpp"

#include "agent/action/told/summary.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

Outcome made(Ending ending, const std::string& run_id = "") {
    Outcome outcome;
    outcome.ending = ending;
    outcome.happened = std::string(to_string(ending));
    outcome.run_id = run_id;
    if (!run_id.empty()) outcome.run_url = "http://x/" + run_id;
    if (ending == Ending::failed) outcome.failure = Errc::refused;
    return outcome;
}

TEST(Several, TheBestOneCountsAndEachHasARow) {
    const Outcome all = combine_outcomes({{"project a", made(Ending::nothing_to_cancel)},
                                          {"project b", made(Ending::cancelled, "1")},
                                          {"project c", made(Ending::already_cancelled, "2")},
                                          {"project d", made(Ending::cancelled, "1")}});
    EXPECT_EQ(all.ending, Ending::cancelled);
    EXPECT_FALSE(all.failure.has_value());
    EXPECT_EQ(all.run_id, "1,2");
    EXPECT_EQ(all.run_url, "http://x/1,http://x/2");
    EXPECT_EQ(all.rows.size(), 4U);
    EXPECT_EQ(all.happened,
              "project a: nothing-to-cancel; project b: cancelled; project c: already-cancelled; "
              "and 1 more, see the summary");
    const std::string page = summary("cancel", "it", all);
    EXPECT_NE(page.find("| project b | cancelled | [1](http://x/1) |\n"), std::string::npos)
        << page;
    EXPECT_NE(summary("cancel", "it", combine_outcomes({{"", all}}))
                  .find("[1](http://x/1), [2](http://x/2)"),
              std::string::npos);
}

TEST(Several, AFailureIsNotMadeUpFor) {
    const Outcome all =
        combine_outcomes({{"", made(Ending::cancelled, "1")}, {"", made(Ending::failed)}});
    EXPECT_EQ(all.ending, Ending::failed);
    EXPECT_EQ(all.failure, Errc::refused);
    EXPECT_EQ(all.run_id, "1");
    EXPECT_EQ(all.happened, "failed; cancelled");
}

TEST(Several, NobodyIsToldPassedOfAllWhereOneDidNot) {
    const auto seen = [](const std::string& status) {
        Outcome outcome = made(Ending::nothing_to_reset);
        outcome.status = status;
        return PartOutcome{"", outcome};
    };
    EXPECT_EQ(combine_outcomes({seen("PASSED"), seen("CANCELED")}).status, "CANCELED");
    EXPECT_EQ(combine_outcomes({seen("PASSED"), seen("UNKNOWN"), seen("PASSED")}).status,
              "UNKNOWN");
    EXPECT_EQ(combine_outcomes({seen("PASSED"), seen(""), seen("PASSED")}).status, "PASSED");
    EXPECT_EQ(combine_outcomes({seen("FAILED"), seen("PASSED")}).status, "FAILED");
}

TEST(Several, OneIdThatBeginsAnotherIsKept) {
    EXPECT_EQ(
        combine_outcomes({{"", made(Ending::cancelled, "12")}, {"", made(Ending::cancelled, "1")}})
            .run_id,
        "12,1");
}

}  // namespace
}  // namespace runs_agent::agent::action
