// SPDX-License-Identifier: MIT
#include "webhooks/receiving/receiver.hpp"

#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"
#include "tests/webhooks/example_request.hpp"
#include "tests/webhooks/fake_store.hpp"
#include "webhooks/deliveries/payload.hpp"
#include "webhooks/deliveries/probe.hpp"
#include "webhooks/receiving/signature.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using net::HttpRequest;
using net::HttpResponse;

class ReceiverTest : public testing::Test {
protected:
    HttpResponse handle(HttpRequest request) { return tests::run(receiver_.handle(request)); }

    /// An answer as the tables below write it: "202 accepted".
    std::string answer(HttpRequest request) {
        const HttpResponse response = handle(std::move(request));
        rapidjson::Document json;
        json.Parse(response.body);
        if (!json.IsObject() || !json.HasMember("status")) return "no JSON: " + response.body;
        return std::to_string(response.status) + " " + json["status"].GetString();
    }

    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    FakeStore store_;
    int announced_ = 0;
    Metrics metrics_;
    Receiver receiver_{store_,
                       clock_,
                       log_.log(),
                       metrics_,
                       {"another", example_secret},
                       [this] { ++announced_; }};
};

TEST_F(ReceiverTest, EveryAnswerIsCounted) {
    const std::string payload = example_payload();
    handle(example_request(payload));
    handle(example_request(payload));
    HttpRequest forged = example_request(payload);
    forged.headers.set("X-Hub-Signature-256", "sha256=" + std::string(64, '0'));
    handle(forged);
    store_.failure = fail(Errc::store, "the disk is full");
    handle(example_request(payload));
    const std::string text = metrics_.text();
    for (const char* const label : {R"(event="workflow_run",outcome="accepted",code="202")",
                                    R"(event="workflow_run",outcome="duplicate",code="200")",
                                    R"(event="unverified",outcome="refused",code="401")",
                                    R"(event="workflow_run",outcome="not_stored",code="503")"})
        EXPECT_NE(text.find("runs_agent_webhook_requests_total{" + std::string(label) + "} 1\n"),
                  std::string::npos)
            << label << text;
}

TEST_F(ReceiverTest, ARunIsStoredAndThenAnnounced) {
    const std::string payload = example_payload();
    const HttpResponse response = handle(example_request(payload));
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(response.body,
              R"({"status":"accepted","delivery":"72d3162e-cc78-11e3-81ab-4c9367dc0958"})");
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(announced_, 1);
    ASSERT_EQ(store_.accepted.size(), 1U);
    const store::NewDelivery& stored = store_.accepted[0];
    EXPECT_EQ(stored.guid, example_guid);
    EXPECT_EQ(stored.event, "workflow_run");
    EXPECT_EQ(stored.action, "completed");
    EXPECT_EQ(stored.host, "github.com");
    EXPECT_EQ(stored.hook_id, "292430182");
    EXPECT_EQ(stored.received_at, clock_.now());
    EXPECT_EQ(stored.repository, "octo/demo");
    EXPECT_EQ(stored.ignored_because, "");
    EXPECT_EQ(stored.body, payload);
    ASSERT_TRUE(stored.facts);
    EXPECT_EQ(decide::run_of(*stored.facts).run_id, 1001);
    EXPECT_EQ(std::get<decide::WorkflowRun>(*stored.facts).conclusion, "cancelled");
}

TEST_F(ReceiverTest, AFormsPayloadIsStoredDecoded) {
    const std::string payload = example_payload();
    EXPECT_EQ(answer(example_form(payload)), "202 accepted");
    ASSERT_EQ(store_.accepted.size(), 1U);
    EXPECT_EQ(store_.accepted[0].body, payload);
    EXPECT_EQ(announced_, 1);
}

TEST_F(ReceiverTest, AnEnterpriseServersRunIsKnownByItsHost) {
    HttpRequest request = example_request(example_payload());
    request.headers.add("X-GitHub-Enterprise-Host", "github.octo.example");
    request.headers.add("X-GitHub-Enterprise-Version", "3.14.0");
    EXPECT_EQ(answer(std::move(request)), "202 accepted");
    ASSERT_EQ(store_.accepted.size(), 1U);
    EXPECT_EQ(store_.accepted[0].host, "github.octo.example");
    ASSERT_TRUE(store_.accepted[0].facts);
    EXPECT_EQ(decide::run_of(*store_.accepted[0].facts).host, "github.octo.example");
}

