// SPDX-License-Identifier: MIT
#include "execute/perform.hpp"

#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

#include <array>

namespace runs_agent::execute {
namespace {

using store::Call;
using tests::answer;
using tests::ScriptedTransport;

constexpr const char* base = "http://api.test/v1";
constexpr const char* cancelled =
    R"({"status":"OK","data":{"runId":"4f2a","actor":"api:k","canceledAt":"x","reason":"apiRequest"}})";

Call cancel_call() {
    Call call;
    call.planned.operation = decide::Operation::cancel_ci;
    call.planned.run = {"github.com", 10'000'000'001};
    call.planned.attempt = 2;
    call.planned.project_id = "p1";
    call.planned.ci_build_id = "octo/demo-1-2";
    return call;
}

class PerformTest : public testing::Test {
protected:
    void script(ScriptedTransport::Script script) {
        transport_.emplace(std::move(script));
        api_.emplace(*transport_, clock_, base, [] { return Result<std::string>("sk-4711"); });
        performer_.emplace(*api_, github_);
    }
    Performed perform(const Call& call) { return tests::run(performer_->perform(call)); }

    tests::ManualClock clock_;
    std::optional<ScriptedTransport> transport_;
    std::optional<runs_api::RunsApiClient> api_;
    tests::QuietGitHub github_;
    std::optional<Performer> performer_;
};

TEST_F(PerformTest, CancelsByRunIdAndAttempt) {
    script([](const auto&) { return answer(200, cancelled); });
    const Performed performed = perform(cancel_call());
    EXPECT_EQ(performed.reply.status, 200);
    EXPECT_EQ(performed.reply.run_id, "4f2a");
    ASSERT_EQ(transport_->requests.size(), 1U);
    EXPECT_EQ(transport_->asked(0), "PUT /v1/runs/cancel-ci/github");
    EXPECT_EQ(transport_->requests[0].body,
              R"({"githubRunId":"10000000001","githubRunAttempt":2,"projectId":"p1"})");
}

TEST_F(PerformTest, On400TheOtherTypeOfAttemptIsTriedAndRemembered) {
    script([](const net::HttpRequest& request) {
        const bool string = request.body.find(R"("githubRunAttempt":"2")") != std::string::npos;
        return string ? answer(200, cancelled) : answer(400, R"({"error":"must be a string"})");
    });
    const Performed first = perform(cancel_call());
    EXPECT_EQ(first.reply.status, 200);
    EXPECT_EQ(transport_->requests.size(), 2U);
    EXPECT_NE(first.log.find("400 must be a string; with the attempt as a string: 200"),
              std::string::npos)
        << first.log;
    perform(cancel_call());
    EXPECT_EQ(transport_->requests.size(), 3U);  // the string at once
}

TEST_F(PerformTest, On400OfBothTypesItStaysWithTheDocumentedOne) {
    script([](const auto&) { return answer(400, R"({"error":"bad projectId"})"); });
    EXPECT_EQ(perform(cancel_call()).reply.status, 400);
    perform(cancel_call());
    ASSERT_EQ(transport_->requests.size(), 4U);
    EXPECT_NE(transport_->requests[2].body.find(R"("githubRunAttempt":2)"), std::string::npos);
}

TEST_F(PerformTest, ALostConnectionIsAFailureNotAnAnswer) {
    script([](const auto&) -> Result<net::HttpResponse> {
        return fail(Errc::network, "connection refused");
    });
    const Performed performed = perform(cancel_call());
    EXPECT_EQ(performed.reply.kind, Reply::Kind::failed);
    EXPECT_EQ(performed.reply.text, "connection refused");
}

struct Guarded {
    const char* state;
    Reply::Kind kind;
    std::size_t requests;
};

TEST_F(PerformTest, AGuardedCallLooksFirstAndSparesWhatHasEnded) {
    for (const Guarded& row : {Guarded{"IN_PROGRESS", Reply::Kind::answered, 2},
                               Guarded{"COMPLETE", Reply::Kind::nothing_to_do, 1},
                               Guarded{"CANCELED", Reply::Kind::nothing_to_do, 1},
                               Guarded{"TIMEOUT", Reply::Kind::nothing_to_do, 1},
                               Guarded{"SOMETHING_NEW", Reply::Kind::nothing_to_do, 1}}) {
        script([&row](const net::HttpRequest& request) {
            if (request.method == "PUT") return answer(200, cancelled);
            return answer(200, std::string(R"({"status":"OK","data":{"runId":"4f2a",)") +
                                   R"("completionState":")" + row.state + "\"}}");
        });
        Call call = cancel_call();
        call.planned.only_if_in_progress = true;
        const Performed performed = perform(call);
        EXPECT_EQ(performed.reply.kind, row.kind) << row.state;
        EXPECT_EQ(transport_->requests.size(), row.requests) << row.state;
        EXPECT_NE(transport_->asked(0).find("ciBuildId=octo%2Fdemo-1-2"), std::string::npos);
    }
}

TEST_F(PerformTest, AGuardedCallFindsARunThatOnlyTheListKnows) {
    script([](const net::HttpRequest& request) {
        if (request.method == "PUT") return answer(200, cancelled);
        if (request.target.find("/runs/find") != std::string::npos)
            return answer(404, R"({"status":"FAILED","error":"Run not found"})");
        return answer(200, R"({"status":"OK","has_more":false,"data":[
            {"runId":"other","completionState":"IN_PROGRESS","meta":{"ciBuildId":"octo/demo-1-1"}},
            {"runId":"4f2a","completionState":"IN_PROGRESS","meta":{"ciBuildId":"octo/demo-1-2"}}]})");
    });
    Call call = cancel_call();
    call.planned.only_if_in_progress = true;
    const Performed performed = perform(call);
    EXPECT_EQ(performed.reply.status, 200) << performed.log;
    EXPECT_NE(performed.log.find("run 4f2a is IN_PROGRESS"), std::string::npos) << performed.log;
    EXPECT_EQ(transport_->requests.size(), 3U);
}

