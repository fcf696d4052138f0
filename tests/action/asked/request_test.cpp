// SPDX-License-Identifier: MIT
#include "agent/action/asked/request.hpp"

#include "agent/action/asked/describe.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Request> read(Variables variables, bool in_job = true) {
    if (in_job)
        variables.insert({{"GITHUB_RUN_ID", "1001"},
                          {"GITHUB_RUN_ATTEMPT", "2"},
                          {"GITHUB_REPOSITORY", "octo/shop"}});
    const config::Environment environment(std::move(variables));
    return read_request(Inputs(environment));
}

Request good(Variables variables) {
    auto request = read(std::move(variables));
    if (request.has_error()) throw std::runtime_error(request.error().message);
    return std::move(*request);
}

std::string wrong(Variables variables, bool in_job = true) {
    const auto request = read(std::move(variables), in_job);
    if (request.has_value()) return "it was taken";
    EXPECT_EQ(request.error().code, Errc::bad_input);
    return request.error().message;
}

TEST(CancelRequest, NeedsNothingButAKey) {
    const Request request = good({{"INPUT_API-TOKEN", "k"}});
    EXPECT_EQ(request.command, Command::cancel);
    EXPECT_EQ(request.cancel_by, CancelBy::github_run);
    EXPECT_EQ(request.api_url, "https://api.currents.dev/v1");
    EXPECT_EQ(request.attempt.github_run_id, "1001");
    EXPECT_EQ(request.attempt.number, 2);
    EXPECT_EQ(request.ci_build_id, "");
    EXPECT_EQ(describe(request), "cancel what GitHub run 1001, attempt 2, recorded");
}

TEST(CancelRequest, InputsGoBeforeTheEnvironment) {
    const Request request =
        good({{"CURRENTS_API_KEY", "job"},
              {"INPUT_API_TOKEN", "given"},
              {"INPUT_GITHUB-RUN-ID", "9"},
              {"INPUT_GITHUB-RUN-ATTEMPT", "3"},
              {"INPUT_API-URL", "http://127.0.0.1:1/v1"},
              {"CURRENTS_API_URL", "http://127.0.0.1:2/v1"},
              {"INPUT_PROJECT-ID", "p1"},
              {"CURRENTS_PROJECT_ID", "p2"},
              {"INPUT_CI-BUILD-ID", "${{ github.run_id }}-${{ github.run_attempt }}"}});
    EXPECT_EQ(request.api_key, "given");
    EXPECT_EQ(request.api_url, "http://127.0.0.1:1/v1");
    EXPECT_EQ(describe(request),
              "cancel what GitHub run 9, attempt 3, recorded in project p1 as build 9-3");
}

TEST(CancelRequest, ARunIdWins) {
    const Request request = good({{"CURRENTS_API_KEY", "k"}, {"INPUT_RUN-ID", "4f2a"}});
    EXPECT_EQ(request.cancel_by, CancelBy::run_id);
    EXPECT_EQ(run_url(request, "4f2a"), "https://app.currents.dev/run/4f2a");
    EXPECT_EQ(good({{"CURRENTS_API_KEY", "k"}, {"CURRENTS_RUN_ID", "4f2a"}}).run_id, "4f2a");
}

TEST(CancelRequest, WhatTheJobSaysOfItsOwnRunIsNotSentForAnother) {
    const Variables job{
        {"CURRENTS_API_KEY", "k"}, {"CURRENTS_CI_BUILD_ID", "own"}, {"CURRENTS_RUN_ID", "4f2a"}};
    const auto with = [&](Variables more) {
        more.insert(job.begin(), job.end());
        return good(more);
    };
    EXPECT_EQ(with({}).cancel_by, CancelBy::run_id);
    EXPECT_EQ(with({{"INPUT_GITHUB-RUN-ID", "1001"}}).cancel_by, CancelBy::run_id);
    EXPECT_EQ(with({{"INPUT_GITHUB-RUN-ID", "9"}}).cancel_by, CancelBy::github_run);
    EXPECT_EQ(with({{"INPUT_GITHUB-RUN-ATTEMPT", "1"}}).cancel_by, CancelBy::github_run);
    EXPECT_EQ(with({{"INPUT_GITHUB-RUN-ID", "9"}, {"INPUT_RUN-ID", "x"}}).run_id, "x");
    // As the official action: only an input narrows by build id.
    EXPECT_EQ(with({{"INPUT_GITHUB-RUN-ID", "9"}}).ci_build_id, "");
    EXPECT_EQ(good({{"CURRENTS_API_KEY", "k"}, {"CURRENTS_CI_BUILD_ID", "own"}}).ci_build_id, "");
}