TEST_F(ReceiverTest, WhatThereIsNothingToDecideAboutIsRecordedWithTheReason) {
    struct Case {
        const char* event;
        std::string payload;
        const char* answer;
        const char* because;
    };
    Sample ping;
    ping.event = "ping";
    Sample job;
    job.event = "workflow_job";
    job.action = "in_progress";
    const Case cases[] = {
        {"ping", example_payload(ping), "200 pong", "ping: the webhook reaches this daemon"},
        {"ping", "{}", "200 pong", "ping: the webhook reaches this daemon"},
        {"workflow_job", example_payload(job), "202 ignored", "the job has not ended"},
        {"push", R"({"ref":"refs/heads/main"})", "202 ignored",
         "only workflow_run and workflow_job"},
        {"Workflow_run", example_payload(), "202 ignored", "only workflow_run and workflow_job"},
        {"workflow_run", R"({"action":"completed"})", "202 ignored", "no workflow_run.id"},
        {"workflow_run", edited(example_payload(), {{"workflow_run.run_attempt", "-1"}}),
         "202 ignored", "run_attempt is not a number from 1"},
    };
    for (const Case& each : cases) {
        store_.accepted.clear();
        EXPECT_EQ(answer(example_request(each.payload, each.event)), each.answer) << each.event;
        ASSERT_EQ(store_.accepted.size(), 1U);
        const store::NewDelivery& stored = store_.accepted[0];
        EXPECT_EQ(stored.event, each.event);
        EXPECT_FALSE(stored.facts);
        EXPECT_EQ(stored.body, "");
        EXPECT_NE(stored.ignored_because.find(each.because), std::string::npos)
            << stored.ignored_because;
    }
    EXPECT_EQ(announced_, 0);
}

TEST_F(ReceiverTest, TheSameDeliveryTwiceIsADuplicateAndAnnouncedOnce) {
    EXPECT_EQ(answer(example_request(example_payload())), "202 accepted");
    EXPECT_EQ(answer(example_request(example_payload())), "200 duplicate");
    EXPECT_EQ(answer(example_request(example_payload(), "workflow_run", "another")),
              "202 accepted");
    EXPECT_EQ(answer(example_request("{}", "ping", "third")), "200 pong");
    EXPECT_EQ(answer(example_request("{}", "ping", "third")), "200 duplicate");
    EXPECT_EQ(announced_, 2);
    EXPECT_EQ(store_.accepted.size(), 3U);
}

TEST_F(ReceiverTest, WhatCannotBeStoredIsNotAccepted) {
    store_.failure = fail(Errc::store, "the disk is full");
    for (const char* const event : {"workflow_run", "push", "ping"}) {
        const HttpResponse response = handle(example_request(example_payload(), event));
        EXPECT_EQ(response.status, 503) << event;
        const auto after = response.headers.find("Retry-After");
        ASSERT_TRUE(after) << event;
        EXPECT_GT(std::stoi(std::string(*after)), 0) << event;
        // Why is ours to know, not the sender's.
        EXPECT_EQ(response.body.find("disk"), std::string::npos) << response.body;
    }
    EXPECT_EQ(announced_, 0);
    EXPECT_NE(log_.text().find("the disk is full"), std::string::npos) << log_.text();

    store_.failure.reset();
    EXPECT_EQ(answer(example_request(example_payload())), "202 accepted");
    EXPECT_EQ(announced_, 1);
}

TEST_F(ReceiverTest, DeliveriesArePosted) {
    for (const char* const method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "post"}) {
        HttpRequest request = example_request(example_payload());
        request.method = method;
        const HttpResponse response = handle(std::move(request));
        EXPECT_EQ(response.status, 405) << method;
        EXPECT_EQ(response.headers.find("Allow"), "POST") << method;
    }
    EXPECT_TRUE(store_.accepted.empty());
    EXPECT_EQ(announced_, 0);
}

