// SPDX-License-Identifier: MIT
// Lanes are stored, and replicas of two versions compare theirs: they never change.
#include "store/postgres/lanes.hpp"

#include <gtest/gtest.h>

namespace runs_agent::store {
namespace {

TEST(Lanes, NeverChange) {
    // As another program computes them: FNV-1a, 64 bits, over "3:run10:github.com4:1001" and the
    // like.
    EXPECT_EQ(run_lane({"github.com", 1001}), -3216510774711251110);
    EXPECT_EQ(group_lane("g"), 7108636993829156779);
    decide::PlannedCall call;
    call.run = {"github.com", 1001};
    call.project_id = "p1";
    for (const decide::Operation operation :
         {decide::Operation::cancel_ci, decide::Operation::cancel_run,
          decide::Operation::reset_run}) {
        call.operation = operation;
        EXPECT_EQ(call_lane(call), 7757832484116814189);
    }
    for (const decide::Operation operation :
         {decide::Operation::cancel_workflow, decide::Operation::force_cancel_workflow}) {
        call.operation = operation;
        EXPECT_EQ(call_lane(call), 7476555081249163296);
    }
}

TEST(Lanes, PartsCannotRunIntoEachOther) {
    EXPECT_NE(lane_of({"ab", "c"}), lane_of({"a", "bc"}));
    EXPECT_NE(lane_of({"ab"}), lane_of({"ab", ""}));
}

}  // namespace
}  // namespace runs_agent::store