TEST(CancelRequest, ATokenThatIsAnInputGoesWithInputsAlone) {
    // As in the official action: what the job says of its own run narrows nothing.
    const Variables job{{"CURRENTS_API_KEY", "k"},
                        {"CURRENTS_RECORD_KEY", "r"},
                        {"CURRENTS_RUN_ID", "4f2a"},
                        {"CURRENTS_PROJECT_ID", "p1"},
                        {"CURRENTS_CI_BUILD_ID", "own"}};
    for (const char* const name : {"INPUT_API-TOKEN", "INPUT_API-KEY"}) {
        Variables variables = job;
        variables[name] = "given";
        EXPECT_EQ(good(variables).api_key, "given");
        EXPECT_EQ(describe(good(variables)), "cancel what GitHub run 1001, attempt 2, recorded");
        EXPECT_TRUE(good(variables).project_ids.empty());
        variables.insert({{"INPUT_PROJECT-ID", "p2"}, {"INPUT_CI-BUILD-ID", "b"}});
        EXPECT_EQ(describe(good(variables)),
                  "cancel what GitHub run 1001, attempt 2, recorded in project p2 as build b");
        variables["INPUT_RUN-ID"] = "77";
        EXPECT_EQ(good(variables).cancel_by, CancelBy::run_id);
        EXPECT_EQ(good(variables).run_id, "77");
    }
}

TEST(CancelRequest, ProjectsAreAList) {
    const Request request =
        good({{"CURRENTS_API_KEY", "k"}, {"CURRENTS_PROJECT_ID", "p1, p2,p1,"}});
    EXPECT_EQ(request.project_ids, (std::vector<std::string>{"p1", "p2"}));
    EXPECT_EQ(request.project_id, "");
    EXPECT_EQ(describe(request),
              "cancel what GitHub run 1001, attempt 2, recorded in projects p1, p2");
    const Variables two{{"CURRENTS_PROJECT_ID", "p1,p2"}, {"CURRENTS_RECORD_KEY", "r"}};
    EXPECT_NE(wrong(two).find("belongs to one project"), std::string::npos);
    Variables find = two;
    find.insert({{"INPUT_COMMAND", "find"}, {"CURRENTS_API_KEY", "k"}});
    EXPECT_NE(wrong(find).find("asks one project, and there are several: projects p1, p2"),
              std::string::npos);
    find["INPUT_PROJECT-ID"] = "p2";
    EXPECT_EQ(good(find).project_id, "p2");
}

TEST(CancelRequest, TheRecordKeyIsUsedWhereItIsTheOnlyOneOrWasGiven) {
    const Variables project{{"CURRENTS_PROJECT_ID", "p1"}, {"INPUT_CI-BUILD-ID", "b"}};
    const auto route = [&](Variables keys) {
        keys.insert(project.begin(), project.end());
        return good(keys).cancel_by;
    };
    EXPECT_EQ(route({{"CURRENTS_RECORD_KEY", "r"}}), CancelBy::record_key);
    EXPECT_EQ(route({{"CURRENTS_RECORD_KEY", "r"}, {"CURRENTS_API_KEY", "k"}}),
              CancelBy::record_key);
    EXPECT_EQ(route({{"CURRENTS_RECORD_KEY", "r"}, {"INPUT_API-TOKEN", "k"}}),
              CancelBy::github_run);
    EXPECT_EQ(route({{"INPUT_RECORD-KEY", "r"}, {"CURRENTS_API_KEY", "k"}}), CancelBy::record_key);
    EXPECT_EQ(route({{"INPUT_RECORD-KEY", "r"}, {"INPUT_API-TOKEN", "k"}}), CancelBy::record_key);
    // It does not do without a project or a run.
    EXPECT_EQ(good({{"INPUT_RECORD-KEY", "r"}, {"INPUT_API-TOKEN", "k"}}).cancel_by,
              CancelBy::github_run);
}

