// SPDX-License-Identifier: MIT
#include "agent/cli/output.hpp"

#include "agent/cli/report.hpp"
#include "config/configuration.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace runs_agent::agent {
namespace {

template <class Print>
std::string printed(Print print) {
    std::ostringstream stream;
    Output output(stream);
    print(output);
    return stream.str();
}

std::string text(std::string_view lines) {
    return printed([&](Output& output) { output.text(lines); });
}

std::string data(std::string_view json) {
    return printed([&](Output& output) { output.data(json); });
}

TEST(Output, CleansWhatACallerForgot) {
    EXPECT_EQ(text(""), "");
    EXPECT_EQ(text("  a\n\n    b: c\n"), "  a\n\n    b: c\n");
    EXPECT_EQ(text("no end"), "no end");
    EXPECT_EQ(text("a\x1b[2J\r\n\u202e\u200b\xff\tz\n"), "a [2J \n\\u202e\\u200b\ufffd z\n");
    EXPECT_EQ(text("::error::a\n ::debug::b\nx ##[error]c\n"),
              "text: ::error::a\ntext:  ::debug::b\nx ## [error]c\n");
}

TEST(Output, DataKeepsItsValuesAndEndsItsLine) {
    EXPECT_EQ(data(""), "");
    EXPECT_EQ(data("{\n  \"a\": \"\u202e##[b\"\n}"), "{\n  \"a\": \"\\u202e##\\u005bb\"\n}\n");
    EXPECT_EQ(data("{}\n[]\n"), "{}\n[]\n");
    EXPECT_EQ(data("\n::error::x"), "\ntext: ::error::x\n");
}

TEST(Output, ACommandIsOneLine) {
    EXPECT_EQ(printed([](Output& output) { output.workflow_command("::error::a\n::error::b\r"); }),
              "::error::a ::error::b \n");
}

/// What a call prints to standard error.
template <class Call>
std::string told(Call call) {
    testing::internal::CaptureStderr();
    call();
    return testing::internal::GetCapturedStderr();
}

TEST(Report, IsOneLineWhateverIsInIt) {
    const Error error = fail(Errc::not_found, "there is no \"x\nruns-agent: y\u202e\n::error::z\"");
    EXPECT_EQ(told([&] { EXPECT_EQ(report(error), Exit::not_found); }),
              "runs-agent: there is no \"x runs-agent: y\\u202e ::error::z\"\n");
    EXPECT_EQ(told([&] { EXPECT_EQ(report_usage("a\nb"), Exit::usage); }), "runs-agent: a b\n");
}

TEST(Report, AMistakeIsALineEach) {
    const config::Environment environment(
        {{"RUNS_AGENT_LOG", "x\nruns-agent: all is well"}, {"RUNS_AGENT_LISTEN", "\u202e\x1b[2J"}});
    const auto configuration = config::load(environment, {});
    ASSERT_TRUE(configuration.has_error());
    const std::string all =
        told([&] { EXPECT_EQ(report_mistakes(configuration.error()), Exit::usage); });
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2) << all;
    EXPECT_EQ(all.find("\nruns-agent: all"), std::string::npos) << all;
    EXPECT_NE(all.find("RUNS_AGENT_LISTEN is \"\\u202e [2J\""), std::string::npos) << all;
}

}  // namespace
}  // namespace runs_agent::agent
