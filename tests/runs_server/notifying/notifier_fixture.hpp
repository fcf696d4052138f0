// SPDX-License-Identifier: MIT
// A Notifier over a database of its own, whose receivers answer what the test says.
#pragma once

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
            context_.get_executor(), worker_, http_, *notifiers_clock_, log_.log(),
            [] { return 0.0; }, options);
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
    /// How often the log has it.
    std::size_t told(const std::string& words) const {
        const std::string text = log_.text();
        std::size_t count = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
            ++count;
        return count;
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
    Clock* notifiers_clock_ = &clock_;
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

}  // namespace runs_agent::runs_server
