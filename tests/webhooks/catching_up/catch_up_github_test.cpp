// SPDX-License-Identifier: MIT
// Catching up, from the fake GitHub through the real HTTP client into a store on disk.
#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/github/github_fixture.hpp"
#include "tests/temp_dir.hpp"
#include "tests/webhooks/example_request.hpp"
#include "webhooks/catching_up/catch_up.hpp"
#include "webhooks/deliveries/incoming.hpp"

namespace runs_agent::webhooks {
namespace {

using namespace std::chrono_literals;

class CatchUpFromGitHub : public github::GitHubTest {
protected:
    void receive(const std::string& guid) {
        Delivery came;
        came.guid = guid;
        came.event = "workflow_run";
        came.host = client_.host();
        came.hook_id = "1";
        came.hook_kind = "repository";
        came.payload = payload(1);
        auto made = make_delivery(std::move(came), clock_.now());
        ASSERT_EQ(*run(store_->accept(std::move(*made))), store::Accepted::stored);
    }

    static std::string payload(std::int64_t run_id) {
        return edited(
            example_payload(),
            {{"workflow_run.id", std::to_string(run_id)},
             {"workflow_run.repository.full_name", R"("octo/shop")"},
             {"repository", R"({"id":1,"full_name":"octo/shop","default_branch":"main"})"}});
    }

    void send(const std::string& guid, int status, std::int64_t run_id) {
        tests::FakeDelivery sent;
        sent.guid = guid;
        sent.status_code = status;
        sent.payload = payload(run_id);
        fake_.add_delivery(hook_, sent);
    }

    CatchUpOutcome look() {
        fake_.forget_requests();
        const CatchUpOutcome outcome = run(catch_up_.look());
        const store::Decider nothing = [](const decide::Event&, const decide::Known&) {
            return decide::Decision();
        };
        EXPECT_TRUE(run(store_->decide_next(nothing, clock_.now(), 1000)).has_value());
        return outcome;
    }

    bool is_stored(const std::string& guid) { return run(store_->unknown_guids({guid}))->empty(); }
    /// What is made up has a time behind its name.
    bool is_made_up(const std::string& beginning) {
        store::DeliveryFilter all;
        all.limit = 1000;
        const auto rows = *run(store_->list(all));
        return std::any_of(rows.begin(), rows.end(), [&](const store::DeliveryRow& row) {
            return row.guid.starts_with(beginning + "-");
        });
    }

    std::size_t asked_for(const std::string& beginning) {
        std::size_t count = 0;
        for (const std::string& asked : fake_.asked()) count += asked.starts_with(beginning);
        return count;
    }

