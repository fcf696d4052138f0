// SPDX-License-Identifier: MIT
#include "runs_server/notifying/notifier.hpp"

#include "runs_server/setup/schema.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <map>

namespace runs_agent::runs_server {
namespace {

using namespace std::chrono_literals;
using tests::answer;

class NotifierTest : public testing::Test {
protected:
    NotifierTest() {
        sqlite::Database database(file_);
        database.execute(R"sql(
            INSERT INTO projects(id, name, created_at) VALUES('p1', 'shop', 1);
            INSERT INTO hooks(id, project_id, url, headers, events, created_at) VALUES
                ('h1', 'p1', 'https://one.example/?token=s3cret', '{"X-Key":"hush"}', '["RUN_TIMEOUT"]', 0),
                ('h2', 'p1', 'https://two.example/', NULL, '[]', 0);
        )sql");
    }
    ~NotifierTest() override { stop(); }

    /// Its id is "h1 r1 RUN_START".
    void put(const std::string& hook, const std::string& run, const std::string& event) {
        sqlite::Database database(file_);
        database
            .prepare(
                "INSERT INTO outbox(id, hook_id, run_id, event, body, created_at, due_at)"
                " VALUES(?,?,?,?,?,?,?)")
            .bind(hook + " " + run + " " + event)
            .bind(hook)
            .bind(run)
            .bind(event)
            .bind(R"({"event":")" + event + R"("})")
            .bind(clock_.now())
            .bind(clock_.now())
            .run();
    }
    std::int64_t waiting() {
        sqlite::Database database(file_);
        sqlite::Statement row = database.prepare("SELECT count(*) FROM outbox");
        row.step();
        return row.integer(0);
    }

    /// Of the only one that waits.
    Time due() {
        sqlite::Database database(file_);
        sqlite::Statement row = database.prepare("SELECT due_at FROM outbox");
        return row.step() ? row.time(0) : Time();
    }
    bool put_off(std::size_t tries) {
        sqlite::Database database(file_);
        sqlite::Statement row = database.prepare("SELECT 1 FROM outbox WHERE tries = ?");
        return row.bind(static_cast<std::int64_t>(tries)).step();
    }

    void start(NotifierOptions options = {}) {
        options.base_url = "http://fallback/v1";
        notifier_ = std::make_unique<Notifier>(
            context_.get_executor(), worker_, http_, clock_, log_.log(), [] { return 0.0; },
            options);
        notifier_->start();
    }
    void stop() {
        if (!notifier_) return;
        const auto stopping = [this]() -> boost::asio::awaitable<bool> {
            co_await notifier_->stop(20s);
            co_return true;
        };
        tests::run(context_, stopping());
        notifier_.reset();
    }
    bool run_until(const std::function<bool()>& reached) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        context_.restart();
        while (!reached() && std::chrono::steady_clock::now() < end)
            if (context_.run_one_until(std::min(end, std::chrono::steady_clock::now() + 20ms)) == 0)
                context_.restart();
        return reached();
    }
    bool asleep() { return clock_.next() != Time::max(); }
    /// Which deliveries were tried, in their order.
    std::vector<std::string> tried() const {
        std::vector<std::string> ids;
        ids.reserve(http_.requests.size());
        for (const auto& request : http_.requests)
            ids.emplace_back(request.headers.find("x-runs-agent-delivery").value_or(""));
        return ids;
    }
    using Ids = std::vector<std::string>;

