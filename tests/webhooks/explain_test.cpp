// SPDX-License-Identifier: MIT
// `runs-agent explain` says of each delivery what the daemon records.
#include "tests/captured_log.hpp"
#include "tests/config/command_line.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"
#include "tests/webhooks/example_request.hpp"
#include "tests/webhooks/fake_store.hpp"
#include "webhooks/receiving/receiver.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::webhooks {
namespace {

std::string explained(const std::string& event, const std::string& payload) {
    const tests::TempDir dir;
    std::ofstream(dir.file("delivery"))
        << R"({"event":")" << event << R"(","delivery":"guid","payload":)" << payload << "}\n";
    const auto shown =
        tests::shown_by(agent::add_explain, "explain --json --event " + dir.file("delivery"));
    EXPECT_EQ(shown.exit, agent::Exit::done) << shown.error;
    rapidjson::Document line;
    line.Parse(shown.out);
    return line.IsObject() ? line["reason"].GetString() : shown.out;
}

std::string recorded(const std::string& event, const std::string& payload) {
    const tests::ManualClock clock;
    tests::CapturedLog log(clock);
    Metrics metrics;
    FakeStore store;
    Receiver receiver(store, clock, log.log(), metrics, {example_secret}, [] {});
    tests::run(receiver.handle(example_request(payload, event)));
    return store.accepted.empty() ? "nothing" : store.accepted.back().ignored_because;
}

TEST(Explain, AHostHasOneSpelling) {
    const std::string run =
        R"(,"event":"workflow_run","payload":{"action":"completed","workflow_run":{"id":1,)"
        R"("run_attempt":1,"conclusion":"cancelled"},"repository":{"full_name":"octo/demo"}}})"
        "\n";
    const tests::TempDir dir;
    std::ofstream(dir.file("two"))
        << R"({"host":"GHE.Octo.Example.")" << run << R"({"host":"ghe.octo.example:443")" << run;
    const auto shown = tests::shown_by(agent::add_explain, "explain --event " + dir.file("two"));
    EXPECT_EQ(shown.exit, agent::Exit::done) << shown.error;
    EXPECT_NE(shown.out.find("(already planned)"), std::string::npos) << shown.out;
}

TEST(Explain, SaysWhatTheDaemonWould) {
    const std::pair<const char*, std::string> deliveries[] = {
        {"ping", R"({"zen":"Design for failure."})"},
        {"push", R"({"ref":"refs/heads/main"})"},
        {"workflow_job", "{}"},
        {"workflow_run", R"({"action":"completed"})"},
        {"workflow_run", edited(example_payload(), {{"workflow_run.run_attempt", "-1"}})},
    };
    for (const auto& [event, payload] : deliveries) {
        const std::string reason = recorded(event, payload);
        EXPECT_NE(reason, "") << event;
        EXPECT_EQ(explained(event, payload), reason) << event;
    }
    EXPECT_EQ(recorded("workflow_run", example_payload()), "");
    EXPECT_NE(explained("workflow_run", example_payload()).find("was cancelled"),
              std::string::npos);
}

}  // namespace
}  // namespace runs_agent::webhooks