TEST_F(ReceiverTest, WhatIsRefusedIsNotStored) {
    const auto with = [](std::string body, std::string_view header, const std::string& value) {
        HttpRequest request = example_request(std::move(body));
        request.headers.set(header, value);
        return request;
    };
    const std::pair<HttpRequest, const char*> cases[] = {
        {with("{}", "X-Hub-Signature-256", "sha256=00"), "401 refused"},
        {with("no JSON", "X-Hub-Signature-256", "sha256=00"), "401 refused"},
        {with("{}", "X-GitHub-Event", ""), "400 refused"},
        {with("{}", "X-GitHub-Delivery", ""), "400 refused"},
        {with("{}", "Content-Type", "text/xml"), "415 refused"},
        {with("no=payload", "Content-Type", "application/x-www-form-urlencoded"), "400 refused"},
        {example_request(""), "400 refused"},
        {example_request("no JSON"), "400 refused"},
        {example_request("[]"), "400 refused"},
        {example_request("{\"a\":\"\xff\"}"), "400 refused"},
        {example_request("no JSON", "ping"), "400 refused"},
        {example_form("no JSON"), "400 refused"},
    };
    for (const auto& [request, expected] : cases) EXPECT_EQ(answer(request), expected);
    EXPECT_TRUE(store_.accepted.empty());
    EXPECT_EQ(announced_, 0);
}

TEST_F(ReceiverTest, OfTheProbesOfADoctorNothingIsKept) {
    for (const std::string& payload : {make_probe(), make_plain_probe(), make_large_probe()}) {
        HttpRequest probe = example_request(payload, "ping");
        probe.headers.set("X-GitHub-Delivery", std::string(probe_guid) + "1");
        EXPECT_EQ(answer(probe), "200 pong");
    }
    EXPECT_TRUE(store_.accepted.empty());
    EXPECT_EQ(metrics_.last_delivery, Time());
    // Another event is none, whatever is in it; and a ping of GitHub's is kept.
    EXPECT_EQ(answer(example_request(make_probe(), "push")), "202 ignored");
    EXPECT_EQ(answer(example_request(R"({"zen":"x","hook_id":1})", "ping", "2")), "200 pong");
    EXPECT_EQ(store_.accepted.size(), 2U);
    HttpRequest forged = example_request("{}", "ping");
    forged.headers.set("X-Hub-Signature-256", sign("guess", "{}"));
    handle(forged);
    EXPECT_EQ(metrics_.last_wrong_signature, clock_.now());
}

TEST_F(ReceiverTest, ADoctorWithAnotherSecretIsNoStrangerAndWhoGuessesUnderItsNameIs) {
    HttpRequest probe = example_request(make_plain_probe(), "ping");
    probe.headers.set("X-GitHub-Delivery", std::string(probe_guid) + "1");
    probe.headers.set("X-Hub-Signature-256", sign("guess", make_plain_probe()));
    const auto strangers = [this] {
        return metrics_.webhook_requests.value(Metrics::Event::unverified,
                                               Metrics::Answer::wrong_signature);
    };
    // The alert wants more than two in a quarter of an hour: a doctor every five minutes is none.
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(answer(probe), "401 refused");
        clock_.advance(std::chrono::minutes(5));
    }
    EXPECT_EQ(strangers(), 0);
    EXPECT_EQ(metrics_.last_wrong_signature, Time());
    for (int i = 0; i < 4; ++i) EXPECT_EQ(answer(probe), "401 refused");
    EXPECT_EQ(strangers(), 3);
    EXPECT_EQ(metrics_.last_wrong_signature, clock_.now());
}

TEST(Probe, HasOtherBytesOnceItWasWrittenAnew) {
    rapidjson::Document json;
    json.Parse(make_probe());
    EXPECT_NE(to_text(json), make_probe());
    json.Parse(make_plain_probe());
    EXPECT_EQ(to_text(json), make_plain_probe());
}

