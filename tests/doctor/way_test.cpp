// SPDX-License-Identifier: MIT
#include "doctor/way.hpp"

#include "expecting.hpp"

namespace runs_agent::doctor {
namespace {

using std::chrono::hours;

Answered ours(int status, const std::string& error) {
    return {status, "application/json", R"({"status":"refused","error":")" + error + "\"}", "", ""};
}
Answered pong() {
    return {200, "application/json", R"({"status":"pong"})", "", ""};
}
Answered html(int status) {
    return {status, "text/html", "<h1>", "", ""};
}

/// An unsigned ping is refused, as it should be.
WaySeen way(std::optional<Answered> signed_one) {
    WaySeen seen;
    seen.url = "https://h/webhooks/github";
    seen.unsigned_one = ours(401, "the signature is missing");
    seen.signed_one = std::move(signed_one);
    return seen;
}

TEST(Way, Address) {
    AddressSeen seen;
    expect(judge_address(seen), Verdict::not_looked_at, {"--url"});
    seen.url = "https://h/webhooks/github";
    seen.addresses = {"140.82.112.3"};
    expect(judge_address(seen), Verdict::ok, {"140.82.112.3"});
    seen.https = false;
    expect(judge_address(seen), Verdict::warning, {"plain http"});
    seen.https = true;
    seen.all_private = true;
    seen.addresses = {"10.0.0.1"};
    expect(judge_address(seen), Verdict::warning, {"10.0.0.1", "cannot reach"});
    seen.public_github = false;  // a server of one's own may be near
    expect(judge_address(seen), Verdict::ok);
    seen.fault = "the name is not known";
    expect(judge_address(seen), Verdict::wrong, {"the name is not known", "DNS"});
    seen.url_error = "no host";
    expect(judge_address(seen), Verdict::wrong, {"no host"});
}

TEST(Way, Certificate) {
    const Time now(hours(24 * 1000));
    CertificateSeen seen;
    seen.host = "h";
    expect(judge_certificate(seen, now), Verdict::not_looked_at);
    seen.ends = now + hours(24 * 40);
    expect(judge_certificate(seen, now), Verdict::ok, {"40 days"});
    seen.ends = now + hours(24 * 13);
    expect(judge_certificate(seen, now), Verdict::warning, {"13 days", "renew"});
    seen.fault = "certificate has expired";
    seen.expired = true;
    seen.ends = now - hours(1);
    expect(judge_certificate(seen, now), Verdict::wrong, {"has expired on 1972-", "renew"});
    seen.ends = now + hours(1);  // it is its begin that is wrong
    expect(judge_certificate(seen, now), Verdict::wrong, {"not valid yet", "clock"});
    seen.expired = false;
    expect(judge_certificate(seen, now), Verdict::wrong, {"not trusted", "SSL_CERT_FILE"});
    seen.other_host = true;
    expect(judge_certificate(seen, now), Verdict::wrong, {"another host"});
    seen.no_handshake = "no TLS";
    expect(judge_certificate(seen, now), Verdict::wrong, {"no TLS"});
}

TEST(Way, NoSecretOfTheAddressIsShown) {
    const std::string url = "https://u:s3cret@h/x?token=s3cret";
    AddressSeen seen;
    seen.url = url;
    seen.url_error = "the URL \"" + url + "\" cannot be read";
    WaySeen way;
    way.url = url;
    way.unsigned_one = html(301);
    way.unsigned_one.place = url;
    for (const Finding& one : {judge_address(seen), judge_way(way)}) {
        const std::string all = one.says + one.why + one.cure + one.of;
        EXPECT_EQ(all.find("s3cret"), std::string::npos) << all;
        EXPECT_NE(all.find("https://***@h/x?***"), std::string::npos) << all;
    }
    seen.holds_password = true;
    expect(judge_address(seen), Verdict::not_looked_at, {"not sent from here"});
}

TEST(Way, ACertificateThatGitHubDoesNotLookAt) {
    const Time now(hours(24 * 1000));
    CertificateSeen seen;
    seen.host = "h";
    seen.ends = now + hours(24 * 40);
    seen.fault = "self-signed certificate";
    expect(judge_certificate(seen, now), Verdict::wrong);
    seen.not_verified = true;
    expect(judge_certificate(seen, now), Verdict::warning,
           {"self-signed", "SSL verification is off"});
    seen.no_handshake = "no TLS";
    expect(judge_certificate(seen, now), Verdict::wrong, {"no TLS"});
}

TEST(Way, AProxyOfOursSaysNothingOfGitHubsWay) {
    AddressSeen address;
    address.url = "https://h/webhooks/github";
    address.by_proxy = true;
    expect(judge_address(address), Verdict::ok);
    address.unproven = true;
    expect(judge_address(address), Verdict::not_looked_at, {"HTTPS_PROXY", "from a machine"});
    CertificateSeen certificate;
    certificate.by_proxy = true;
    expect(judge_certificate(certificate, Time()), Verdict::not_looked_at, {"HTTPS_PROXY"});
    WaySeen seen;
    seen.unsigned_one.error = "the proxy is away";
    expect(judge_way(seen), Verdict::wrong);
    seen.by_proxy = true;
    expect(judge_way(seen), Verdict::not_looked_at, {"the proxy is away", "HTTPS_PROXY"});
}

TEST(Way, AProxyThatSpeaksHttpToAListenerOfTls) {
    WaySeen seen;
    seen.unsigned_one = html(502);
    expect(judge_way(seen), Verdict::wrong, {"With RUNS_AGENT_TLS_CERTIFICATE_FILE"});
    seen.own_tls = true;
    expect(judge_way(seen), Verdict::wrong, {"speaks TLS", "by https"});
}

TEST(Way, ComesThrough) {
    expect(judge_way(way(pong())), Verdict::ok);
    expect(judge_way(way(std::nullopt)), Verdict::not_looked_at, {"no secret"});
}

TEST(Way, WhatAProxyDoesToASignedDelivery) {
    const std::string differs = "the signature does not match";
    expect(judge_way(way(ours(401, "the signature is missing"))), Verdict::wrong,
           {"without X-Hub-Signature-256"});
    expect(judge_way(way(ours(400, "the header X-GitHub-Event is missing"))), Verdict::wrong,
           {"X-GitHub-Event", "pass all headers on"});
    WaySeen seen = way(ours(401, differs));
    expect(judge_way(seen), Verdict::wrong, {"another secret", "or something on the way"});
    seen.local = pong();
    expect(judge_way(seen), Verdict::wrong, {"taken at the daemon's own listener"});
    seen.plain_one = ours(401, differs);
    expect(judge_way(seen), Verdict::wrong, {"taken at the daemon's own listener"});
    seen.plain_one = pong();
    expect(judge_way(seen), Verdict::wrong, {"other bytes", "raw body"});
    expect(judge_way(way(html(413))), Verdict::wrong, {"413 with HTML"});
    expect(judge_way(way(ours(415, "content type"))), Verdict::wrong, {"415: content type"});
    Answered none;
    none.error = "closed";
    expect(judge_way(way(none)), Verdict::wrong, {"no answer: closed"});
}

TEST(Way, WhatBoundsBodies) {
    WaySeen seen = way(pong());
    expect(judge_way(seen), Verdict::ok, {"a signed ping comes through"});
    seen.large_one = pong();
    expect(judge_way(seen), Verdict::ok, {"signed pings come through"});
    seen.large_one = html(413);
    expect(judge_way(seen), Verdict::wrong, {"48 KiB is answered 413 with HTML", "25 MiB"});
    seen.large_one = ours(401, "the signature does not match");
    expect(judge_way(seen), Verdict::wrong, {"48 KiB is answered 401", "cuts"});
    seen.large_one = Answered();
    seen.large_one->error = "closed";
    expect(judge_way(seen), Verdict::wrong, {"48 KiB gets no answer: closed", "25 MiB"});
}

TEST(Way, NotAllThatALongPingIsAnsweredIsABoundOfBodies) {
    WaySeen seen = way(pong());
    const auto judged = [&seen](Answered answer) {
        seen.large_one = std::move(answer);
        Finding found = judge_way(seen);
        EXPECT_EQ(found.cure.find("client_max_body_size"), std::string::npos) << found.cure;
        return found;
    };
    expect(judged(html(429)), Verdict::warning, {"48 KiB is answered 429", "counts requests"});
    expect(judged(html(503)), Verdict::warning, {"48 KiB is answered 503", "run this again"});
    expect(judged(html(403)), Verdict::wrong, {"filter", "GitHub's addresses"});
    expect(judged(html(502)), Verdict::wrong, {"did not pass it on", "proxy's log"});
    expect(judged(html(200)), Verdict::wrong, {"200 with HTML", "not runs-agent's answer"});
    expect(judged(ours(503, "the disk is full")), Verdict::wrong,
           {"the disk is full", "What the answers mean"});
}

TEST(Way, WhatIsRefusedAtTheListenerIsNotSentOnceMore) {
    WaySeen seen = way(std::nullopt);
    seen.local = ours(401, "X-Hub-Signature-256 does not match");
    expect(judge_way(seen), Verdict::not_looked_at, {"was not sent", "the daemon's secret first"});
}

TEST(Way, WhatAnswersInstead) {
    const auto first = [](Answered answer) {
        WaySeen seen = way(std::nullopt);
        seen.unsigned_one = std::move(answer);
        return judge_way(seen);
    };
    Answered none;
    none.error = "timed out";
    expect(first(none), Verdict::wrong, {"timed out"});
    expect(first(ours(404, "deliveries go to")), Verdict::wrong, {"not the path", "Payload URL"});
    expect(first(html(404)), Verdict::wrong, {"something else than runs-agent"});
    expect(first(html(403)), Verdict::wrong, {"GitHub's addresses"});
    expect(first(html(401)), Verdict::wrong, {"password"});
    expect(first(html(502)), Verdict::wrong, {"does not reach the daemon"});
    expect(first(html(200)), Verdict::wrong, {"not runs-agent's answer"});
    Answered moved = html(301);
    moved.place = "https://other/";
    expect(first(moved), Verdict::wrong, {"a redirect to https://other/"});
    expect(first(ours(503, "busy")), Verdict::wrong, {"503: busy"});
}

}  // namespace
}  // namespace runs_agent::doctor
