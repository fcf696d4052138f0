// SPDX-License-Identifier: MIT
// Made-up recordings: a suite, the machines that run parts of it, and the requests of their
// reporters, in the form of the official ones.
#pragma once

#include "tests/runs_server/recording/recording_check.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::runs_server::tests {

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers everywhere, from any seed.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    int under(int below) {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return static_cast<int>((z ^ (z >> 31U)) % static_cast<std::uint64_t>(below));
    }
    bool percent(int chance) { return under(100) < chance; }

private:
    std::uint64_t state_;
};

/// A part of a spec: what one shard runs of it.
struct Part {
    int spec = 0;
    int number = 0;
    std::vector<RanTest> tests;
};

struct Suite {
    bool by_id = true;  // tests have ids; else titles alone
    std::vector<std::vector<Part>> specs;
};

inline Suite make_suite(Chance& chance) {
    Suite suite;
    suite.by_id = chance.percent(75);
    const bool namesakes = chance.percent(40);
    const bool set_up = chance.percent(20);
    int self = 0;
    suite.specs.resize(static_cast<std::size_t>(chance.under(3)) + 1U);
    for (std::size_t spec = 0; spec < suite.specs.size(); ++spec) {
        const int parts = chance.percent(50) ? 1 : 1 + chance.under(3);
        const int shared = set_up ? ++self : 0;
        for (int number = 0; number < parts; ++number) {
            Part part{static_cast<int>(spec), number, {}};
            const std::string prefix = "s" + std::to_string(spec) + "p" + std::to_string(number);
            const int tests = 1 + chance.under(3);
            for (int n = 0; n < tests; ++n) {
                const int name = namesakes ? chance.under(2) : n;
                part.tests.push_back({++self, prefix + "t" + std::to_string(name), ""});
            }
            if (set_up) part.tests.push_back({shared, "s" + std::to_string(spec) + "setup", ""});
            suite.specs[spec].push_back(part);
        }
    }
    return suite;
}

inline std::string group_of(int spec) {
    return spec == 2 ? "firefox" : "chromium";
}

inline std::string json_of(const RanTest& test, bool by_id) {
    std::string text = R"({"title":[")" + test.name + R"("],"state":")" + test.state + '"';
    if (by_id) text += R"(,"testId":")" + test.name + '"';
    return text + R"(,"attempts":[{"status":")" + test.state + R"("}]})";
}

/// An instance with results. `serial` makes its times its own: no two of a machine's executions
/// have the same.
inline std::string json_of(const RanPart& ran, int serial, bool by_id) {
    std::string tests;
    std::map<std::string, int> count;
    for (const RanTest& test : ran.tests) {
        tests += (tests.empty() ? "" : ",") + json_of(test, by_id);
        ++count[test.state];
    }
    const auto number = [](std::size_t value) { return std::to_string(value); };
    return R"({"spec":")" + spec_name(ran.spec) + R"(","groupId":")" + group_of(ran.spec) +
           R"(","startTime":"2026-01-01T00:00:00.)" + std::to_string(1'000'000 + serial) +
           R"(Z","results":{"stats":{"suites":1,"tests":)" +
           number(ran.tests.size() + static_cast<std::size_t>(ran.unlisted)) + R"(,"passes":)" +
           std::to_string(count["passed"]) + R"(,"failures":)" +
           std::to_string(count["failed"] + ran.unlisted) + R"(,"pending":)" +
           std::to_string(count["pending"]) + R"(,"skipped":)" + std::to_string(count["skipped"]) +
           R"(},"exception":)" + (ran.crashed ? R"({"message":"m"})" : "null") + R"(,"tests":[)" +
           tests + "]}}";
}

inline std::string json_of_claim(int spec) {
    return R"({"spec":")" + spec_name(spec) + R"(","groupId":")" + group_of(spec) + R"("})";
}

/// The full test suite, group by group.
inline std::string json_of(const Suite& suite) {
    std::map<std::string, std::string> groups;
    for (const auto& parts : suite.specs)
        for (const Part& part : parts)
            for (const RanTest& test : part.tests) {
                std::string& tests = groups[group_of(part.spec)];
                if (!tests.empty()) tests += ',';
                tests += R"({"spec":")" + spec_name(part.spec) + '"';
                if (suite.by_id) tests += R"(,"testId":")" + test.name + '"';
                tests += '}';
            }
    std::string text;
    for (const auto& [group, tests] : groups) {
        if (!text.empty()) text += ',';
        text.append(R"({"name":")").append(group).append(R"(","tests":[)").append(tests) += "]}";
    }
    return "[" + text + "]";
}

/// What a reporter sends with one request.
struct Message {
    std::string body;  // without the CI build id
    std::string told;  // for the story
    std::vector<RanPart> results;
    bool announces = false;
    bool delivered = false;
};

/// A machine's reporter: it sends one message after the other, and none after a refusal.
struct Job {
    std::string machine;
    std::vector<Message> messages;  // the next one first
    bool at_work = false;           // it has announced or recorded something
};

}  // namespace runs_agent::runs_server::tests