TEST_F(PerformTest, WithoutAProjectAllProjectsAreAsked) {
    script([](const net::HttpRequest& request) {
        if (request.method == "PUT") return answer(200, cancelled);
        if (request.target.find("/runs/find") != std::string::npos &&
            request.target.find("projectId=p2") != std::string::npos)
            return answer(
                200, R"({"status":"OK","data":{"runId":"4f2a","completionState":"IN_PROGRESS"}})");
        if (request.target.find("/runs") != std::string::npos)
            return answer(404, R"({"status":"FAILED","error":"Run not found"})");
        return answer(200, R"({"status":"OK","data":[{"projectId":"p1"},{"projectId":"p2"}]})");
    });
    Call call = cancel_call();
    call.planned.project_id.clear();
    call.planned.only_if_in_progress = true;
    const Performed performed = perform(call);
    EXPECT_EQ(performed.reply.status, 200) << performed.log;
    EXPECT_NE(transport_->requests.back().body.find(R"("projectId":"p2")"), std::string::npos);
}

TEST_F(PerformTest, AGuardedCallThatFindsNothingIsNotFound) {
    script([](const auto&) { return answer(404, R"({"error":"Run not found"})"); });
    Call call = cancel_call();
    call.planned.only_if_in_progress = true;
    const Performed performed = perform(call);
    EXPECT_EQ(performed.reply.kind, Reply::Kind::answered);
    EXPECT_EQ(performed.reply.status, 404);
}

TEST_F(PerformTest, AGuardedCallThatCannotLookDoesNotGuess) {
    script([](const auto&) { return answer(503); });
    Call call = cancel_call();
    call.planned.only_if_in_progress = true;
    EXPECT_EQ(perform(call).reply.status, 503);
    EXPECT_EQ(transport_->requests.size(), 1U);
}

Call careful_call() {
    Call call = cancel_call();
    call.planned.project_id.clear();
    call.planned.only_if_in_progress = true;
    return call;
}

std::string run_in(const std::string& state) {
    return R"({"status":"OK","data":{"runId":"4f2a","completionState":")" + state + "\"}}";
}

TEST_F(PerformTest, WithoutAProjectTheRunIsCancelledInEveryOneThatHoldsIt) {
    script([](const net::HttpRequest& request) {
        if (request.target.ends_with("/projects"))
            return answer(200,
                          R"({"data":[{"projectId":"a"},{"projectId":"b"},{"projectId":"c"}]})");
        if (request.target.find("projectId=a") != std::string::npos)
            return answer(200, run_in("COMPLETE"));
        if (request.method == "GET") return answer(200, run_in("IN_PROGRESS"));
        return answer(200, cancelled);
    });
    const Performed performed = perform(careful_call());
    EXPECT_EQ(performed.reply.status, 200);
    int cancels = 0;
    for (const auto& request : transport_->requests) cancels += request.method == "PUT" ? 1 : 0;
    EXPECT_EQ(cancels, 2) << performed.log;
}

