// SPDX-License-Identifier: MIT
#include "execute/answer.hpp"

#include <gtest/gtest.h>

namespace runs_agent::execute {
namespace {

using store::Call;
using store::CallState;
using namespace std::chrono_literals;

const Time now(std::chrono::hours(500'000));

Reply answered(int status, std::string text = "") {
    Reply reply;
    reply.status = status;
    reply.text = std::move(text);
    return reply;
}

struct Row {
    Reply reply;
    CallState state;
    const char* outcome;  // a part of it
};

TEST(Answer, TheTableOfMappingRowByRow) {
    Reply done = answered(200);
    done.run_id = "4f2a";
    Reply lost;
    lost.kind = Reply::Kind::failed;
    lost.text = "connection refused";
    Reply ended;
    ended.kind = Reply::Kind::nothing_to_do;
    ended.text = "nothing to cancel: run 4f2a is COMPLETE";
    Reply wrong;
    wrong.kind = Reply::Kind::invalid;
    wrong.text = "a rule is broken";
    std::vector<Row> rows{
        {done, CallState::succeeded, "cancelled run 4f2a"},
        {answered(422, "Run is cancelled"), CallState::succeeded, "already so"},
        {answered(422, "Run already cancelled"), CallState::succeeded, "already so"},
        {answered(422, "groupId must be a string"), CallState::dead, "groupId must be"},
        {answered(404, "Run not found"), CallState::pending, "10 s"},
        {answered(401), CallState::held, "401"},
        {answered(403), CallState::held, "403"},
        {answered(400, "bad"), CallState::dead, "400 bad"},
        {answered(402), CallState::dead, "402"},
        {answered(409), CallState::dead, "409"},
        {answered(301), CallState::dead, "301"},
        {lost, CallState::pending, "connection refused"},
        {ended, CallState::succeeded, "COMPLETE"},
        {wrong, CallState::dead, "a rule is broken"},
    };
    for (const int status : {408, 425, 429, 500, 502, 503, 504})
        rows.push_back({answered(status, "later"), CallState::pending, "later"});
    for (const Row& row : rows) {
        const auto after = judge(Call{}, row.reply, now, 0.5);
        const std::string name = std::to_string(row.reply.status) + " " + row.reply.text;
        EXPECT_EQ(after.state, row.state) << name;
        EXPECT_NE(after.outcome.find(row.outcome), std::string::npos)
            << name << ": " << after.outcome;
        EXPECT_EQ(after.changed, row.reply.status == 200) << name;
        EXPECT_EQ(after.was_not_found, row.reply.status == 404) << name;
    }
}

TEST(Answer, NotFoundIsAskedAgainThreeTimesAndThenNothingToCancel) {
    Call call;
    for (const auto grace : {10s, 60s, 300s}) {
        const auto after = judge(call, answered(404), now, 0.9);
        EXPECT_EQ(after.state, CallState::pending);
        EXPECT_EQ(after.due_at, now + grace);
        ++call.tries;
        ++call.not_found;
    }
    const auto last = judge(call, answered(404), now, 0.9);
    EXPECT_EQ(last.state, CallState::succeeded);
    EXPECT_NE(last.outcome.find("nothing to cancel"), std::string::npos);
    EXPECT_FALSE(last.changed);
}

TEST(Answer, WhereNoRunIsNamedNoneWasCancelled) {
    Call call;
    EXPECT_EQ(judge(call, answered(200), now, 0.5).state, CallState::pending);
    call.not_found = 3;
    const auto after = judge(call, answered(200), now, 0.5);
    EXPECT_NE(after.outcome.find("nothing to cancel"), std::string::npos) << after.outcome;
    EXPECT_FALSE(after.changed);
}

TEST(Answer, BackoffGrowsWithFullJitterUpToItsCap) {
    const RetryPolicy policy;
    EXPECT_EQ(backoff(policy, 0, 0.0), 0ms);
    EXPECT_EQ(backoff(policy, 0, 0.5), 500ms);
    EXPECT_EQ(backoff(policy, 3, 0.5), 4'000ms);
    EXPECT_EQ(backoff(policy, 9, 0.999), 511'488ms);
    EXPECT_EQ(backoff(policy, 10, 0.5), 300'000ms);
    EXPECT_EQ(backoff(policy, 1'000'000, 0.5), 300'000ms);
    EXPECT_EQ(backoff(policy, -5, 0.5), 500ms);
}

TEST(Answer, NotFoundsDoNotLengthenTheBackoff) {
    Call call;
    call.tries = 3;
    call.not_found = 3;
    EXPECT_EQ(judge(call, answered(503), now, 0.5).due_at, now + 500ms);
}

TEST(Answer, RetryAfterIsAFloor) {
    Reply reply = answered(429);
    reply.retry_after = 120s;
    EXPECT_EQ(judge(Call{}, reply, now, 0.0).due_at, now + 120s);
    const auto jittered = judge(Call{}, reply, now, 0.99).due_at;
    EXPECT_GT(jittered, now + 120s);
    EXPECT_LE(jittered, now + 125s);
    Call call;
    call.tries = 20;  // its own back-off would be minutes by now
    EXPECT_LE(judge(call, reply, now, 0.99).due_at, now + 125s);
}

TEST(Answer, AfterADayOfTryingItIsADeadLetter) {
    Call call;
    call.tries = 200;
    call.tried_for = 23h;
    EXPECT_EQ(judge(call, answered(503), now, 0.5).state, CallState::pending);
    call.tried_for = 24h;
    const auto after = judge(call, answered(503, "down"), now, 0.5);
    EXPECT_EQ(after.state, CallState::dead);
    EXPECT_NE(after.outcome.find("24 h"), std::string::npos) << after.outcome;
    EXPECT_NE(after.outcome.find("503 down"), std::string::npos) << after.outcome;
}

TEST(Answer, ADayGoneByIsNoDayOfTrying) {
    Call call;
    call.tries = 1;
    call.first_tried_at = now - 48h;  // the host slept since then
    call.tried_for = 1h;
    EXPECT_EQ(judge(call, answered(503), now, 0.5).state, CallState::pending);
    call.first_tried_at = now + 48h;  // the clock was set back since then
    EXPECT_EQ(judge(call, answered(503), now, 0.5).state, CallState::pending);
}

TEST(Answer, HoweverLongAServiceAsksToWaitItIsAskedWithinAnHour) {
    for (const std::chrono::milliseconds asked : {2h, 24h, 48h, 24h * 365}) {
        for (const int status : {429, 503}) {
            Reply reply = answered(status);
            reply.retry_after = asked;
            const auto after = judge(Call{}, reply, now, 0.5);
            EXPECT_EQ(after.state, CallState::pending) << asked.count();
            EXPECT_GE(after.due_at, now + 1h);
            EXPECT_LE(after.due_at, now + 1h + 5s);
        }
    }
    Call call;
    call.planned.operation = decide::Operation::cancel_workflow;
    Reply limit = answered(403, "rate limit");
    limit.retry_after = 24h;
    EXPECT_LE(judge(call, limit, now, 0.5).due_at, now + 1h + 5s);
}

TEST(Answer, AMistakeOfThisProgramIsPutOffAndThenGivenUp) {
    Reply reply;
    reply.kind = Reply::Kind::broke;
    reply.text = "bad_alloc";
    Call call;
    call.tries = 300;  // of other trouble: that does not count
    std::chrono::milliseconds in_all{0};
    for (reply.broken_in_a_row = 1; reply.broken_in_a_row < 10; ++reply.broken_in_a_row) {
        const auto after = judge(call, reply, now, 0.5);
        EXPECT_EQ(after.state, CallState::pending);
        EXPECT_NE(after.outcome.find("a mistake of this program: bad_alloc"), std::string::npos);
        in_all += after.due_at - now;
    }
    EXPECT_GT(in_all, 5min);
    const auto last = judge(call, reply, now, 0.5);
    EXPECT_EQ(last.state, CallState::dead);
    EXPECT_NE(last.outcome.find("after 10 tries"), std::string::npos) << last.outcome;
    EXPECT_NE(last.outcome.find("replay it"), std::string::npos) << last.outcome;
}

TEST(Answer, AHeldCallSaysHowToMendIt) {
    const auto after = judge(Call{}, answered(403, "read-only"), now, 0.5);
    EXPECT_NE(after.outcome.find("CURRENTS_API_KEY"), std::string::npos);
    EXPECT_NE(after.outcome.find("read-only"), std::string::npos);
}

TEST(Judge, WithoutAKeyTheCallIsHeld) {
    Reply reply;
    reply.kind = Reply::Kind::no_key;
    reply.text = "the file is empty";
    const store::AfterTry after = judge(Call(), reply, Time(), 0.5);
    EXPECT_EQ(after.state, CallState::held);
    EXPECT_NE(after.outcome.find("the file is empty; mend CURRENTS_API_KEY"), std::string::npos);
}

TEST(Judge, EveryTroubleOfTheServiceIsLaterButWhatIsAboutTheRequest) {
    for (const int status : {500, 502, 503, 504, 507, 520, 522, 599}) {
        Reply reply;
        reply.status = status;
        EXPECT_EQ(judge(Call(), reply, Time(), 0.5).state, CallState::pending) << status;
    }
    for (const int status : {501, 505}) {
        Reply reply;
        reply.status = status;
        EXPECT_EQ(judge(Call(), reply, Time(), 0.5).state, CallState::dead) << status;
    }
}

}  // namespace
}  // namespace runs_agent::execute