TEST(CancelRequest, OfTwoKeysOfTheJobTheRecordKeyIsUsedWhereItKnowsTheRun) {
    const Variables keys{{"CURRENTS_RECORD_KEY", "r"}, {"CURRENTS_API_KEY", "read-only"}};
    const auto route = [&](Variables more) {
        more.insert(keys.begin(), keys.end());
        return good(more).cancel_by;
    };
    const auto with_project = [&](Variables more) {
        more.insert({"CURRENTS_PROJECT_ID", "p1"});
        return route(more);
    };
    EXPECT_EQ(with_project({{"CURRENTS_CI_BUILD_ID", "own"}}), CancelBy::record_key);
    EXPECT_EQ(with_project({{"CURRENTS_RUN_ID", "4f2a"}}), CancelBy::record_key);
    EXPECT_EQ(with_project({{"INPUT_CI-BUILD-ID", "b"}, {"INPUT_GITHUB-RUN-ID", "9"}}),
              CancelBy::record_key);
    // A default build id is only a guess, and what the job says of its own run is not of another.
    EXPECT_EQ(with_project({}), CancelBy::github_run);
    EXPECT_EQ(with_project({{"CURRENTS_CI_BUILD_ID", "own"}, {"INPUT_GITHUB-RUN-ID", "9"}}),
              CancelBy::github_run);
    EXPECT_EQ(route({{"CURRENTS_CI_BUILD_ID", "own"}}), CancelBy::github_run);
    EXPECT_EQ(route({{"CURRENTS_CI_BUILD_ID", "own"}, {"CURRENTS_PROJECT_ID", "p1,p2"}}),
              CancelBy::github_run);
    EXPECT_EQ(with_project({{"CURRENTS_CI_BUILD_ID", "own"}, {"INPUT_API-TOKEN", "k"}}),
              CancelBy::github_run);
}

TEST(CancelRequest, ARecordKeyFindsTheDefaultBuildId) {
    const Request request = good({{"CURRENTS_RECORD_KEY", "r"}, {"CURRENTS_PROJECT_ID", "p1"}});
    EXPECT_EQ(request.ci_build_id, "octo/shop-1001-2");
    EXPECT_TRUE(request.guessed_build_id);
    EXPECT_EQ(request.director_url, "https://cy.currents.dev/v1");
    EXPECT_EQ(describe(request), "cancel build octo/shop-1001-2 of project p1");
}

TEST(CancelRequest, SaysWhatIsMissing) {
    EXPECT_NE(wrong({}).find("api-token (CURRENTS_API_KEY)"), std::string::npos);
    EXPECT_NE(wrong({{"INPUT_RECORD-KEY", "r"}}).find("project-id"), std::string::npos);
    EXPECT_NE(wrong({{"INPUT_API-TOKEN", "k"}}, false).find("github-run-id"), std::string::npos);
    EXPECT_NE(
        wrong({{"INPUT_RECORD-KEY", "r"}, {"INPUT_PROJECT-ID", "p"}}, false).find("ci-build-id"),
        std::string::npos);
    for (const char* const attempt : {"0", "-1", "two", "2x", "99999999999999999999"})
        EXPECT_NE(wrong({{"INPUT_API-TOKEN", "k"}, {"INPUT_GITHUB-RUN-ATTEMPT", attempt}})
                      .find("github-run-attempt"),
                  std::string::npos);
    EXPECT_NE(wrong({{"INPUT_API-TOKEN", "k"}, {"INPUT_API-URL", "ftp://x"}}).find("api-url"),
              std::string::npos);
}

TEST(OtherCommands, AreKnownOrSaidNotToBe) {
    EXPECT_NE(wrong({{"INPUT_COMMAND", "delete"}}).find("cancel, reset, find or supersede"),
              std::string::npos);
}

TEST(SupersedeRequest, ReadsItsInputs) {
    Variables least{
        {"INPUT_COMMAND", "supersede"}, {"CURRENTS_API_KEY", "k"}, {"GITHUB_TOKEN", "job"}};
    Request request = good(least);
    EXPECT_EQ(request.github_token, "job");
    EXPECT_EQ(request.github_api_url, "https://api.github.com");
    EXPECT_EQ(request.github_run_id, 1001);
    EXPECT_EQ(request.repository, "octo/shop");
    EXPECT_FALSE(request.cancel_workflow);
    EXPECT_TRUE(request.include.empty());
    EXPECT_EQ(describe(request),
              "cancel what the runs before GitHub run 1001 of octo/shop recorded");
    least.insert({{"INPUT_GITHUB-TOKEN", "given"},
                  {"INPUT_CANCEL-WORKFLOW", "true"},
                  {"INPUT_INCLUDE", "main\nrelease/*"},
                  {"GITHUB_API_URL", "https://ghes.test/api/v3"},
                  {"CURRENTS_PROJECT_ID", "p1"},
                  {"CURRENTS_CI_BUILD_ID", "b-1001-2"},
                  {"CURRENTS_RUN_ID", "of this job"}});
    request = good(least);
    EXPECT_EQ(request.github_token, "given");
    EXPECT_TRUE(request.cancel_workflow);
    EXPECT_EQ(request.include, (std::vector<std::string>{"main", "release/*"}));
    EXPECT_EQ(request.github_api_url, "https://ghes.test/api/v3");
    EXPECT_EQ(request.ci_build_id, "b-1001-2");
    EXPECT_EQ(request.run_id, "");
    EXPECT_EQ(
        describe(request),
        "cancel what the runs before GitHub run 1001 of octo/shop recorded in project p1, and "
        "these runs themselves");
}

