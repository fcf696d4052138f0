// SPDX-License-Identifier: MIT
#include "doctor/hook_log.hpp"

#include "expecting.hpp"

#include <algorithm>

namespace runs_agent::doctor {
namespace {

using namespace std::chrono_literals;

const Time now(std::chrono::hours(24 * 1000));

TEST(HookLog, TheLog) {
    LogSeen seen;
    seen.name = "webhook";
    expect(judge_log(seen, now)[0], Verdict::warning, {"nothing"});
    seen.newest = {{now, 202, "workflow_run", ""}};
    expect(judge_log(seen, now)[0], Verdict::ok);
    seen.newest.push_back({now - 1h, 0, "workflow_run", ""});
    expect(judge_log(seen, now)[0], Verdict::warning, {"1 of the newest 2", "no answer"});
    for (const auto& [status, word] : {std::pair{0, "ten seconds"},
                                       {401, "secrets differ"},
                                       {403, "GitHub's addresses"},
                                       {404, "/webhooks/github"},
                                       {413, "client_max_body_size"},
                                       {502, "does not reach"},
                                       {503, "database"},
                                       {500, "answers mean"}}) {
        seen.newest.front().status = status;
        expect(judge_log(seen, now)[0], Verdict::wrong, {"2 of the newest 2 failed", word});
    }
    expect(judge_log(seen, now)[0], Verdict::wrong, {"at 1972-09-27 00:00 UTC"});
    seen.fault = NotGot{404, "Not Found"};
    expect(judge_log(seen, now)[0], Verdict::not_looked_at, {"404", "Missed webhooks"});
    seen.fault = NotGot{502, "Unicorn"};
    expect(judge_log(seen, now)[0], Verdict::not_looked_at, {"later"});
}

TEST(HookLog, WhatFailedAndMayBeMendedSince) {
    const auto judged = [](int status, std::chrono::minutes ago, Findings others) {
        LogSeen seen;
        seen.newest = {{now - ago, status, "workflow_run", ""}};
        others.push_back(judge_log(seen, now)[0]);
        forgive_past(others);
        return others.back();
    };
    const Finding address = ok(Check::address, "it is reached");
    const Findings well{address, ok(Check::way, "it comes through")};
    expect(judged(502, 1min, well), Verdict::warning, {"the way is well now", "redeliver"});
    expect(judged(502, 1min, {address, wrong(Check::way, "a", "b", "c")}), Verdict::wrong);
    expect(judged(502, 1min, {well[1], warning(Check::address, "a", "b", "c")}), Verdict::wrong);
    // Who knows whether GitHub gets as far as we do.
    for (const int status : {0, 403}) {
        expect(judged(status, 1min, well), Verdict::wrong);
        expect(judged(status, 61min, well), Verdict::warning);
    }
    expect(judged(401, 61min, well), Verdict::wrong);
    expect(judged(413, 61min, well), Verdict::wrong);
}

TEST(HookLog, WhatFailedAndWasCaughtUpWithAlarmsNobody) {
    LogSeen seen;
    seen.newest = {{now - 1min, 502, "workflow_run", "", Kept::yes},
                   {now - 1h, 202, "workflow_run", "", Kept::yes}};
    const Finding found = judge_log(seen, now)[0];
    expect(found, Verdict::warning, {"failed: 502", "caught up with it", "nothing of it is lost"});
    EXPECT_EQ(found.cure.find("redeliver"), std::string::npos);
    std::ranges::swap(seen.newest.front().status, seen.newest.back().status);
    expect(judge_log(seen, now)[0], Verdict::ok, {"1 of the newest 2 failed", "caught up"});
    seen.newest.back().kept = Kept::no;
    expect(judge_log(seen, now)[0], Verdict::warning, {"1 of the newest 2 deliveries failed"});
    seen.newest.front() = {now, 502, "workflow_run", "", Kept::yes};
    expect(judge_log(seen, now)[0], Verdict::warning, {"the newest was caught up with"});
    seen.newest.front().kept = Kept::no;
    expect(judge_log(seen, now)[0], Verdict::wrong, {"2 of the newest 2 failed", "redeliver"});
    // Another secret does not go by itself, however well its deliveries are caught up with.
    seen.newest = {{now, 401, "workflow_run", "", Kept::yes}};
    expect(judge_log(seen, now)[0], Verdict::wrong, {"secrets differ"});
}

TEST(HookLog, WhatNothingDependsOnIsNotCaughtUpWith) {
    LogSeen seen;
    seen.newest = {{now - 11min, 502, "workflow_job", "", Kept::no, false, "queued"},
                   {now - 12min, 502, "check_run", "", Kept::no},
                   {now - 13min, 502, "workflow_run", "", Kept::yes}};
    expect(judge_log(seen, now)[0], Verdict::warning, {"caught up with it"});
    seen.newest[0].action = "completed";
    expect(judge_log(seen, now)[0], Verdict::wrong, {"1 of the newest 2 failed"});
    seen.newest[0] = {now - 9min, 502, "check_run", "", Kept::no};  // it may go on
    expect(judge_log(seen, now)[0], Verdict::wrong, {"the newest delivery failed: 502"});
    seen.newest = {{now - 1h, 404, "ping", "", Kept::no}};
    expect(judge_log(seen, now)[0], Verdict::wrong, {"404"});
    seen.newest = {{now - 1h, 404, "check_run", "", Kept::no}};  // there is nothing else
    expect(judge_log(seen, now)[0], Verdict::wrong, {"404"});
}

TEST(HookLog, WhatAnotherTakes) {
    LogSeen seen;
    for (const auto ago : {60min, 120min, 180min})
        seen.newest.push_back({now - ago, 202, "workflow_run", "", Kept::no});
    expect(judge_log(seen, now)[0], Verdict::wrong,
           {"newest three", "1972-09-26 23:00 UTC", "Payload URL"});
    seen.newest[1].kept = Kept::yes;
    expect(judge_log(seen, now)[0], Verdict::warning,
           {"sent at 1972-09-26 23:00 UTC was taken", "not in this database"});
    seen.newest[0].redelivery = seen.newest[2].redelivery = true;
    expect(judge_log(seen, now)[0], Verdict::ok);
    seen.newest = {{now - 60min, 202, "workflow_run", "", Kept::no}};
    expect(judge_log(seen, now)[0], Verdict::warning, {"not in this database"});
    // On its way through a queue, of another clock, or of before the database was made.
    for (const std::chrono::minutes ago : {9min, -5min, std::chrono::minutes(49h)}) {
        seen.newest.front().at = now - ago;
        expect(judge_log(seen, now)[0], Verdict::ok);
    }
    seen.newest.front() = {now - 60min, 202, "workflow_run", ""};  // no store could be asked
    expect(judge_log(seen, now)[0], Verdict::ok);
    seen.newest.front().kept = Kept::no;
    seen.newest.insert(seen.newest.begin(), {now, 502, "workflow_run", ""});
    expect(judge_log(seen, now)[0], Verdict::wrong, {"the newest delivery failed: 502"});
}

TEST(HookLog, ASilentWebhook) {
    LogSeen seen;
    seen.newest = {{now - 5min, 200, "ping", ""}, {now - 2h, 202, "workflow_run", ""}};
    seen.repository = "o/r";
    EXPECT_EQ(judge_log(seen, now).size(), 1U);
    seen.newest_run = now - 2h;
    expect(judge_log(seen, now)[1], Verdict::ok);
    seen.newest_run = now - 5min;  // its delivery may be on its way
    expect(judge_log(seen, now)[1], Verdict::ok);
    seen.newest_run = now - 1h;
    expect(judge_log(seen, now)[1], Verdict::wrong, {"o/r", "installation"});
}

TEST(HookLog, SilenceIsSaidOnlyOfWhatTheLogWouldHold) {
    LogSeen seen;
    seen.repository = "o/r";
    const auto silence = [&seen](std::chrono::minutes ago) {
        seen.newest_run = now - ago;
        return judge_log(seen, now)[1];
    };
    // A quiet repository: GitHub has dropped what it had sent.
    expect(silence(120h), Verdict::not_looked_at, {"some days"});
    expect(silence(49h), Verdict::not_looked_at);
    expect(silence(47h), Verdict::wrong);
    // A page full of other events does not reach back to the run.
    seen.newest = {{now - 1min, 200, "check_run", ""}, {now - 30min, 200, "check_run", ""}};
    seen.whole = false;
    expect(silence(60min), Verdict::not_looked_at, {"do not reach back"});
    seen.newest.push_back({now - 61min, 200, "check_run", ""});
    expect(silence(60min), Verdict::wrong);
    // A webhook that was made after the run.
    seen.newest = {{now - 30min, 200, "ping", ""}};
    seen.whole = true;
    expect(silence(60min), Verdict::not_looked_at);
    seen.newest.clear();
    seen.whole = false;
    expect(silence(60min), Verdict::not_looked_at);
}

}  // namespace
}  // namespace runs_agent::doctor
