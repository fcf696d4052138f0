// SPDX-License-Identifier: MIT
#include "runs_server/runs/remover.hpp"

#include "runs_server/runs/delete_run.hpp"
#include "tests/runs_server/reporting/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

class RemoverTest : public ReportingTest {
protected:
    ~RemoverTest() override {
        if (remover_) stop();
    }

    void start_remover() {
        remover_ = std::make_unique<Remover>(context_.get_executor(), worker_, clock_, log_.log());
        remover_->start();
    }
    void stop() {
        const auto stopping = [this]() -> boost::asio::awaitable<bool> {
            co_await remover_->stop(std::chrono::seconds(10));
            co_return true;
        };
        tests::run(context_, stopping());
        remover_.reset();
    }

    std::int64_t runs() {
        sqlite::Database database(file());
        sqlite::Statement row = database.prepare("SELECT count(*) FROM runs");
        row.step();
        return row.integer(0);
    }
    void until(const std::function<bool()>& is_so) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!is_so() && std::chrono::steady_clock::now() < end) {
            context_.restart();
            context_.run_one_for(std::chrono::milliseconds(20));
        }
        EXPECT_TRUE(is_so());
    }

    void record_and_delete() {
        start();
        const std::string spec = begin();
        added(spec, "t1", "passed", true);
        sqlite::Database database(file());
        EXPECT_EQ(delete_run(database, run_, "api:me", clock_.now()).status, 200);
        EXPECT_EQ(runs(), 1);
    }

    std::unique_ptr<Remover> remover_;
};

TEST_F(RemoverTest, RemovesWhatWasLeftWhenItStartsAndWhatIsDeletedLater) {
    record_and_delete();
    start_remover();
    until([this] { return runs() == 0; });
    record_and_delete();
    remover_->wake();
    until([this] { return runs() == 0; });
}

TEST_F(RemoverTest, GoesOnAfterTrouble) {
    record_and_delete();
    sqlite::Database(file()).execute(
        "CREATE TRIGGER full BEFORE DELETE ON specs BEGIN SELECT RAISE(ABORT, 'full'); END");
    start_remover();
    until([this] { return log_.text().find("api.remove_failed") != std::string::npos; });
    EXPECT_EQ(runs(), 1);
    sqlite::Database(file()).execute("DROP TRIGGER full");
    until([this] { return clock_.next() != Time::max(); });
    clock_.advance(std::chrono::seconds(30));
    until([this] { return runs() == 0; });
}

TEST_F(RemoverTest, StopsWhileThereIsMore) {
    record_and_delete();
    start_remover();
    stop();
    EXPECT_LE(runs(), 1);
}

}  // namespace
}  // namespace runs_agent::runs_server
