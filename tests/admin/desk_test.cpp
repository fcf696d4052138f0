// SPDX-License-Identifier: MIT
#include "admin/desk.hpp"

#include "store/sqlite_store.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace runs_agent::admin {
namespace {

using namespace std::chrono_literals;
using doctor::Check;

class DeskTest : public testing::Test {
protected:
    DeskTest() : store_(store::open_sqlite_store(dir_.file("a.db")).value()) {}

    AdminOptions options() {
        AdminOptions made;
        made.token = "the-admin-token-of-the-test";
        made.glance = [this]() -> boost::asio::awaitable<doctor::Report> {
            ++looks_;
            co_return report_;
        };
        return made;
    }

    tests::TempDir dir_;
    tests::ManualClock clock_;
    std::unique_ptr<store::Store> store_;
    doctor::Report report_;
    int looks_ = 0;
};

TEST_F(DeskTest, TheSetUpIsLookedAtOnceInFiveSecondsAndOnceInOneWhileItIsAsked) {
    Desk desk(options(), *store_, clock_);
    report_.still_asking = true;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(tests::run(desk.wrong()).still_asking);
    EXPECT_EQ(looks_, 1) << "as each look searches and writes";
    clock_.advance(1s);
    report_.still_asking = false;
    report_.findings = {doctor::ok(Check::hook, "a"), doctor::wrong(Check::clock, "b", "c", "d"),
                        doctor::warning(Check::api_key, "e", "f", "g"),
                        doctor::warning(Check::silence, "h", "i", "j")};
    EXPECT_FALSE(tests::run(desk.wrong()).still_asking);
    EXPECT_EQ(tests::run(desk.wrong()).findings.size(), 2U);
    clock_.advance(4s);
    tests::run(desk.wrong());
    EXPECT_EQ(looks_, 2);
    clock_.advance(1s);
    tests::run(desk.wrong());
    EXPECT_EQ(looks_, 3);
}

}  // namespace
}  // namespace runs_agent::admin
