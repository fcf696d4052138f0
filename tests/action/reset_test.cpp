#include "agent/action/judge.hpp"
#include "tests/action/step.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using tests::answer;

constexpr const char* run = R"({"status":"OK","data":{"runId":"4f2a","status":"FAILED","specs":[
    {"machineId":"m1","claimedAt":"x","completedAt":"y","results":{"stats":{"failures":0}}},
    {"machineId":"m2","claimedAt":"x","completedAt":"y","results":{"stats":{"failures":1}}},
    {"machineId":"m3","claimedAt":"x","completedAt":null,"results":null},
    {"machineId":"m2","claimedAt":"x","completedAt":null,"results":null},
    {"machineId":null,"claimedAt":null,"completedAt":null,"results":null}]}})";
constexpr const char* done = R"({"status":"OK","data":{"runId":"4f2a"}})";

Request reset(std::vector<std::string> machines = {}) {
    Request request;
    request.command = Command::reset;
    request.api_key = "sk-4711";
    request.run_id = "4f2a";
    request.machine_ids = std::move(machines);
    return request;
}

bool looks_up(const net::HttpRequest& request) {
    return request.method == "GET";
}

TEST(Reset, TheMachinesThatNeedItAreFound) {
    Step step([](const auto& request) { return answer(200, looks_up(request) ? run : done); });
    const Outcome outcome = step.perform(reset());
    EXPECT_EQ(outcome.ending, Ending::reset);
    EXPECT_EQ(outcome.run_id, "4f2a");
    ASSERT_EQ(step.transport.requests.size(), 2U);
    EXPECT_EQ(step.transport.asked(0), "GET /v1/runs/4f2a");
    EXPECT_EQ(step.transport.asked(1), "PUT /v1/runs/4f2a/reset");
    EXPECT_EQ(step.transport.requests[1].body, R"({"machineId":["m2","m3"]})");
}

TEST(Reset, ARunIsFoundByItsBuildId) {
    Step step([](const auto& request) { return answer(200, looks_up(request) ? run : done); });
    Request request = reset({"m9"});
    request.run_id.clear();
    request.project_id = "p1";
    request.ci_build_id = "b";
    EXPECT_EQ(step.perform(request).ending, Ending::reset);
    EXPECT_EQ(step.transport.asked(0), "GET /v1/runs/find?projectId=p1&ciBuildId=b");
    EXPECT_EQ(step.transport.requests[1].body, R"({"machineId":["m9"]})");
}

TEST(Reset, ACallTakesAtMost63Machines) {
    std::vector<std::string> machines;
    machines.reserve(130);
    for (int i = 0; i < 130; ++i) machines.push_back("m" + std::to_string(i));
    std::vector<std::ptrdiff_t> sizes;
    Step step([&](const net::HttpRequest& request) {
        sizes.push_back(std::count(request.body.begin(), request.body.end(), 'm') - 1);
        return answer(200, done);
    });
    EXPECT_EQ(step.perform(reset(machines)).ending, Ending::reset);
    EXPECT_EQ(sizes, (std::vector<std::ptrdiff_t>{63, 63, 4}));

    int asked = 0;
    Step broken([&](const auto&) { return ++asked == 1 ? answer(200, done) : answer(400); });
    const Outcome outcome = broken.perform(reset(machines));
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_NE(outcome.happened.find("63 of 130 machines were reset"), std::string::npos);
}

TEST(Reset, NothingToDoIsASuccess) {
    Step none([](const auto&) { return answer(404, R"({"error":"Run not found"})"); });
    EXPECT_EQ(none.perform(reset()).ending, Ending::nothing_to_reset);
    EXPECT_EQ(none.perform(reset({"m1"})).ending, Ending::nothing_to_reset);
    Step whole([](const auto&) {
        return answer(200, R"({"data":{"runId":"4f2a","status":"PASSED","specs":[]}})");
    });
    const Outcome outcome = whole.perform(reset());
    EXPECT_EQ(outcome.ending, Ending::nothing_to_reset);
    EXPECT_EQ(outcome.status, "PASSED");
    EXPECT_EQ(whole.transport.requests.size(), 1U);
}

TEST(Reset, ACancelledRunStaysSo) {
    Step step([](const auto&) { return answer(422, R"({"error":"Run is cancelled"})"); });
    const Outcome outcome = step.perform(reset({"m1"}));
    EXPECT_EQ(outcome.failure, Errc::refused);
    EXPECT_NE(outcome.happened.find("cannot be reset"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent::action