TEST(SupersedeRequest, SaysWhatIsMissing) {
    const auto said = [](Variables more) {
        more.insert(
            {{"INPUT_COMMAND", "supersede"}, {"CURRENTS_API_KEY", "k"}, {"GITHUB_TOKEN", "t"}});
        return wrong(more);
    };
    EXPECT_NE(said({{"CURRENTS_API_KEY", ""}}).find("needs an API key"), std::string::npos);
    const std::string token = said({{"GITHUB_TOKEN", ""}});
    EXPECT_NE(token.find("github-token"), std::string::npos);
    EXPECT_NE(token.find("actions: read"), std::string::npos);
    EXPECT_NE(said({{"GITHUB_RUN_ID", "x"}}).find("decimal number"), std::string::npos);
    EXPECT_NE(said({{"GITHUB_REPOSITORY", "shop"}}).find("GITHUB_REPOSITORY"), std::string::npos);
    EXPECT_NE(said({{"GITHUB_API_URL", "https://github.com"}}).find("GITHUB_API_URL"),
              std::string::npos);
    EXPECT_NE(said({{"INPUT_CANCEL-WORKFLOW", "yes"}}).find("cancel-workflow is \"yes\""),
              std::string::npos);
    EXPECT_NE(said({{"INPUT_RUN-ID", "4f2a"}}).find("takes no run-id"), std::string::npos);
    EXPECT_NE(said({{"INPUT_CI-BUILD-ID", "${{ github.sha }}"}}).find("github.sha"),
              std::string::npos);
}

TEST(FindRequest, IsForThePreviousAttempt) {
    const Variables find{
        {"INPUT_COMMAND", "find"}, {"INPUT_API-TOKEN", "k"}, {"INPUT_PROJECT-ID", "p"}};
    const auto build_id = [&](Variables more) {
        more.insert(find.begin(), find.end());
        return good(more).ci_build_id;
    };
    EXPECT_EQ(build_id({}), "octo/shop-1001-1");
    EXPECT_EQ(build_id({{"GITHUB_RUN_ATTEMPT", "1"}}), "");  // there is none to be asked for
    EXPECT_EQ(build_id({{"CURRENTS_CI_BUILD_ID", "b-1001-2"}}), "b-1001-1");
    EXPECT_EQ(build_id({{"CURRENTS_CI_BUILD_ID", "b-${{ github.run_attempt }}"}}), "b-1");
    EXPECT_EQ(build_id({{"CURRENTS_CI_BUILD_ID", "shared"}}), "shared");
    EXPECT_EQ(build_id({{"INPUT_CI-BUILD-ID", "b-1001-2"}}), "b-1001-2");
    EXPECT_EQ(build_id({{"INPUT_PREVIOUS-CI-BUILD-ID", "before"}}), "before");
    EXPECT_EQ(build_id({{"INPUT_BRANCH", "main"}, {"CURRENTS_CI_BUILD_ID", "x"}}), "");
    EXPECT_EQ(build_id({{"CURRENTS_CI_BUILD_ID", "1001_2-e2e"}}), "1001_1-e2e");
    EXPECT_EQ(
        build_id({{"CURRENTS_CI_BUILD_ID", "${{ github.run_id }}-${{ github.run_attempt }}-2"}}),
        "1001-1-2");
}

