// SPDX-License-Identifier: MIT
#include "doctor/here.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

Answered json(int status, std::string body) {
    Answered answer;
    answer.status = status;
    answer.type = "application/json";
    answer.body = std::move(body);
    return answer;
}

Answered silence() {
    Answered answer;
    answer.error = "cannot connect";
    return answer;
}

TEST(Here, AFileThatTheServiceMayNotReadIsAWarningWhileItRuns) {
    SettingsSeen seen;
    seen.secret_given = seen.key_given = true;
    seen.withheld = {{"X names /y", "chmod"}};
    expect(judge_settings(seen)[0], Verdict::wrong, {"does not start", "chmod"});
    seen.service_runs = true;
    expect(judge_settings(seen)[0], Verdict::warning, {"will not start again", "chmod"});
}

TEST(Here, Settings) {
    SettingsSeen seen;
    EXPECT_EQ(judge_settings(seen).size(), 2U);
    seen.secret_given = true;
    seen.key_needed = false;
    expect(judge_settings(seen)[0], Verdict::ok);
    SettingsSeen without;
    without.hidden = "the unit's secrets are root's";
    for (const Finding& one : judge_settings(without))
        expect(one, Verdict::not_looked_at, {"the unit's secrets are root's", "as root"});
    without = {};
    without.secret_given = without.needed_perhaps = true;
    expect(judge_settings(without)[0], Verdict::warning, {"--embedded"});
    seen.mistakes = {"RUNS_AGENT_LOG is \"x\"", "another"};
    const Findings found = judge_settings(seen);
    ASSERT_EQ(found.size(), 2U);
    expect(found[0], Verdict::wrong, {"RUNS_AGENT_LOG", "config check"});
}

TEST(Here, Policy) {
    expect(judge_policy({}), Verdict::ok, {"no file"});
    expect(judge_policy({"p.yml", 1, {}, false}), Verdict::ok, {"p.yml", "1 rule"});
    expect(judge_policy({"p.yml", 0, {"p.yml:1:2: a", "p.yml:2:2: b"}, false}), Verdict::wrong,
           {"p.yml:1:2: a; p.yml:2:2: b", "reload"});
    expect(judge_policy({"p.yml", 2, {}, true}), Verdict::wrong, {"last reload", "config check"});
}

TEST(Here, Rule) {
    expect(judge_rule({"o/r", "rule 1", {"a", "b"}, false}), Verdict::ok, {"rule 1: a; b"});
    expect(judge_rule({"o/r", "rule 1", {}, true}), Verdict::warning, {"ignores"});
}

TEST(Here, Service) {
    expect(judge_service({}), Verdict::not_looked_at);
    expect(judge_service({"/etc/x.service", false, 0}), Verdict::not_looked_at);
    expect(judge_service({"/etc/x.service", true, 0}), Verdict::wrong, {"systemctl", "journalctl"});
    expect(judge_service({"/etc/x.service", true, 1}), Verdict::ok);
}

TEST(Here, Daemon) {
    DaemonSeen seen;
    seen.version = "0.1.0";
    expect(judge_daemon(seen)[0], Verdict::not_looked_at, {"--listen"});
    seen.address = "127.0.0.1:8080";
    seen.alive = silence();
    expect(judge_daemon(seen)[0], Verdict::wrong, {"no daemon answers", "runs-agent serve"});
    seen.unit = "/etc/systemd/system/runs-agent.service";
    expect(judge_daemon(seen)[0], Verdict::wrong, {"systemctl start"});
    seen.locked = true;
    expect(judge_daemon(seen)[0], Verdict::wrong, {"listens elsewhere"});
    seen.alive = json(200, R"({"status":"ok"})");
    expect(judge_daemon(seen)[0], Verdict::wrong, {"not runs-agent"});
    seen.alive = json(200, R"({"status":"ok","version":"0.0.9"})");
    expect(judge_daemon(seen)[0], Verdict::warning, {"0.0.9", "restart"});
    seen.alive = json(200, R"({"status":"ok","version":"0.1.0"})");
    expect(judge_daemon(seen)[0], Verdict::ok);
    seen.database = "/a.db";
    expect(judge_daemon(seen)[0], Verdict::ok);
    seen.locked = false;
    expect(judge_daemon(seen)[0], Verdict::warning, {"does not work on /a.db", "--database"});
    seen.locked.reset();  // it cannot be told
    expect(judge_daemon(seen)[0], Verdict::ok);
    seen.alive = json(200, R"({"status":"ok","version":"0.1.0","calls":"nowhere"})");
    expect(judge_daemon(seen)[0], Verdict::warning, {"dry run", "--dry-run"});
    EXPECT_EQ(calls_of(json(200, R"({"status":"ok","calls":"nowhere"})")), "") << "not ours";
    seen.other_way = true;
    expect(judge_daemon(seen)[0], Verdict::warning,
           {"speaks TLS", "no certificate", "RUNS_AGENT_TLS_CERTIFICATE_FILE"});
    EXPECT_EQ(judge_daemon(seen).size(), 2U) << "the dry run is told of beside it";
    seen.hidden = true;
    expect(judge_daemon(seen)[0], Verdict::warning, {"speaks TLS", "run this as root"});
    seen.tls = true;
    expect(judge_daemon(seen)[0], Verdict::warning, {"speaks plain HTTP", "restart"});
    seen.alive = silence();
    seen.elsewhere = true;
    expect(judge_daemon(seen)[0], Verdict::not_looked_at, {"where the daemon runs"});
}

TEST(Here, ReadinessSaysEachReason) {
    expect(judge_readiness(json(200, "{}")), Verdict::ok);
    expect(judge_readiness(silence()), Verdict::not_looked_at);
    expect(judge_readiness(json(503, R"({"checks":{"store":{"ok":false,"reason":"disk full"},)"
                                     R"("api_key":{"ok":false,"reason":"3 wait"},)"
                                     R"("running":{"ok":true}}})")),
           Verdict::wrong, {"store: disk full; api_key: 3 wait"});
    expect(judge_readiness(json(503, "no JSON")), Verdict::wrong, {"503"});
    EXPECT_EQ(store_fault_of(json(503, R"({"checks":{"store":{"reason":"disk full"}}})")),
              "disk full");
    for (const char* const body : {"no JSON", "[]", R"({"checks":{"store":{"ok":true}}})"})
        EXPECT_EQ(store_fault_of(json(200, body)), "");
}

TEST(Here, Secret) {
    expect(judge_secret({}), Verdict::not_looked_at);
    expect(judge_secret({1, 1, silence()}), Verdict::not_looked_at, {"cannot connect"});
    expect(judge_secret({1, 1, json(200, "{}")}), Verdict::ok);
    expect(judge_secret({2, 2, json(200, "{}")}), Verdict::ok, {"each of the 2"});
    expect(judge_secret({1, 1, json(401, "{}")}), Verdict::wrong, {"another secret", "restart"});
    expect(judge_secret({3, 2, json(401, "{}")}), Verdict::wrong, {"secret 2 of the 3"});
    expect(judge_secret({1, 1, json(503, R"({"error":"full"})")}), Verdict::wrong, {"503: full"});
}

}  // namespace
}  // namespace runs_agent::doctor
