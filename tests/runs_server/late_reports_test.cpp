// SPDX-License-Identifier: MIT
// What comes late, or twice, or beside something else: of machines that were reset, of runs that
// have ended, and of two reporters of one spec.
#include "tests/runs_server/reporting_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LateReports : public ReportingTest {
protected:
    /// Test t1 of the spec is done on both machines, and t2 is open.
    std::string share_a_spec() {
        start();
        start(R"("machineId":"m2")");
        const std::string spec = begin();
        begin("m2");
        added(spec, "t1", "passed", true);
        added(spec, "t1", "passed", true, "m2");
        return spec;
    }
};

TEST_F(LateReports, NoneOfTwoMachinesThatWereResetOneByOneCompletesTheirSpec) {
    const std::string spec = share_a_spec();
    EXPECT_EQ(reset("m1").status, 200);
    EXPECT_EQ(reset("m2").status, 200);
    added(spec, "t2", "passed", true, "m2");
    added(spec, "t2", "passed", true, "m1");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
    // One that comes again does.
    start(R"("machineId":"m2")");
    begin("m2");
    added(spec, "t1", "passed", true, "m2");
    added(spec, "t2", "passed", true, "m2");
    EXPECT_EQ(state(run_), "COMPLETE");
}

TEST_F(LateReports, NorOfTwoThatWereResetTogetherAndTheSpecCountsOnce) {
    const std::string spec = share_a_spec();
    const std::string under_way = added(spec, "t2", "pending", false, "m2");
    const auto answer =
        json(ask("PUT", "/v1/runs/" + run_ + "/reset", R"({"machineId":["m1","m2"]})"));
    EXPECT_EQ(answer["data"]["resetSpecs"].GetInt(), 1);
    EXPECT_EQ(change(under_way, 1, "passed", true).status, 200);
    added(spec, "t2", "passed", true, "m2");
    EXPECT_EQ(state(run_), "IN_PROGRESS");
}

//@@
}  // namespace
}  // namespace runs_agent::runs_server