TEST(FindRequest, TheAttemptBeforeMayBeASum) {
    Variables find{
        {"INPUT_COMMAND", "find"}, {"CURRENTS_API_KEY", "k"}, {"CURRENTS_PROJECT_ID", "p"}};
    for (const char* const name : {"INPUT_PREVIOUS-CI-BUILD-ID", "INPUT_CI-BUILD-ID"}) {
        Variables variables = find;
        variables[name] = "currents-1001-<%= 2 - 1 %>";
        EXPECT_EQ(good(variables).ci_build_id, "currents-1001-1");
        variables[name] = "currents-<%= process.env.X %>";
        EXPECT_NE(wrong(variables).find("whole numbers"), std::string::npos);
    }
    // The reporters take the variable as it is, and so do other commands their input.
    find["CURRENTS_CI_BUILD_ID"] = "<%= 1 %>";
    EXPECT_EQ(good(find).ci_build_id, "<%= 1 %>");
    EXPECT_EQ(good({{"INPUT_API-TOKEN", "k"}, {"INPUT_CI-BUILD-ID", "<%= 1 %>"}}).ci_build_id,
              "<%= 1 %>");
}

TEST(FindRequest, ABuildIdWhoseAttemptIsUnclearIsAskedFor) {
    const Variables find{{"INPUT_COMMAND", "find"},
                         {"CURRENTS_API_KEY", "k"},
                         {"CURRENTS_PROJECT_ID", "p"},
                         {"CURRENTS_CI_BUILD_ID", "2-of-1001"}};
    EXPECT_NE(wrong(find).find("set previous-ci-build-id"), std::string::npos);
    Variables said = find;
    said["INPUT_PREVIOUS-CI-BUILD-ID"] = "1-of-1001";
    EXPECT_EQ(good(said).ci_build_id, "1-of-1001");
}

TEST(FindRequest, ReadsItsInputs) {
    Variables find{
        {"INPUT_COMMAND", "find"}, {"CURRENTS_API_KEY", "k"}, {"CURRENTS_PROJECT_ID", "p"}};
    EXPECT_EQ(good(find).output, "test-results/.last-run.json");
    EXPECT_TRUE(good(find).pw_last_run);
    find.insert({{"INPUT_BRANCH", "release/*"},
                 {"INPUT_TAG", "a, b"},
                 {"INPUT_PW-LAST-RUN", "false"},
                 {"INPUT_PW-OUTPUT-DIR", "out"},
                 {"CURRENTS_RUN_ID", "ignored"}});
    EXPECT_EQ(good(find).output, "out/.last-run.json");
    EXPECT_FALSE(good(find).pw_last_run);
    EXPECT_EQ(describe(good(find)),
              "find the newest run of project p on branch release/* with a, b");
    find["INPUT_OUTPUT"] = "x.json";
    EXPECT_EQ(good(find).output, "x.json");
    find["INPUT_PW-LAST-RUN"] = "yes";
    EXPECT_NE(wrong(find).find("true or false"), std::string::npos);
    find["INPUT_PW-LAST-RUN"] = "true";
    find["INPUT_RUN-ID"] = "4f2a";
    EXPECT_NE(wrong(find).find("no run-id"), std::string::npos);
}

TEST(FindRequest, SaysWhatIsMissing) {
    EXPECT_NE(wrong({{"INPUT_COMMAND", "find"}, {"CURRENTS_RECORD_KEY", "r"}}).find("API key"),
              std::string::npos);
    EXPECT_NE(wrong({{"INPUT_COMMAND", "find"}, {"CURRENTS_API_KEY", "k"}}).find("project-id"),
              std::string::npos);
}

TEST(ResetRequest, NamesARunAndPerhapsMachines) {
    const Variables key{{"INPUT_COMMAND", "reset"}, {"CURRENTS_API_KEY", "k"}};
    Variables by_id = key;
    by_id.insert({{"INPUT_RUN-ID", "4f2a"}, {"INPUT_MACHINE-ID", "m1\nm2"}});
    EXPECT_EQ(describe(good(by_id)), "reset run 4f2a on machines m1, m2");
    Variables by_build = key;
    by_build.insert({{"CURRENTS_PROJECT_ID", "p"}, {"CURRENTS_CI_BUILD_ID", "x-1001-2"}});
    EXPECT_EQ(
        describe(good(by_build)),
        "reset build x-1001-2 of project p on the machines that hold failed or unfinished specs");
    EXPECT_NE(wrong(key).find("project-id"), std::string::npos);
    // A token helps, but what cannot be asked with it is no mistake.
    by_build.insert({"GITHUB_TOKEN", "t"});
    EXPECT_EQ(good(by_build).github_token, "t");
    by_build.insert({"GITHUB_API_URL", "https://github.com"});
    EXPECT_EQ(good(by_build).github_token, "");
}

}  // namespace
}  // namespace runs_agent::agent::action
