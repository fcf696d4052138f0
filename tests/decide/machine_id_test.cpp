// SPDX-License-Identifier: MIT
#include "decide/machine_id.hpp"

#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

TEST(MachineId, MayNameTheRunner) {
    EXPECT_EQ(check_machine_id("${{ runner.name }}"), std::nullopt);
    EXPECT_EQ(check_machine_id("ci-${{ github.run_id }}-${{ runner.name }}"), std::nullopt);
    EXPECT_EQ(check_machine_id("fixed"), std::nullopt);
    ASSERT_TRUE(check_machine_id("x${{ runner.nam }}"));
    EXPECT_EQ(check_machine_id("x${{ runner.nam }}")->offset, 5U);
    EXPECT_NE(check_machine_id("${{ runner.nam }}")->message.find("\"runner.name\"?"),
              std::string::npos);
    EXPECT_TRUE(check_machine_id("${{ runner.os }}"));
    EXPECT_TRUE(check_machine_id("${{ runner.name"));
}

TEST(MachineId, MayNameMatrixValues) {
    EXPECT_EQ(check_machine_id("e2e-${{ matrix.shard }}-${{ matrix.browser-name }}"), std::nullopt);
    EXPECT_TRUE(check_machine_id("${{ matrix. }}"));
    EXPECT_TRUE(check_machine_id("${{ matrix.a + 1 }}"));
}

TEST(MachineId, AMatrixValueMustStandInEveryJobPattern) {
    const std::string id = "e2e-${{ matrix.shard }}";
    EXPECT_EQ(untold_matrix_value("${{ runner.name }}", {}), "");
    EXPECT_EQ(untold_matrix_value(id, {}), "matrix.shard");
    EXPECT_EQ(untold_matrix_value(id, {"e2e (${{ matrix.shard }})"}), "");
    EXPECT_EQ(untold_matrix_value(id, {"e2e (${{ matrix.shard }})", "smoke"}), "matrix.shard");
}

WorkflowJob job(std::string name, std::string runner = "runner-7") {
    WorkflowJob made;
    made.name = std::move(name);
    made.runner_name = std::move(runner);
    made.attempt = 2;
    return made;
}

const std::string by_shard = "e2e-${{ matrix.shard }}";

MachineId machine_of(const std::string& pattern, const std::string& name) {
    return machine_id_of(by_shard, {pattern}, example_run(), job(name));
}

TEST(MachineId, IsFoundFromAJob) {
    const WorkflowRun run = example_run();
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {}, run, job("e2e")).id, "runner-7");
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {}, run, job("e2e", "")).why_none,
              " was given to no runner");
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {"e2e*"}, run, job("lint")).why_none,
              " is none of the policy's jobs");
    const std::string id = "${{ github.run_id }}.${{ github.run_attempt }}-${{ matrix.shard }}";
    EXPECT_EQ(machine_id_of(id, {"x", "e2e (${{ matrix.shard }})"}, run, job("e2e (4)")).id,
              "1001.2-4");
}

TEST(MachineId, ANameThatCanBeReadInTwoWaysGivesNone) {
    const std::pair<const char*, const char*> two_ways[] = {
        {"*(${{ matrix.shard }}*)*", "e2e (12, chrome)"},
        {"*(${{ matrix.shard }})*", "e2e (1) (12)"},
        {"* / e2e (${{ matrix.shard }})", "a / e2e (1) / e2e (3)"},
        {"e2e (${{ matrix.shard }}, *)", "e2e (1, 2, chrome)"},
        {"e2e (${{ matrix.args }}, ${{ matrix.shard }})", "e2e (--a, --b, 3)"},
        {"e2e ${{ matrix.shard }} of ${{ matrix.shard }}", "e2e 1 of 2"},
        {"e2e-${{ matrix.shard }}-*", "e2e-1-2-3"},
    };
    for (const auto& [pattern, name] : two_ways) {
        const MachineId machine = machine_of(pattern, name);
        EXPECT_EQ(machine.id, "") << pattern << " on " << name;
        EXPECT_NE(machine.why_none.find("can be read in two ways, with matrix.shard as "),
                  std::string::npos)
            << machine.why_none;
    }
    EXPECT_EQ(machine_of("e2e (${{ matrix.args }}, ${{ matrix.shard }})", "e2e (--a, 3)").id,
              "e2e-3");
    EXPECT_EQ(machine_of("e2e (${{ matrix.shard }}, *, *)", "e2e (12, chrome, linux)").id,
              "e2e-12");
    EXPECT_EQ(machine_of("caller / e2e (${{ matrix.shard }})", "caller / e2e (3)").id, "e2e-3");
    // What the machine id does not name may be read in as many ways as it likes.
    EXPECT_EQ(machine_of("* (*, ${{ matrix.args }}, ${{ matrix.os }}; ${{ matrix.shard }})",
                         "e2e (a, b, c, d; 3)")
                  .id,
              "e2e-3");
}

TEST(MachineId, PatternsThatDisagreeGiveNone) {
    const WorkflowRun run = example_run();
    const std::vector<std::string> jobs{"e2e (${{ matrix.shard }}, *)",
                                        "e2e (*, ${{ matrix.shard }})", "e2e-${{ matrix.shard }}"};
    EXPECT_EQ(machine_id_of(by_shard, jobs, run, job("e2e (1, 2)")).why_none,
              " has a name that can be read in two ways, with matrix.shard as 1 and as 2; make the "
              "patterns of the "
              "policy's jobs so that one of them fits in one way");
    EXPECT_EQ(machine_id_of(by_shard, jobs, run, job("e2e (2, 2)")).id, "e2e-2");
    EXPECT_EQ(machine_id_of(by_shard, jobs, run, job("e2e-4")).id, "e2e-4");
}

TEST(MachineId, ANameThatGitHubCutGivesNone) {
    // Each part is cut at 100 characters, "..." among them.
    const std::string cut = "e2e (3, " + std::string(89, 'x') + "...";
    const std::string letters =
        "e2e (3, " + std::string(45, 'x') + "ä" + std::string(43, 'x') + "...";
    for (const std::string& name :
         {cut, "caller / " + cut, std::string(97, 'c') + "... / e2e (3)", letters}) {
        const MachineId machine = machine_of("*e2e (${{ matrix.shard }}*", name);
        EXPECT_EQ(machine.id, "") << name;
        EXPECT_NE(machine.why_none.find("GitHub cut at 100 characters"), std::string::npos)
            << machine.why_none;
        EXPECT_EQ(machine_id_of("${{ runner.name }}", {}, example_run(), job(name)).id, "runner-7");
    }
    EXPECT_NE(
        machine_of("e2e (${{ matrix.shard }}, *)", cut).why_none.find("GitHub cut, which fits"),
        std::string::npos);
    EXPECT_EQ(machine_of("wait... e2e (${{ matrix.shard }})", "wait... e2e (3)").id, "e2e-3");
    EXPECT_EQ(machine_of("e2e ${{ matrix.shard }}...", "e2e 3...").id, "e2e-3");
}

}  // namespace
}  // namespace runs_agent::decide
