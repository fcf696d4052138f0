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

TEST(JobPattern, HoldsMatrixValuesOnly) {
    EXPECT_EQ(check_job_pattern("e2e (${{ matrix.shard }}, *)"), std::nullopt);
    const auto wrong = check_job_pattern("e2e ${{ runner.name }}");
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->offset, 8U);
    EXPECT_TRUE(check_job_pattern("e2e (${{ matrix.shard"));
}

TEST(JobPattern, TakesTheValuesOutOfAJobsName) {
    using Values = MatrixValues;
    struct Case {
        const char* pattern;
        const char* name;
        std::optional<Values> values;
    };
    const Case cases[] = {
        {"e2e", "e2e", Values{}},
        {"e2e", "e2e (1)", std::nullopt},
        {"e2e*", "e2e (1)", Values{}},
        {"e2e (${{ matrix.shard }})", "e2e (3)", Values{{"matrix.shard", "3"}}},
        {"e2e (${{ matrix.shard }})", "lint (3)", std::nullopt},
        {"e2e (${{ matrix.shard }})", "e2e ()", std::nullopt},
        {"* / e2e (${{ matrix.shard }}, *)", "call / e2e (2, chrome)",
         Values{{"matrix.shard", "2"}}},
        {"e2e (${{ matrix.a }}, ${{ matrix.b }})", "e2e (x y, (z))",
         Values{{"matrix.a", "x y"}, {"matrix.b", "(z)"}}},
        {"shard ?/${{ matrix.of }}", "shard 1/4", Values{{"matrix.of", "4"}}},
    };
    for (const Case& each : cases)
        EXPECT_EQ(match_job(each.pattern, each.name), each.values)
            << each.pattern << " on " << each.name;
}

TEST(JobPattern, ANameMadeToBeSlowIsNot) {
    const std::string pattern = "*a*${{ matrix.x }}*a*${{ matrix.y }}*a*b";
    EXPECT_EQ(match_job(pattern, std::string(1024, 'a')), std::nullopt);
}

WorkflowJob job(std::string name, std::string runner = "runner-7") {
    WorkflowJob made;
    made.name = std::move(name);
    made.runner_name = std::move(runner);
    made.attempt = 2;
    return made;
}

TEST(MachineId, IsFoundFromAJob) {
    const WorkflowRun run = example_run();
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {}, run, job("e2e")), "runner-7");
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {}, run, job("e2e", "")), std::nullopt);
    EXPECT_EQ(machine_id_of("${{ runner.name }}", {"e2e*"}, run, job("lint")), std::nullopt);
    const std::string id = "${{ github.run_id }}.${{ github.run_attempt }}-${{ matrix.shard }}";
    EXPECT_EQ(machine_id_of(id, {"x", "e2e (${{ matrix.shard }})"}, run, job("e2e (4)")),
              "1001.2-4");
}

}  // namespace
}  // namespace runs_agent::decide
