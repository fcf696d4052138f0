// SPDX-License-Identifier: MIT
// An Executor with the real store and the real client; the network and the clock are the test's.
#pragma once

#include "execute/executor.hpp"
#include "runs_api/client.hpp"
#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"
#include "tests/temp_dir.hpp"

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <tuple>

namespace runs_agent::execute {

namespace asio = boost::asio;
using decide::Decision;
using decide::PlannedCall;
using decide::WorkflowRun;
using tests::answer;
using namespace std::chrono_literals;

class ExecutorTest : public testing::Test {
protected:
    ExecutorTest()
        : transport_([this](const net::HttpRequest& request) { return script_(request); }),
          api_(transport_, clock_, "http://api.test/v1",
               [this]() -> Result<std::string> {
                   if (key_.empty()) return fail(Errc::io, "the key's file is empty");
                   return key_;
               }),
          log_(clock_, LogLevel::error),
          store_(store::open_sqlite_store(dir_.file("a.db")).value()) {}

    ~ExecutorTest() override {
        if (executor_) stop();
    }

    void start(ExecutorOptions options = {}) {
        running_ = true;
        executor_.emplace(
            context_.get_executor(), *store_, api_, github_, clock_, log_.log(), metrics_,
            [] { return 0.5; }, options);
        asio::co_spawn(context_, executor_->run(),
                       [this](std::exception_ptr) { running_ = false; });
    }

    void stop() {
        executor_->stop();
        until([this] { return !running_; });
        executor_.reset();
    }

    /// Runs until the condition holds; where everybody sleeps, the clock is moved to the next
    /// waker.
    void until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + 50s;
        while (!condition()) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "the condition never came true";
            context_.restart();
            if (context_.run_for(2ms) == 0 && clock_.next() != Time::max() && idle())
                clock_.advance(clock_.next() - clock_.now());
        }
    }

    bool idle() const { return !executor_ || executor_->in_flight() == 0; }

    /// Stores a delivery whose decision is to cancel these attempts of a run.
    void plan(std::int64_t run_id, const std::vector<int>& attempts, bool careful = false) {
        for (const int attempt : attempts) {
            store::NewDelivery delivery;
            delivery.guid = std::to_string(run_id) + "-" + std::to_string(attempt) +
                            (careful ? "-careful" : "");
            delivery.event = "workflow_run";
            delivery.received_at = clock_.now();
            WorkflowRun run;
            run.key = {"github.com", run_id};
            run.attempt = attempt;
            run.repository = "octo/demo";
            delivery.facts = run;
            std::ignore = tests::run(context_, store_->accept(delivery));
        }
        store::Decider decider = [careful, operation = operation_](const decide::Event& event,
                                                                   const decide::Known&) {
            const auto& run = std::get<WorkflowRun>(event);
            PlannedCall call;
            call.run = run.key;
            call.attempt = run.attempt;
            call.operation = operation;
            call.rule = decide::Rule::cancelled;
            call.only_if_in_progress = careful;
            call.project_id = "p1";
            Decision decision;
            decision.rule = decide::Rule::cancelled;
            decision.calls.push_back(call);
            return decision;
        };
        std::ignore = tests::run(context_, store_->decide_next(decider, clock_.now(), 1000));
        if (executor_) executor_->wake();
    }

    store::Backlog backlog() { return *tests::run(context_, store_->backlog()); }
    store::DeliveryDetail show(const std::string& guid) {
        return *tests::run(context_, store_->show(guid));
    }
    bool all_done() {
        const auto left = backlog();
        return left.pending == 0 && left.held == 0;
    }

    asio::io_context context_;
    tests::TempDir dir_;
    tests::ManualClock clock_;
    std::string key_ = "sk-4711";
    decide::Operation operation_ = decide::Operation::cancel_ci;  // what is planned
    Metrics metrics_;
    tests::ScriptedTransport::Script script_ = [](const auto&) {
        return answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    tests::ScriptedTransport transport_;
    runs_api::RunsApiClient api_;
    tests::CapturedLog log_;
    std::unique_ptr<store::Store> store_;
    tests::QuietGitHub github_;
    std::optional<Executor> executor_;
    bool running_ = false;
};

}  // namespace runs_agent::execute
