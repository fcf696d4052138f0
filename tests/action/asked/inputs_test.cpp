// SPDX-License-Identifier: MIT
#include "agent/action/asked/inputs.hpp"

#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::agent::action {
namespace {

using Variables = std::map<std::string, std::string>;

TEST(Inputs, AreReadInBothSpellings) {
    const config::Environment environment(Variables{{"INPUT_API-TOKEN", " a\n"},
                                                    {"INPUT_PROJECT_ID", "p"},
                                                    {"INPUT_RUN-ID", "dashes"},
                                                    {"INPUT_RUN_ID", "underscores"},
                                                    {"INPUT_TAG", "  "}});
    const Inputs inputs(environment);
    EXPECT_EQ(*inputs.input("api-token"), "a");
    EXPECT_EQ(*inputs.input("project-id"), "p");
    EXPECT_EQ(*inputs.input("run-id"), "dashes");
    EXPECT_EQ(*inputs.input("tag"), "");
    EXPECT_EQ(*inputs.input("branch"), "");
}

TEST(Inputs, GoBeforeTheEnvironment) {
    const tests::TempDir dir;
    std::ofstream(dir.file("key")) << "from-file\n";
    const config::Environment environment(Variables{{"INPUT_PROJECT-ID", "given"},
                                                    {"CURRENTS_PROJECT_ID", "of-the-job"},
                                                    {"INPUT_API-TOKEN", ""},
                                                    {"CURRENTS_API_KEY_FILE", dir.file("key")}});
    const Inputs inputs(environment);
    EXPECT_EQ(*inputs.either("project-id", "CURRENTS_PROJECT_ID"), "given");
    EXPECT_EQ(*inputs.either("api-token", "CURRENTS_API_KEY"), "from-file");
}

TEST(Inputs, KnowWhichSecretsCameAsInputs) {
    const config::Environment environment(Variables{
        {"INPUT_API_TOKEN", "t"}, {"INPUT_RECORD-KEY", "r"}, {"CURRENTS_API_KEY", "the job's"}});
    EXPECT_EQ(Inputs(environment).secrets(), (std::vector<std::string>{"t", "r"}));
}

TEST(Inputs, ListsAreSeparatedByCommasOrLines) {
    EXPECT_EQ(split_list(" a, b\nc\r\n\n,,d e "), (std::vector<std::string>{"a", "b", "c", "d e"}));
    EXPECT_TRUE(split_list("").empty());
    EXPECT_TRUE(split_list(" ,\n").empty());
}

}  // namespace
}  // namespace runs_agent::agent::action