TEST_F(ReceiverTest, NothingOfWhoCannotSignIsLogged) {
    HttpRequest request = example_request(R"({"from":"body"})", "from-event", "from-guid");
    request.headers.set("X-Hub-Signature-256", sign("guess", request.body));
    EXPECT_EQ(answer(request), "401 refused");
    const std::string logged = log_.text();
    EXPECT_NE(logged.find(R"("event":"delivery.refused")"), std::string::npos) << logged;
    EXPECT_NE(logged.find("192.30.252.44"), std::string::npos) << logged;
    for (const char* const foreign : {"from", "sha256=", "Everybody", "another"})
        EXPECT_EQ(logged.find(foreign), std::string::npos) << logged;
}

/// How many lines the log has of an event, in which `mark` is.
int lines_of(const std::string& log, const std::string& event, const std::string& mark) {
    std::istringstream lines(log);
    int count = 0;
    for (std::string line; std::getline(lines, line);)
        if (line.find(R"("event":")" + event + '"') != std::string::npos &&
            line.find(mark) != std::string::npos)
            ++count;
    return count;
}

TEST_F(ReceiverTest, AFloodOfForgedOnesIsCountedAndHidesNoOther) {
    HttpRequest forged = example_request(example_payload());
    forged.headers.set("X-Hub-Signature-256", "sha256=00");
    for (int i = 0; i < 1'000; ++i) answer(forged);
    for (int i = 0; i < 20; ++i) answer(example_request("no JSON", "push", "signed"));
    for (int i = 0; i < 20; ++i) answer(example_request(example_payload()));
    const std::string log = log_.text();
    EXPECT_EQ(lines_of(log, "delivery.refused", R"("status":401)"), RateLimit::most);
    EXPECT_EQ(lines_of(log, "delivery.refused", R"("delivery":"signed")"), 20);
    EXPECT_EQ(lines_of(log, "delivery.received", "duplicate"), 19);
    EXPECT_EQ(metrics_.webhook_requests.value(Metrics::Event::unverified,
                                              Metrics::Answer::wrong_signature),
              1000U);
    clock_.advance(RateLimit::span);
    log_.log().tell_suppressed(Log::Suppressed::in_seconds_over);
    EXPECT_EQ(lines_of(log_.text(), "log.suppressed", R"("of":"delivery.refused","count":995)"), 1);
}

TEST_F(ReceiverTest, EachDeliveryIsLoggedOnceWithItsId) {
    answer(example_request(example_payload()));
    answer(example_request("no JSON", "push", "second"));
    std::istringstream lines(log_.text());
    std::string first;
    std::string second;
    std::string none;
    std::getline(lines, first);
    std::getline(lines, second);
    EXPECT_FALSE(std::getline(lines, none)) << none;
    EXPECT_NE(first.find("\"delivery\":\"" + example_guid + "\""), std::string::npos) << first;
    EXPECT_NE(first.find(R"("run_id":1001,"attempt":1,"status":"accepted")"), std::string::npos)
        << first;
    EXPECT_NE(second.find(R"("delivery":"second")"), std::string::npos) << second;
    EXPECT_NE(second.find("not JSON"), std::string::npos) << second;
}

TEST(Receiver, TheRealStoreKeepsWhatWasAccepted) {
    const tests::TempDir dir;
    const tests::ManualClock clock;
    tests::CapturedLog log(clock);
    int announced = 0;
    const std::string payload = example_payload();
    for (const int expected : {202, 200}) {  // also after a restart
        const auto store = store::open_sqlite_store(dir.file("a.db")).value();
        Metrics metrics;
        Receiver receiver(*store, clock, log.log(), metrics, {example_secret},
                          [&] { ++announced; });
        EXPECT_EQ(tests::run(receiver.handle(example_request(payload))).status, expected);
        const auto kept = tests::run(store->show(example_guid));
        ASSERT_TRUE(kept.has_value());
        EXPECT_EQ(kept->row.run, *Payload::parse(payload)->workflow_run("github.com"));
        EXPECT_TRUE(kept->body_kept);
    }
    EXPECT_EQ(announced, 1);
}

}  // namespace
}  // namespace runs_agent::webhooks