    tests::TempDir dir_;
    tests::CapturedLog log_{clock_};
    Metrics metrics_;
    std::unique_ptr<store::Store> store_ = store::open_sqlite_store(dir_.file("a.db")).value();
    CatchUp catch_up_{
        context_.get_executor(), *store_, client_, clock_, log_.log(), metrics_, [] {}};
};

TEST_F(CatchUpFromGitHub, AfterADayOfflineNothingIsMissing) {
    send("here", 202, 1);
    receive("here");
    ASSERT_FALSE(look().failed);
    constexpr int missed = 250;  // three pages
    for (int i = 0; i < missed; ++i) {
        clock_.advance(5min);
        send("g" + std::to_string(i), i % 3 == 0 ? 0 : 502, 1000 + i);
    }
    send("g7", 202, 1007);  // somebody redelivered it, and another replica has it

    const CatchUpOutcome outcome = look();
    EXPECT_FALSE(outcome.failed) << testing::PrintToString(outcome.errors);
    EXPECT_TRUE(outcome.cut_short);
    EXPECT_EQ(asked_for("GET"), 250U) << "others need the token too";
    clock_.advance(outcome.pause);
    const CatchUpOutcome rest = look();
    EXPECT_TRUE(rest.whole()) << testing::PrintToString(rest.errors);
    EXPECT_EQ(outcome.accepted + rest.accepted, missed - 1);
    EXPECT_LE(asked_for("GET"), 5U) << "only what is left, and what is new in the log";
    for (int i = 0; i < missed; ++i) EXPECT_EQ(is_stored("g" + std::to_string(i)), i != 7) << i;

    clock_.advance(5min);
    EXPECT_EQ(look().found, 0);
    EXPECT_EQ(asked_for("GET /repos/octo/shop/hooks/1/deliveries/"), 0U)
        << "none is asked for again";
    EXPECT_EQ(asked_for("POST"), 0U) << "and none is sent again";
}

TEST_F(CatchUpFromGitHub, ItWaitsAsLongAsGitHubSaysAndGoesOnWhereItStopped) {
    receive("here");
    for (int i = 0; i < 20; ++i) send("g" + std::to_string(i), 0, 1000 + i);
    fake_.access().limit = 11;
    const CatchUpOutcome limited = look();
    EXPECT_TRUE(limited.failed);
    EXPECT_EQ(limited.accepted, 10);
    EXPECT_GT(limited.pause, 5min);
    EXPECT_EQ(asked_for("GET"), 11U) << "nothing is asked for that would be refused";

    clock_.advance(limited.pause);
    fake_.access().limit = 5000;
    fake_.limit_next(1, 90);
    const CatchUpOutcome secondary = look();
    EXPECT_TRUE(secondary.failed);
    EXPECT_EQ(secondary.pause, 90s);

    clock_.advance(secondary.pause);
    EXPECT_EQ(look().accepted, 10);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_stored("g" + std::to_string(i))) << i;
}

TEST_F(CatchUpFromGitHub, WithoutThePermissionForTheLogTheRunsTellWhatWasMissed) {
    fake_.access().tokens["good"].hooks = false;
    receive("here");
    for (std::int64_t id = 2; id <= 230; ++id) {
        tests::FakeRun ended;
        ended.id = id;
        ended.status = "completed";
        ended.conclusion = id % 5 == 0 ? "cancelled" : "success";
        fake_.put_run("octo/shop", ended);
        if (id % 10 != 0) continue;
        ended.attempt = 2;
        ended.status = "in_progress";
        ended.conclusion = "";
        fake_.put_run("octo/shop", ended);
    }
    const CatchUpOutcome outcome = look();
    EXPECT_FALSE(outcome.failed) << testing::PrintToString(outcome.errors);
    EXPECT_EQ(outcome.accepted, 229 + 23);
    EXPECT_TRUE(is_made_up("catch-up-20-1-completed")) << "the end of the attempt before";
    EXPECT_TRUE(is_made_up("catch-up-20-2-in_progress"));
    EXPECT_TRUE(is_made_up("catch-up-5-1-completed"));

    clock_.advance(5min);
    EXPECT_EQ(look().found, 0);
    EXPECT_EQ(asked_for("GET /repos/octo/shop/actions/runs/"), 0U);
}

TEST_F(CatchUpFromGitHub, AnAppReadsItsOwnLog) {
    fake_.add_app("1234");
    fake_.install_app("octo");
    auto app = make_app_credentials();
    github::GitHubClient client(transport_, clock_, fake_.api_url(), app);
    Delivery came;
    came.guid = "here";
    came.event = "workflow_run";
    came.host = client.host();
    came.hook_id = "77";
    came.hook_kind = "integration";
    came.payload = payload(1);
    ASSERT_TRUE(run(store_->accept(*make_delivery(std::move(came), clock_.now()))).has_value());
    tests::FakeDelivery missed;
    missed.guid = "missed";
    missed.status_code = 0;
    missed.payload = payload(2);
    fake_.add_delivery({github::HookTarget::app, "", ""}, missed);

    CatchUp catch_up(context_.get_executor(), *store_, client, clock_, log_.log(), metrics_, [] {});
    const CatchUpOutcome outcome = run(catch_up.look());
    EXPECT_FALSE(outcome.failed) << testing::PrintToString(outcome.errors);
    EXPECT_TRUE(is_stored("missed"));
}

}  // namespace
}  // namespace runs_agent::webhooks
