// SPDX-License-Identifier: MIT
// No input is asked for before it is known that it is needed: where a fork's job has no secrets,
// or a setting is of no use to the command, the step must not end for it.
#include "agent/action/asked/request.hpp"

#include <gtest/gtest.h>

#include <map>

namespace runs_agent::agent::action {
namespace {

using Variables = std::map<std::string, std::string>;

/// What is wrong with the inputs; empty: nothing.
std::string wrong_with(Variables variables) {
    variables.insert({{"GITHUB_RUN_ID", "1001"},
                      {"GITHUB_RUN_ATTEMPT", "1"},
                      {"GITHUB_REPOSITORY", "octo/shop"}});
    const config::Environment environment(std::move(variables));
    const auto request = read_request(Inputs(environment));
    return request.has_value() ? "" : request.error().message;
}

TEST(NeededInputs, AFirstAttemptThatFindsNothingNeedsNone) {
    const Variables find{{"INPUT_COMMAND", "find"}};
    const Variables useless[] = {
        {},
        {{"INPUT_API-TOKEN", ""}, {"INPUT_PROJECT-ID", ""}},
        {{"CURRENTS_PROJECT_ID", "p1,p2"}},
        {{"INPUT_API-URL", "https:///v1"}},
        {{"CURRENTS_API_URL", "api.example.com"}},
        {{"INPUT_DIRECTOR-URL", "x"}},
        {{"GITHUB_REPOSITORY", ""}, {"GITHUB_RUN_ID", ""}},
        {{"GITHUB_RUN_ATTEMPT", ""}},
        {{"CURRENTS_CI_BUILD_ID", "${{ github.workflow }}"}},
        {{"CURRENTS_CI_BUILD_ID", "1001-attempt1"}},
        {{"INPUT_PREVIOUS-CI-BUILD-ID", "${{ github.workflow }}-<%= 1 - 1 %>"}},
        {{"GITHUB_TOKEN", "t"}, {"GITHUB_API_URL", "x"}},
    };
    for (Variables variables : useless) {
        variables.insert(find.begin(), find.end());
        EXPECT_EQ(wrong_with(variables), "");
        // On a re-run they are needed, and so they are where a run is named.
        variables["GITHUB_RUN_ATTEMPT"] = "2";
        EXPECT_NE(wrong_with(variables), "");
        variables["GITHUB_RUN_ATTEMPT"] = "1";
        variables["INPUT_CI-BUILD-ID"] = "b";
        EXPECT_NE(wrong_with(variables), "");
    }
    // What is wrong on every attempt is told on the first.
    EXPECT_NE(wrong_with({{"INPUT_COMMAND", "find"}, {"INPUT_PREVIOUS-CI-BUILD-ID", "<%= x %>"}}),
              "");
}

// Nothing need be given for what comes to nothing.
TEST(NeededInputs, ARunThatSupersedesNothingNeedsNone) {
    const Variables supersede{{"INPUT_COMMAND", "supersede"}};
    const Variables idle[] = {
        {{"GITHUB_EVENT_NAME", "schedule"}},
        {{"GITHUB_EVENT_NAME", "workflow_dispatch"}, {"GITHUB_REF", "refs/heads/feature"}},
        {{"GITHUB_EVENT_NAME", "merge_group"}},
        {{"GITHUB_EVENT_NAME", "pull_request_target"}},
        {{"GITHUB_EVENT_NAME", "push"}, {"GITHUB_REF", "refs/tags/v1"}},
        {{"GITHUB_EVENT_NAME", "push"}, {"GITHUB_REF", "refs/tags/nightly/2"}},
    };
    const Variables useless[] = {
        {},
        {{"INPUT_API-TOKEN", ""}, {"GITHUB_TOKEN", "t"}, {"GITHUB_API_URL", "x"}},
        {{"CURRENTS_API_URL", "api.example.com"}, {"INPUT_DIRECTOR-URL", "x"}},
        {{"GITHUB_REPOSITORY", ""}},
        {{"CURRENTS_CI_BUILD_ID", "${{ github.workflow }}"}},
    };
    for (const Variables& event : idle)
        for (Variables variables : useless) {
            variables.insert(supersede.begin(), supersede.end());
            variables.insert(event.begin(), event.end());
            EXPECT_EQ(wrong_with(variables), "") << event.begin()->second;
            // The job's own event says nothing of another run.
            variables["INPUT_GITHUB-RUN-ID"] = "77";
            EXPECT_NE(wrong_with(variables), "") << event.begin()->second;
        }
}

TEST(NeededInputs, ARunThatMaySupersedeOthersNeedsAKey) {
    const Variables events[] = {
        {},
        {{"GITHUB_EVENT_NAME", "push"}, {"GITHUB_REF", "refs/heads/feature"}},
        {{"GITHUB_EVENT_NAME", "push"}, {"GITHUB_REF", "refs/heads/refs/tags/v1"}},
        {{"GITHUB_EVENT_NAME", "pull_request"}, {"GITHUB_REF", "refs/pull/7/merge"}},
        {{"GITHUB_EVENT_NAME", "push"}, {"GITHUB_REF", "refs/tags/v1"}, {"INPUT_INCLUDE", "v*"}},
    };
    for (Variables variables : events) {
        variables["INPUT_COMMAND"] = "supersede";
        EXPECT_NE(wrong_with(variables).find("needs an API key"), std::string::npos);
    }
}

TEST(NeededInputs, AReRunWithoutAKeyNamesWhatIsNotTaken) {
    const std::string said = wrong_with({{"INPUT_COMMAND", "find"}, {"GITHUB_RUN_ATTEMPT", "2"}});
    EXPECT_NE(said.find("set api-token (CURRENTS_API_KEY)"), std::string::npos) << said;
    EXPECT_NE(said.find("id-token: write"), std::string::npos) << said;
    const std::string reset = wrong_with({{"INPUT_COMMAND", "reset"}});
    EXPECT_EQ(reset.find("id-token"), std::string::npos) << reset;
}

TEST(NeededInputs, ARunIdNeedsNoBuildIdAndNoAttempt) {
    for (const char* const command : {"cancel", "reset"}) {
        const Variables named{{"INPUT_COMMAND", command},
                              {"CURRENTS_API_KEY", "k"},
                              {"INPUT_RUN-ID", "4f2a"},
                              {"INPUT_MACHINE-ID", "m1"}};
        for (const auto& [name, value] : Variables{{"CURRENTS_CI_BUILD_ID", "${{ github.sha }}"},
                                                   {"INPUT_CI-BUILD-ID", "${{ github.workflow }}"},
                                                   {"INPUT_GITHUB-RUN-ATTEMPT", "0"},
                                                   {"INPUT_DIRECTOR-URL", "x"}}) {
            Variables variables = named;
            variables[name] = value;
            EXPECT_EQ(wrong_with(variables), "") << command << " " << name;
            variables["INPUT_RUN-ID"] = "";
            if (name == "INPUT_DIRECTOR-URL" ||
                (command == std::string("cancel") && name[0] == 'C'))
                continue;  // of no use to a cancellation by GitHub run either
            variables["CURRENTS_PROJECT_ID"] = "p1";
            EXPECT_NE(wrong_with(variables), "") << command << " " << name;
        }
    }
}

TEST(NeededInputs, AnAddressThatIsNotAskedNeedNotBeRight) {
    const Variables by_record_key{{"INPUT_RECORD-KEY", "r"},
                                  {"INPUT_PROJECT-ID", "p1"},
                                  {"INPUT_CI-BUILD-ID", "b"},
                                  {"CURRENTS_API_URL", "x"}};
    EXPECT_NE(wrong_with(by_record_key), "");
    Variables variables = by_record_key;
    variables["INPUT_DIRECTOR-URL"] = "https://director.test";
    EXPECT_EQ(wrong_with(variables), "");
    variables["INPUT_DIRECTOR-URL"] = "x";
    EXPECT_NE(wrong_with(variables), "");
}

TEST(NeededInputs, ABuildIdThatIsUsedMustBeRight) {
    const Variables job{{"CURRENTS_CI_BUILD_ID", "${{ github.sha }}"},
                        {"CURRENTS_PROJECT_ID", "p1"}};
    Variables by_record_key = job;
    by_record_key["CURRENTS_RECORD_KEY"] = "r";
    EXPECT_NE(wrong_with(by_record_key).find("github.sha"), std::string::npos);
    by_record_key["CURRENTS_RUN_ID"] = "4f2a";
    EXPECT_EQ(wrong_with(by_record_key), "");
    Variables by_token = job;
    by_token["INPUT_API-TOKEN"] = "k";
    EXPECT_EQ(wrong_with(by_token), "");
    by_token["INPUT_CI-BUILD-ID"] = "${{ github.sha }}";
    EXPECT_NE(wrong_with(by_token).find("github.sha"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent::action