TEST_F(PerformTest, OneProjectsTroubleIsNotLostAmongOthers) {
    script([](const net::HttpRequest& request) {
        if (request.target.ends_with("/projects"))
            return answer(200,
                          R"({"data":[{"projectId":"a"},{"projectId":"b"},{"projectId":"c"}]})");
        if (request.target.find("projectId=b") != std::string::npos) return answer(503);
        if (request.target.find("projectId=a") != std::string::npos)
            return answer(200, run_in("COMPLETE"));
        return answer(404);
    });
    EXPECT_EQ(perform(careful_call()).reply.status, 503);
}

TEST_F(PerformTest, OfSeveralTroublesTheOneThatPassesDecides) {
    // A project that is down now must still be asked when another one's answer is final or waits
    // for a key, and a key is waited for before a call is given up.
    const auto with = [this](int first, int second) {
        script([=](const net::HttpRequest& request) {
            if (request.target.ends_with("/projects"))
                return answer(200, R"({"data":[{"projectId":"a"},{"projectId":"b"}]})");
            const bool a = request.target.find("projectId=a") != std::string::npos;
            return answer(a ? first : second, R"({"error":"groupId is wrong"})");
        });
        return perform(careful_call()).reply.status;
    };
    for (const auto& [first, second, decides] :
         {std::array{402, 503, 503}, {403, 503, 503}, {402, 403, 403}, {404, 422, 422}}) {
        EXPECT_EQ(with(first, second), decides) << first << " " << second;
        EXPECT_EQ(with(second, first), decides) << second << " " << first;
    }
}

TEST_F(PerformTest, ACancellationThatNamesNoRunSaysSo) {
    for (const char* const body :
         {R"({"status":"OK","data":null})", R"({"data":{"runId":null}})"}) {
        script([body](const auto&) { return answer(200, body); });
        const Performed performed = perform(cancel_call());
        EXPECT_EQ(performed.reply.run_id, "") << body;
        EXPECT_EQ(performed.log, "PUT /runs/cancel-ci/github: 200 no run is named");
    }
}

TEST_F(PerformTest, AnAnswerThatNamesNoRunCancelsNothing) {
    for (const char* const body :
         {R"({"status":"OK","data":null})", R"({"status":"OK","data":{}})"}) {
        script([body](const net::HttpRequest& request) {
            return request.target.find("/runs/find") != std::string::npos
                       ? answer(200, body)
                       : answer(200, R"({"data":[]})");
        });
        Call call = careful_call();
        call.planned.project_id = "p1";
        EXPECT_EQ(perform(call).reply.status, 404) << body;
    }
}

TEST_F(PerformTest, TheListOfRunsInProgressIsReadToItsEnd) {
    int pages = 0;
    script([&pages](const net::HttpRequest& request) {
        if (request.target.find("/runs/find") != std::string::npos) return answer(404);
        if (request.method == "PUT") return answer(200, cancelled);
        ++pages;
        if (request.target.find("starting_after=7") == std::string::npos)
            return answer(200, R"({"has_more":true,"data":[{"runId":"x","cursor":"7"}]})");
        return answer(200,
                      R"({"has_more":false,"data":[{"runId":"y","cursor":"8",)"
                      R"("completionState":"IN_PROGRESS","meta":{"ciBuildId":"octo/demo-1-2"}}]})");
    });
    Call call = careful_call();
    call.planned.project_id = "p1";
    EXPECT_EQ(perform(call).reply.run_id, "4f2a");
    EXPECT_EQ(pages, 2);
}

TEST_F(PerformTest, AServiceWithoutProjectsIsNoRunsApi) {
    script([](const auto&) { return answer(404); });
    EXPECT_EQ(perform(careful_call()).reply.kind, Reply::Kind::failed);
}

TEST_F(PerformTest, AKeyThatCannotBeSentIsNoFailureOfTheNetwork) {
    script([](const auto&) { return answer(200, cancelled); });
    api_.emplace(*transport_, clock_, base, [] { return Result<std::string>(""); });
    performer_.emplace(*api_, github_);
    EXPECT_EQ(perform(cancel_call()).reply.kind, Reply::Kind::no_key);
    EXPECT_TRUE(transport_->requests.empty());
}

}  // namespace
}  // namespace runs_agent::execute
