// SPDX-License-Identifier: MIT
#include "agent/commands/deliveries_print.hpp"

#include "admin/json.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
using admin::to_json;
using admin::to_json_lines;

namespace {

TEST(DeliveriesPrint, ACallThatALaterDeliveryPlannedAnewSaysWhereItWent) {
    store::DeliveryDetail detail;
    detail.row.guid = "first";
    detail.calls.resize(2);
    detail.calls[0].call.delivery = "first";
    detail.calls[1].call.delivery = "later";
    const std::string text = describe_delivery(detail);
    EXPECT_EQ(text.find("moved to"), text.rfind("moved to"));
    EXPECT_NE(text.find("moved to  delivery later\n"), std::string::npos) << text;
    EXPECT_NE(to_json(detail).find(R"("delivery": "later")"), std::string::npos);
}

store::DeliveryDetail of_job(const decide::WorkflowJob& job) {
    store::DeliveryDetail detail;
    detail.row.guid = "g";
    detail.row.event = "workflow_job";
    detail.row.action = "completed";
    detail.row.host = "github.com";
    detail.row.received_at = Time(std::chrono::hours(490'000));
    detail.row.job = job;
    detail.row.run.emplace().key = job.run;
    detail.row.run->attempt = job.attempt;
    return detail;
}

decide::WorkflowJob ended_job() {
    decide::WorkflowJob job;
    job.run = {"github.com", 1001};
    job.attempt = 2;
    job.job_id = 77;
    job.name = "e2e (3, \x1b[31mchrome)";
    job.runner_name = "gh-runner-7";
    job.conclusion = "failure";
    job.completed_at = Time(std::chrono::hours(490'000));
    return job;
}

TEST(DeliveriesPrint, AJobIsToldOf) {
    store::DeliveryDetail detail = of_job(ended_job());
    detail.calls.resize(1);
    detail.calls[0].call.planned.operation = decide::Operation::reset_run;
    detail.calls[0].call.planned.machine_id = "machine-3";
    const std::string text = describe_delivery(detail);
    for (const char* const line :
         {"run         1001 attempt 2\n", "job         e2e (3,  [31mchrome), id 77\n",
          "runner      gh-runner-7\n", "status      concluded failure, ended 2025-11-24T16:00:00",
          " machine machine-3\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    EXPECT_EQ(text.find("number"), std::string::npos) << text;
    EXPECT_EQ(text.find("by "), std::string::npos) << text;

    const std::string json = to_json_lines({detail.row});
    const std::string told =
        R"j("githubRunId":"1001","githubRunAttempt":2,"jobId":"77","job":"e2e (3, \u001B[31mchrome)",)j"
        R"j("runner":"gh-runner-7","conclusion":"failure","completedAt":"2025-11-24T16:00:00.000Z",)j";
    EXPECT_NE(json.find(told), std::string::npos) << json;
    EXPECT_EQ(json.find("branch"), std::string::npos) << json;
    detail.row.job->head_branch = "feature/x";
    detail.row.job->workflow_name = "End to end";
    detail.row.job->sender = "ada";
    EXPECT_NE(describe_delivery(detail).find("workflow    End to end\nbranch      feature/x\n"),
              std::string::npos);
    EXPECT_NE(to_json_lines({detail.row})
                  .find(R"("branch":"feature/x","workflow":"End to end","sender":"ada")"),
              std::string::npos);
    EXPECT_NE(to_json(detail).find(R"("machineId": "machine-3")"), std::string::npos);
    const std::string list = describe_deliveries({detail.row});
    EXPECT_NE(list.find(" run 1001/2 e2e (3,  [31mchrome)  "), std::string::npos) << list;
}

TEST(DeliveriesPrint, WhatOfThePolicyHeldIsToldOrThatItIsNotKnown) {
    store::DeliveryDetail detail = of_job(ended_job());
    EXPECT_EQ(describe_delivery(detail).find("policy"), std::string::npos) << "not decided yet";
    EXPECT_NE(to_json_lines({detail.row}).find(R"("policy":null)"), std::string::npos);
    detail.row.decided_at = detail.row.received_at;
    EXPECT_NE(describe_delivery(detail).find("policy      not kept by"), std::string::npos);
    detail.row.policy = "rule 1 (policy.yml:7): branch \x1b";
    EXPECT_NE(describe_delivery(detail).find("policy      rule 1 (policy.yml:7): branch  \n"),
              std::string::npos);
    EXPECT_NE(to_json(detail).find(R"("policy": "rule 1 (policy.yml:7): branch)"),
              std::string::npos);
}

TEST(DeliveriesPrint, WhatAnEventDoesNotTellIsNotSaid) {
    decide::WorkflowJob bare;
    bare.run = {"github.com", 1001};
    bare.job_id = 77;
    store::DeliveryDetail job = of_job(bare);
    store::DeliveryDetail run = of_job(bare);
    run.row.job.reset();
    run.row.run->conclusion = "failure";
    for (const auto& detail : {job, run}) {
        const std::string text = describe_delivery(detail);
        for (const char* const made_up :
             {"number", " by", "runner", "branch", "started", "()", ", \n", "  ,", "1970"})
            EXPECT_EQ(text.find(made_up), std::string::npos) << made_up << '\n' << text;
        EXPECT_EQ(to_json(detail).find("\"\""), std::string::npos) << to_json(detail);
    }
    EXPECT_NE(describe_delivery(run).find("status      concluded failure\n"), std::string::npos);
    EXPECT_NE(to_json(run).find(R"("branch": null)"), std::string::npos);
    EXPECT_NE(to_json(job).find(R"("runner": null)"), std::string::npos);
}

TEST(DeliveriesPrint, ARunIsToldOfInFull) {
    store::DeliveryDetail detail = of_job({});
    detail.row.job.reset();
    decide::WorkflowRun& run = *detail.row.run;
    run.key.run_id = 1001;
    run.run_number = 5;
    run.event = "push";
    run.workflow_name = "e2e";
    run.workflow_path = ".github/workflows/e2e.yml";
    run.repository = "octo/demo";
    run.head_repository = "fork/demo";
    run.head_branch = "main";
    run.status = "completed";
    run.conclusion = "cancelled";
    run.actor = "mona";
    const std::string text = describe_delivery(detail);
    for (const char* const line :
         {"1001 attempt 1, number 5, by push\n", "e2e (.github/workflows/e2e.yml)\n",
          "main of fork/demo\n", "completed, concluded cancelled\n", "started by  mona\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(DeliveriesPrint, NobodyForgesALine) {
    const std::string evil = "a\nrule        R1\r\n::error::b\x1b[2J\u009b\u202e\u200b##[error]";
    store::DeliveryDetail detail = of_job({});
    detail.row.job.reset();
    detail.row.guid = detail.row.event = detail.row.action = detail.row.host = evil;
    detail.row.repository = detail.row.rule = detail.row.reason = evil;
    decide::WorkflowRun& run = *detail.row.run;
    for (std::string* const text :
         {&run.event, &run.workflow_name, &run.workflow_path, &run.repository, &run.head_repository,
          &run.head_branch, &run.status, &run.conclusion, &run.actor, &run.triggering_actor})
        *text = evil;
    store::CallHistory history;
    history.call.delivery = history.call.outcome = evil;
    history.call.planned.project_id = history.call.planned.machine_id = evil;
    history.call.planned.reason = evil;
    history.tries.push_back({Time(), std::chrono::milliseconds(5), 200, evil});
    detail.calls = {history};
    const std::string whole = describe_delivery(detail);
    const std::string list = describe_deliveries({detail.row});
    EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1) << list;
    EXPECT_EQ(whole.find("\nrule        R1"), std::string::npos) << whole;
    for (const std::string& text : {whole, list})
        for (const char* const way : {"\n::", "\r", "\x1b", "\u009b", "\u202e", "\u200b", "##["})
            EXPECT_EQ(text.find(way), std::string::npos) << text;
}

TEST(DeliveriesPrint, WhatAPersonGaveUpIsNotDead) {
    store::DeliveryRow row;
    row.decided_at = Time();
    row.calls = 2;
    row.calls_dropped = 1;
    EXPECT_NE(describe_deliveries({row}).find("  1 dropped\n"), std::string::npos);
    row.calls_dead = 1;
    EXPECT_NE(describe_deliveries({row}).find("  1 dead\n"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
