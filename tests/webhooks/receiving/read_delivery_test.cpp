// SPDX-License-Identifier: MIT
#include "webhooks/receiving/read_delivery.hpp"

#include "base/text.hpp"
#include "tests/webhooks/example_request.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

using namespace std::string_literals;
using net::HttpRequest;

const std::string payload = R"({"action":"completed","text":"1 + 1 = 2 & 100 % ünï"})";

std::optional<Delivery> accepted(HttpRequest request,
                                 const std::vector<std::string>& secrets = {example_secret}) {
    auto read = read_delivery(std::move(request), secrets);
    if (const auto* refusal = std::get_if<Refusal>(&read)) {
        ADD_FAILURE() << refusal->status << ' ' << refusal->message;
        return std::nullopt;
    }
    return std::get<Delivery>(std::move(read));
}

Refusal refused(HttpRequest request, const std::vector<std::string>& secrets = {example_secret}) {
    auto read = read_delivery(std::move(request), secrets);
    if (const auto* refusal = std::get_if<Refusal>(&read)) return *refusal;
    return {0, "it was accepted"};
}

HttpRequest with(std::string_view header, std::string value) {
    HttpRequest request = example_request(payload);
    request.headers.set(header, std::move(value));
    return request;
}

HttpRequest without(std::string_view header) {
    const HttpRequest whole = example_request(payload);
    HttpRequest request = whole;
    request.headers = {};
    for (const auto& [name, value] : whole.headers)
        if (!equals_ignoring_case(name, header)) request.headers.add(name, value);
    return request;
}

TEST(Delivery, IsTakenFromHeadersAndBody) {
    const auto delivery = accepted(example_request(payload));
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->guid, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    EXPECT_EQ(delivery->event, "workflow_run");
    EXPECT_EQ(delivery->host, "github.com");
    EXPECT_EQ(delivery->hook_id, "292430182");
    EXPECT_EQ(delivery->payload, payload);
}

TEST(Delivery, NamesOfHeadersHaveNoCase) {
    HttpRequest request = example_request(payload);
    const net::Headers headers = request.headers;
    request.headers = {};
    for (auto [name, value] : headers) {
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        request.headers.add(name, value);
    }
    const auto delivery = accepted(std::move(request));
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->event, "workflow_run");
}

TEST(Delivery, TheContentTypeMayHaveParameters) {
    for (const char* const type : {"application/json; charset=utf-8", "Application/JSON"}) {
        const auto delivery = accepted(with("Content-Type", type));
        ASSERT_TRUE(delivery) << type;
        EXPECT_EQ(delivery->payload, payload);
    }
}

TEST(Delivery, APayloadComesOutOfAForm) {
    const auto delivery = accepted(example_form(payload));
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->payload, payload);
    EXPECT_EQ(delivery->event, "workflow_run");
}

TEST(Delivery, OtherFieldsOfAFormAreNotAsked) {
    HttpRequest request = example_request("a=b&payload=%7B%22a%22%3A+1%7D&c=d");
    request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    const auto delivery = accepted(std::move(request));
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->payload, R"({"a": 1})");
}

TEST(Delivery, AFormIsSignedAsItIsEncoded) {
    HttpRequest request = example_form(payload);
    request.headers.set("X-Hub-Signature-256", sign(example_secret, payload));
    EXPECT_EQ(refused(request).status, 401);
}

TEST(Delivery, AFormWithoutAPayloadIsRefused) {
    for (const char* const body : {"", "a=b", "Payload=%7B%7D", "%7B%7D"}) {
        HttpRequest request = example_request(body);
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        const Refusal refusal = refused(std::move(request));
        EXPECT_EQ(refusal.status, 400) << body;
        EXPECT_EQ(refusal.message, "the form has no field named payload");
    }
}

TEST(Delivery, EachSecretInForceIsAccepted) {
    const std::vector<std::string> rotating{"new", example_secret, "old"};
    for (const std::string& secret : rotating) {
        const auto delivery =
            accepted(with("X-Hub-Signature-256", sign(secret, payload)), rotating);
        EXPECT_TRUE(delivery) << secret;
    }
    EXPECT_EQ(refused(with("X-Hub-Signature-256", sign("oldest", payload)), rotating).status, 401);
    EXPECT_EQ(refused(example_request(payload), {}).status, 401);
}

