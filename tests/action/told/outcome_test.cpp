// SPDX-License-Identifier: MIT
#include "agent/action/told/outcome.hpp"

#include "agent/action/told/summary.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

Outcome cancelled() {
    Outcome outcome;
    outcome.ending = Ending::cancelled;
    outcome.happened = "cancelled run 4f2a";
    outcome.run_id = "4f2a";
    outcome.run_url = "https://app.currents.dev/run/4f2a";
    outcome.status = "CANCELED";
    return outcome;
}

TEST(Outputs, AreThePromisedOnesInJson) {
    EXPECT_EQ(
        to_json(cancelled()),
        R"({"outcome":"cancelled","run-id":"4f2a","run-url":"https://app.currents.dev/run/4f2a",)"
        R"("status":"CANCELED","extra-pw-flags":"","extra-discovery-flags":""})");
    Outcome rerun;
    rerun.extra_pw_flags = "--last-failed";
    EXPECT_EQ(outputs_of(rerun).back(),
              (std::pair<std::string, std::string>("extra-discovery-flags", "--last-failed")));
    EXPECT_EQ(to_string(Ending::already_cancelled), "already-cancelled");
    EXPECT_EQ(to_string(Ending::nothing_to_cancel), "nothing-to-cancel");
    EXPECT_EQ(to_string(failed(fail(Errc::io, "x")).ending), "failed");
}

TEST(Outputs, AValueCannotEndEarly) {
    int made = 0;
    const auto random = [&made] { return std::to_string(++made); };
    EXPECT_EQ(output_entry("run-id", "4f2a", random),
              "run-id<<ghadelimiter_1\n4f2a\nghadelimiter_1\n");
    made = 0;
    const std::string evil = "x\nghadelimiter_1\noutcome=cancelled\nghadelimiter_2";
    EXPECT_EQ(output_entry("status", evil, random),
              "status<<ghadelimiter_3\n" + evil + "\nghadelimiter_3\n");
}

TEST(Summary, IsASmallTable) {
    EXPECT_EQ(summary("cancel", "cancel run 4f2a", cancelled()),
              "### runs-agent: cancel\n\n"
              "| Asked | Happened | Run |\n| --- | --- | --- |\n"
              "| cancel run 4f2a | cancelled run 4f2a | "
              "[4f2a](https://app.currents.dev/run/4f2a) |\n\n");
}

TEST(Summary, TextFromOutsideIsOnlyText) {
    const std::string evil =
        "a|b\\|c\r\n| <img src=x> [l](javascript:1) `c` *b* _i_ &lt; @all www.x.y";
    const std::string cell = in_cell(evil);
    EXPECT_EQ(cell.find_first_of("|\\<>[]()`*_@:/=\r\n"), std::string::npos) << cell;
    EXPECT_EQ(cell.find("&lt;"), std::string::npos);
    EXPECT_EQ(cell.find("www."), std::string::npos);
    EXPECT_EQ(in_cell("caf\xC3\xA9 1.5, a-b"), "caf\xC3\xA9 1.5, a-b");

    Outcome outcome = cancelled();
    outcome.happened = evil;
    outcome.run_id = "a](x) | b";
    outcome.run_url = "http://h/v1/a) | <b>";
    const std::string text = summary(evil, evil, outcome);
    EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 12) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << text;
    EXPECT_EQ(text.find('<'), std::string::npos);
    EXPECT_NE(text.find("(http://h/v1/a%29%20%7C%20%3Cb%3E)"), std::string::npos) << text;
}

TEST(Outputs, AReasonIsOfWordsThatNoShellReadsOtherwise) {
    Outcome outcome;
    EXPECT_EQ(outputs_of(outcome).back().first, "extra-discovery-flags");
    outcome.reason = "spec a/b-1.spec.ts$(x)`y`\"'\\;|&<>\n has no results";
    EXPECT_EQ(outputs_of(outcome).back(),
              (std::pair<std::string, std::string>{
                  "reason", "spec a/b-1.spec.ts__x__y__________ has no results"}));
    outcome.reason =
        "spec gr\xC3\xB6\xC3\x9F"
        "e.spec.ts has no results";
    EXPECT_EQ(outputs_of(outcome).back().second, outcome.reason) << "letters of other scripts stay";
}

const char* const hostile =
    "a\n::error::b\r##[error]c\x1b[2J\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xf3\xa0\x81\x81\xff|\n# d\n";

TEST(Outputs, WhatALaterStepPrintsIsNoCommand) {
    Outcome outcome;
    outcome.run_id = outcome.run_url = outcome.status = outcome.reason = hostile;
    for (const std::string& text : {std::string("::error::x"), std::string(hostile)}) {
        outcome.run_id = text;
        for (const auto& [name, value] : outputs_of(outcome)) {
            EXPECT_FALSE(value.starts_with("::")) << name << value;
            for (const char* const way : {"\n", "\r", "##[", "\x1b", "\xc2\x9b", "\xe2\x80\xae",
                                          "\xe2\x80\x8b", "\xf3\xa0\x81\x81", "\xff"})
                EXPECT_EQ(value.find(way), std::string::npos) << name << value;
        }
    }
    EXPECT_EQ(outputs_of(outcome).back().second.find('\\'), std::string::npos);
}

TEST(Summary, HidesNothingAndForgesNothing) {
    Outcome outcome;
    outcome.happened = outcome.run_id = outcome.run_url = hostile;
    outcome.rows = {{hostile, hostile, hostile, hostile}};
    const std::string text = summary(hostile, hostile, outcome);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '|'), 12) << text;
    EXPECT_EQ(text.find('#', 3), text.find("&#") + 1) << text;
    for (const char* const way :
         {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\x8b", "\xf3\xa0", "\xff"})
        EXPECT_EQ(text.find(way), std::string::npos) << text;
}

}  // namespace
}  // namespace runs_agent::agent::action