    tests::TempDir dir_;
    std::string file_ = dir_.file("api.db");
    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    boost::asio::io_context context_;
    sqlite::Worker worker_{file_, migrations()};
    /// By delivery; what is not here is taken.
    std::map<std::string, Result<net::HttpResponse>> answers_;
    tests::ScriptedTransport http_{[this](const net::HttpRequest& request) {
        const std::string id(request.headers.find("x-runs-agent-delivery").value_or(""));
        const auto found = answers_.find(id);
        return found == answers_.end() ? Result<net::HttpResponse>(answer(204)) : found->second;
    }};
    std::unique_ptr<Notifier> notifier_;
};

TEST_F(NotifierTest, WhatWaitsIsPostedAsTheHookSaysAndIsGoneThen) {
    put("h1", "r1", "RUN_START");
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    ASSERT_EQ(http_.requests.size(), 1U);
    const net::HttpRequest& sent = http_.requests[0];
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.target, "https://one.example/?token=s3cret");
    EXPECT_EQ(sent.body, R"({"event":"RUN_START"})");
    EXPECT_EQ(sent.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(sent.headers.find("X-Key"), "hush");
    EXPECT_EQ(sent.headers.find("x-timestamp"),
              std::to_string(clock_.now().time_since_epoch().count()));
}

TEST_F(NotifierTest, WhatIsNotTakenIsTriedAgainLaterAndLater) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(500));
    start();
    std::chrono::milliseconds pause = 5s;
    for (std::size_t tries = 1; tries <= 12; ++tries) {
        ASSERT_TRUE(run_until([&] { return put_off(tries); })) << tries;
        EXPECT_EQ(http_.requests.size(), 2 * tries - 1);
        EXPECT_EQ(due() - clock_.now(), pause) << tries;
        clock_.advance(pause - 1ms);
        // What is due is sent, and this is not.
        put("h2", "r2", "RUN_START");
        notifier_->wake();
        ASSERT_TRUE(run_until([&] { return waiting() == 1; }));
        EXPECT_EQ(http_.requests.size(), 2 * tries);
        clock_.advance(1ms);
        notifier_->wake();
        pause = std::min<std::chrono::milliseconds>(2 * pause, 1h);
    }
    answers_.clear();
    clock_.advance(1h);
    notifier_->wake();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, AfterThreeDaysItIsGivenUpAndToldOfWithoutASecret) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    answers_.emplace("h1 r1 RUN_START", fail(Errc::timeout, "it took too long"));
    start();
    ASSERT_TRUE(run_until([&] { return !http_.requests.empty() && asleep(); }));
    EXPECT_NE(log_.text().find("hooks.not_delivered"), std::string::npos);
    clock_.advance(72h);
    notifier_->wake();
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h1 r1 RUN_START", "h1 r1 RUN_FINISH"}));
    EXPECT_NE(log_.text().find("hooks.given_up"), std::string::npos);
    EXPECT_NE(log_.text().find("one.example"), std::string::npos);
    EXPECT_EQ(log_.text().find("s3cret"), std::string::npos);
    EXPECT_EQ(log_.text().find("hush"), std::string::npos);
}

TEST_F(NotifierTest, OfAHookAndARunNothingOvertakesWhatCameBefore) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    put("h2", "r1", "RUN_FINISH");
    put("h1", "r2", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(503));
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 2 && asleep(); }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h2 r1 RUN_FINISH", "h1 r2 RUN_START"}));
    answers_.clear();
    clock_.advance(6s);
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    EXPECT_EQ(tried().at(3), "h1 r1 RUN_START");
    EXPECT_EQ(tried().at(4), "h1 r1 RUN_FINISH");
}

TEST_F(NotifierTest, AHookThatDoesNotAnswerLeavesRoomForOthers) {
    for (int i = 0; i < 40; ++i) put("h1", "r" + std::to_string(i), "RUN_START");
    put("h2", "r1", "RUN_START");
    boost::asio::steady_timer silence(context_, boost::asio::steady_timer::time_point::max());
    bool silent = true;
    http_.delay = [&]() -> boost::asio::awaitable<void> {
        if (!silent || http_.requests.back().target.find("one") == std::string::npos) co_return;
        co_await silence.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    };
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 40 && asleep(); }));
    EXPECT_EQ(http_.requests.size(), 5U);  // four of the one that is silent
    silent = false;
    silence.cancel();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, ANewProcessTriesAtOnceWhatWaited) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(302));
    start();
    ASSERT_TRUE(run_until([&] { return !http_.requests.empty() && asleep(); }));
    EXPECT_NE(log_.text().find("redirects are not followed"), std::string::npos);
    stop();
    answers_.clear();
    start();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, AClockThatIsSetBackDelaysNothingForLong) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(500));
    start();
    ASSERT_TRUE(run_until([&] { return !http_.requests.empty() && asleep(); }));
    clock_.step(-24h);
    answers_.clear();
    clock_.advance(31s);
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, ARunTimesOutWithoutARequest) {
    {
        sqlite::Database database(file_);
        database
            .prepare(
                "INSERT INTO runs(seq, id, project_id, ci_build_id, github_run_id,"
                " github_run_attempt, created_at, active_at, branch, commit_json, framework_json,"
                " tags_json, told, changed) VALUES(1, 'r1', 'p1', 'b1', '', 1, ?1, ?1, 'main',"
                " '{}', '{}', '[]', 'IN_PROGRESS', 0)")
            .bind(clock_.now())
            .run();
    }
    start();
    ASSERT_TRUE(run_until([&] { return asleep(); }));
    clock_.advance(30min + 1ms);
    ASSERT_TRUE(run_until([&] { return http_.requests.size() == 1 && waiting() == 0; }));
    EXPECT_NE(http_.requests[0].body.find("RUN_TIMEOUT"), std::string::npos);
    EXPECT_NE(http_.requests[0].body.find("http://fallback/v1/runs/r1"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_server