TEST(Delivery, EachRefusalSaysWhatIsWrong) {
    struct Case {
        HttpRequest request;
        int status;
        const char* says;
    };
    HttpRequest changed = example_request(payload);
    changed.body += " ";
    HttpRequest sha1 = without("X-Hub-Signature-256");
    // GitHub's own SHA-1 of this body and secret, were it asked for.
    sha1.headers.add("X-Hub-Signature", "sha1=600185670279c630f8e5b0efaa87a52742e6835a");
    const Case cases[] = {
        {without("X-Hub-Signature-256"), 401, "the signature is missing: set a secret"},
        {sha1, 401, "only X-Hub-Signature (SHA-1) is there"},
        {with("X-Hub-Signature-256", ""), 401, "does not match"},
        {with("X-Hub-Signature-256", "sha256=00"), 401, "does not match"},
        {with("X-Hub-Signature-256", sign("wrong", payload)), 401, "does not match"},
        {changed, 401, "does not match"},
        {changed, 401, "such as a relay (smee.io) that writes the JSON anew"},
        {without("X-GitHub-Event"), 400, "X-GitHub-Event is missing or malformed"},
        {with("X-GitHub-Event", ""), 400, "X-GitHub-Event"},
        {with("X-GitHub-Event", "workflow run"), 400, "X-GitHub-Event"},
        {with("X-GitHub-Event", "../../etc/passwd"), 400, "X-GitHub-Event"},
        {with("X-GitHub-Event", "a\nb"), 400, "X-GitHub-Event"},
        {with("X-GitHub-Event", "ünï"), 400, "X-GitHub-Event"},
        {with("X-GitHub-Event", std::string(65, 'a')), 400, "X-GitHub-Event"},
        {without("X-GitHub-Delivery"), 400, "X-GitHub-Delivery is missing or malformed"},
        {with("X-GitHub-Delivery", ""), 400, "X-GitHub-Delivery"},
        {with("X-GitHub-Delivery", "a/b"), 400, "X-GitHub-Delivery"},
        {with("X-GitHub-Delivery", "a\0b"s), 400, "X-GitHub-Delivery"},
        {with("X-GitHub-Delivery", "' OR 1=1 --"), 400, "X-GitHub-Delivery"},
        {with("X-GitHub-Delivery", std::string(129, 'a')), 400, "X-GitHub-Delivery"},
        {without("Content-Type"), 415, "application/json or application/x-www-form-urlencoded"},
        {with("Content-Type", "text/plain"), 415, "choose one in the webhook's settings"},
        {with("Content-Type", "application/jsonp"), 415, "content type"},
        {with("Content-Type", "multipart/form-data; boundary=x"), 415, "content type"},
    };
    for (const Case& each : cases) {
        const Refusal refusal = refused(each.request);
        EXPECT_EQ(refusal.status, each.status) << refusal.message;
        EXPECT_NE(refusal.message.find(each.says), std::string::npos) << refusal.message;
        EXPECT_EQ(refusal.message.find(example_secret), std::string::npos) << refusal.message;
    }
}

TEST(Delivery, IdsAndEventsMayBeAsLongAsTheirBounds) {
    EXPECT_TRUE(accepted(with("X-GitHub-Event", std::string(64, 'a'))));
    EXPECT_TRUE(accepted(with("X-GitHub-Delivery", std::string(128, 'a'))));
}

TEST(Delivery, NothingIsLookedAtBeforeTheSignature) {
    // Whoever cannot sign learns nothing but that, whatever else is wrong.
    HttpRequest nothing;
    EXPECT_EQ(refused(nothing).status, 401);
    for (const char* const header : {"X-GitHub-Event", "X-GitHub-Delivery", "Content-Type"}) {
        HttpRequest request = without(header);
        request.headers.set("X-Hub-Signature-256", sign("wrong", payload));
        EXPECT_EQ(refused(request).status, 401) << header;
    }
    HttpRequest form = example_form(payload);
    form.body = "no=payload";
    EXPECT_EQ(refused(form).status, 401);
}

TEST(Delivery, TheOldSignatureBesideTheNewOneDoesNotMatter) {
    EXPECT_TRUE(accepted(with("X-Hub-Signature", "sha1=0000")));
}

TEST(Delivery, AnEnterpriseServerSaysItsHost) {
    const std::pair<std::string, std::string> cases[] = {
        {"github.octo.example", "github.octo.example"},
        {"github.octo.example:8443", "github.octo.example:8443"},
        // One spelling, or what GITHUB_API_URL says is taken for another server.
        {"GitHub.Octo.EXAMPLE", "github.octo.example"},
        {"github.octo.example.", "github.octo.example"},
        {"GITHUB.octo.example:443", "github.octo.example"},
        {"GitHub.com", "github.com"},
        {std::string(255, 'a'), std::string(255, 'a')},
        // What is no host counts as not given.
        {std::string(256, 'a'), "github.com"},
        {"", "github.com"},
        {"https://github.octo.example", "github.com"},
        {"two words", "github.com"},
        {"line\nend", "github.com"},
        {"\x7f", "github.com"},
    };
    for (const auto& [sent, host] : cases) {
        const auto delivery = accepted(with("X-GitHub-Enterprise-Host", sent));
        ASSERT_TRUE(delivery) << sent;
        EXPECT_EQ(delivery->host, host);
    }
}

TEST(Delivery, AMalformedHookIdCountsAsNone) {
    EXPECT_EQ(accepted(without("X-GitHub-Hook-ID")).value_or(Delivery{}).hook_id, "");
    EXPECT_EQ(accepted(with("X-GitHub-Hook-ID", "1 2")).value_or(Delivery{}).hook_id, "");
    EXPECT_EQ(accepted(with("X-GitHub-Hook-ID", std::string(33, '1'))).value_or(Delivery{}).hook_id,
              "");
}

}  // namespace
}  // namespace runs_agent::webhooks
