// SPDX-License-Identifier: MIT
#include "config/yaml_reader.hpp"

#include <gtest/gtest.h>

#include <array>

namespace runs_agent::config {
namespace {

using namespace std::chrono_literals;

TEST(YamlReader, DurationsHaveAUnit) {
    const std::pair<const char*, std::chrono::milliseconds> cases[] = {
        {"0s", 0s}, {"1s", 1s},       {"90s", 90s},          {"2m", 2min},
        {"1h", 1h}, {"\"24h\"", 24h}, {"100000s", 100'000s}, {"100000h", 100'000h},
    };
    for (const auto& [yaml, length] : cases) {
        YamlReader reader("f");
        std::chrono::milliseconds value = -1ms;
        reader.read(YAML::Load(yaml), "after", value);
        EXPECT_EQ(value, length) << yaml;
        EXPECT_TRUE(reader.mistakes().empty()) << yaml;
    }
}

TEST(YamlReader, WhatIsNoDurationLeavesTheValueAlone) {
    for (const char* const yaml :
         {"2", "m", "\"\"", "2 m", "2min", "2M", "1d", "1h30m", "1.5h", "-5m", "+5m", "0x5m",
          "100001s", "99999999999s", "99999999999999999999999h", "~", "[2m]", "{2m: 1}", "true"}) {
        YamlReader reader("f");
        std::chrono::milliseconds value = 7ms;
        reader.read(YAML::Load(yaml), "after", value);
        EXPECT_EQ(value, 7ms) << yaml;
        ASSERT_EQ(reader.mistakes().size(), 1U) << yaml;
        EXPECT_TRUE(reader.mistakes()[0].starts_with(
            "f:1:1: after must be a duration such as 90s, 2m or 1h, but is "))
            << reader.mistakes()[0];
    }
}

TEST(YamlReader, OnlyPlainTrueAndFalseAreFlags) {
    for (const bool flag : {true, false}) {
        YamlReader reader("f");
        bool value = !flag;
        reader.read(YAML::Load(flag ? "true" : "false"), "on", value);
        EXPECT_EQ(value, flag);
        EXPECT_TRUE(reader.mistakes().empty());
    }
    for (const char* const yaml : {"yes", "no", "on", "off", "True", "FALSE", "1", "0", "'true'",
                                   "\"false\"", "~", "[true]", "{true: true}"}) {
        YamlReader reader("f");
        bool value = true;
        reader.read(YAML::Load(yaml), "on", value);
        EXPECT_TRUE(value) << yaml;
        EXPECT_EQ(reader.mistakes().size(), 1U) << yaml;
    }
}

TEST(YamlReader, ANodeThatIsNotThereLeavesTheValueAsItIs) {
    YamlReader reader("f");
    const YAML::Node map = YAML::Load("{a: b}");
    bool flag = true;
    std::string text = "text";
    std::vector<std::string> texts{"a", "b"};
    std::chrono::milliseconds length = 5s;
    reader.read(map["c"], "c", flag);
    reader.read(map["c"], "c", text);
    reader.read(map["c"], "c", texts);
    reader.read(map["c"], "c", length);
    EXPECT_TRUE(flag);
    EXPECT_EQ(text, "text");
    EXPECT_EQ(texts, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(length, 5s);
    EXPECT_TRUE(reader.mistakes().empty());
}

TEST(YamlReader, AMistakesPlaceMayBeInsideAText) {
    YamlReader reader("f");
    const YAML::Node map = YAML::Load("a: plain\nb: \"quoted\"\n");
    reader.complain(map["a"], "x", 3);
    reader.complain(map["b"], "x", 3);
    reader.complain(map["b"], "x");
    EXPECT_EQ(reader.mistakes(), (std::vector<std::string>{"f:1:7: x", "f:2:8: x", "f:2:4: x"}));
}

TEST(YamlReader, AMapsKeysAreChecked) {
    constexpr std::array<std::string_view, 2> keys{"alpha", "beta"};
    YamlReader reader("f");
    EXPECT_TRUE(reader.check_map(YAML::Load("{alpha: 1, beta: 2}"), "m", keys));
    EXPECT_TRUE(reader.check_map(YAML::Load("{}"), "m", keys));
    EXPECT_TRUE(reader.mistakes().empty());
    EXPECT_TRUE(reader.check_map(YAML::Load("{alpa: 1}"), "m", keys));
    EXPECT_FALSE(reader.check_map(YAML::Load("alpha"), "m", keys));
    EXPECT_EQ(reader.mistakes(),
              (std::vector<std::string>{
                  R"(f:1:2: unknown key "alpa" in m; did you mean "alpha"?)",
                  R"(f:1:1: m must be a map, but is "alpha"; its keys are alpha, beta)"}));
}

}  // namespace
}  // namespace runs_agent::config
