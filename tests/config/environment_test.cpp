// SPDX-License-Identifier: MIT
#include "config/environment.hpp"

#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace runs_agent::config {
namespace {

using namespace std::string_literals;

class EnvironmentTest : public testing::Test {
protected:
    std::string file(const std::string& content) {
        const std::string path = dir_.file("secret");
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    using Variables = std::map<std::string, std::string>;

    static std::optional<std::string> name_of(Variables variables) {
        return *Environment(std::move(variables)).get("NAME");
    }
    /// The error that asking for NAME gives.
    static Error mistake(Variables variables) {
        const auto value = Environment(std::move(variables)).get("NAME");
        if (!value.has_error()) throw std::logic_error("it was read");
        EXPECT_EQ(value.error().code, Errc::bad_input);
        return value.error();
    }

    tests::TempDir dir_;
};

TEST_F(EnvironmentTest, AVariableIsTakenAsItIs) {
    const Environment environment({{"NAME", " a b\n"}, {"name", "other"}});
    EXPECT_EQ(*environment.get("NAME"), " a b\n");
    EXPECT_EQ(*environment.get("name"), "other");
    EXPECT_EQ(*environment.get("ABSENT"), std::nullopt);
}

TEST_F(EnvironmentTest, SetButEmptyIsAbsent) {
    EXPECT_EQ(name_of({{"NAME", ""}}), std::nullopt);
    EXPECT_EQ(name_of({{"NAME_FILE", ""}}), std::nullopt);
    EXPECT_EQ(name_of({{"NAME", ""}, {"NAME_FILE", file("x")}}), "x");
    EXPECT_EQ(name_of({{"NAME", "y"}, {"NAME_FILE", ""}}), "y");
}

TEST_F(EnvironmentTest, AFileGivesTheValueWithoutTheLineEndAtItsEnd) {
    const std::pair<std::string, std::string> cases[] = {
        {"value", "value"},     {"value\n", "value"},     {"value\r\n", "value"},
        {"value\n\n", "value"}, {" value \n", " value "}, {"two\nlines\n", "two\nlines"},
        {"\nvalue", "\nvalue"}, {"a\0b"s, "a\0b"s},       {"ünï\n", "ünï"},
    };
    for (const auto& [content, value] : cases)
        EXPECT_EQ(name_of({{"NAME_FILE", file(content)}}), value);
}

TEST_F(EnvironmentTest, AFileIsReadAtEachCall) {
    const Environment environment({{"NAME_FILE", file("old")}});
    EXPECT_EQ(*environment.get("NAME"), "old");
    file("new");
    EXPECT_EQ(*environment.get("NAME"), "new");
}

TEST_F(EnvironmentTest, BothAtOnceIsAMistake) {
    const std::string message =
        mistake({{"NAME", "secret-one"}, {"NAME_FILE", file("secret-two")}}).message;
    EXPECT_EQ(message, "both NAME and NAME_FILE are set; keep one of them");
}

TEST_F(EnvironmentTest, AFileThatGivesNothingIsAMistake) {
    const std::string absent = dir_.file("absent");
    const std::string folder = dir_.path().string();
    EXPECT_EQ(mistake({{"NAME_FILE", absent}}).message,
              "NAME_FILE names " + absent + ", which cannot be read: No such file or directory");
    EXPECT_EQ(mistake({{"NAME_FILE", folder}}).message,
              "NAME_FILE names " + folder + ", which cannot be read: Is a directory");
    for (const char* const content : {"", "\n", "\r\n\n"}) {
        const std::string path = file(content);
        EXPECT_EQ(mistake({{"NAME_FILE", path}}).message,
                  "NAME_FILE names " + path + ", which is empty");
    }
}

TEST_F(EnvironmentTest, TheProcesssVariablesAreSeen) {
    ::setenv("RUNS_AGENT_ENVIRONMENT_TEST", "a=b", 1);
    EXPECT_EQ(*Environment::of_process().get("RUNS_AGENT_ENVIRONMENT_TEST"), "a=b");
    ::unsetenv("RUNS_AGENT_ENVIRONMENT_TEST");
    EXPECT_EQ(*Environment::of_process().get("RUNS_AGENT_ENVIRONMENT_TEST"), std::nullopt);
}

}  // namespace
}  // namespace runs_agent::config
