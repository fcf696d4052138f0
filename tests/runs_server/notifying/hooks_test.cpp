// SPDX-License-Identifier: MIT
#include "runs_server/notifying/hooks.hpp"

#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

class Hooks : public ServerTest {
protected:
    HttpResponse make(const std::string& body, const std::string& project = "p1") {
        return ask("POST", "/v1/webhooks?projectId=" + project, body);
    }
    std::string made_id(const std::string& body) {
        const auto made = make(body);
        EXPECT_EQ(made.status, 201) << made.body;
        return json(made)["data"]["hookId"].GetString();
    }
    std::string wrong(const HttpResponse& response) {
        EXPECT_EQ(response.status, 400) << response.body;
        return json(response)["error"].GetString();
    }
    std::string headers_kept(const std::string& id) {
        sqlite::Database database(file());
        sqlite::Statement row = database.prepare("SELECT headers FROM hooks WHERE id = ?");
        return row.bind(id).step() ? row.text(0) : "";
    }
};

TEST_F(Hooks, OneIsMadeShownChangedAndDeleted) {
    const std::string id =
        made_id(R"({"url":"https://ci.example/hook?a=1","headers":"{\"X-Key\":\"s3cret\"}",)"
                R"("hookEvents":["RUN_FINISH","RUN_START"],"label":"chat"})");
    const std::string expected =
        R"({"status":"OK","data":{"hookId":")" + id +
        R"(","projectId":"p1","url":"https://ci.example/hook?a=1",)"
        R"("headers":"{\"X-Key\":\"********\"}","hookEvents":["RUN_START","RUN_FINISH"],)"
        R"("label":"chat"}})";
    EXPECT_EQ(ask("GET", "/v1/webhooks/" + id).body, expected);

    const auto changed =
        json(ask("PUT", "/v1/webhooks/" + id, R"({"url":"https://b.example/","label":null})"));
    EXPECT_STREQ(changed["data"]["url"].GetString(), "https://b.example/");
    EXPECT_TRUE(changed["data"]["label"].IsNull());
    EXPECT_EQ(changed["data"]["hookEvents"].Size(), 2U);
    EXPECT_EQ(headers_kept(id), R"({"X-Key":"s3cret"})");

    const auto other = made_id(R"({"url":"https://c.example"})");
    const auto listed = json(ask("GET", "/v1/webhooks?projectId=p1"));
    ASSERT_EQ(listed["data"].Size(), 2U);
    EXPECT_EQ(listed["data"][0]["hookId"].GetString(), id);
    EXPECT_EQ(listed["data"][1]["hookEvents"].Size(), 4U);
    EXPECT_TRUE(listed["data"][1]["headers"].IsNull());

    EXPECT_EQ(ask("DELETE", "/v1/webhooks/" + id).status, 200);
    EXPECT_EQ(ask("DELETE", "/v1/webhooks/" + id).status, 404);
    EXPECT_EQ(ask("GET", "/v1/webhooks/" + id).status, 404);
    EXPECT_EQ(ask("PUT", "/v1/webhooks/" + id, "{}").status, 404);
    EXPECT_EQ(ask("GET", "/v1/webhooks/" + other).status, 200);
}

TEST_F(Hooks, HeadersAreShownToNobodyAndStayWhereTheyAreSentBackAsShown) {
    const std::string id =
        made_id(R"({"url":"https://a.example","headers":{"X-Key":"s3cret","X-Other":"hush"}})");
    const auto shown = json(ask("GET", "/v1/webhooks/" + id));
    const std::string headers = shown["data"]["headers"].GetString();
    EXPECT_EQ(headers, R"({"X-Key":"********","X-Other":"********"})");
    EXPECT_EQ(ask("PUT", "/v1/webhooks/" + id,
                  R"({"headers":"{\"x-key\":\"********\",\"X-New\":\"n\"}"})")
                  .status,
              200);
    EXPECT_EQ(headers_kept(id), R"({"x-key":"s3cret","X-New":"n"})");
    EXPECT_NE(wrong(ask("PUT", "/v1/webhooks/" + id, R"({"headers":{"X-Gone":"********"}})"))
                  .find("no value that could be kept"),
              std::string::npos);
    EXPECT_EQ(headers_kept(id), R"({"x-key":"s3cret","X-New":"n"})");
    EXPECT_EQ(ask("PUT", "/v1/webhooks/" + id, R"({"headers":null})").status, 200);
    EXPECT_EQ(headers_kept(id), "");
    EXPECT_EQ(log_.text().find("s3cret"), std::string::npos);
}

TEST_F(Hooks, WhatBreaksARuleIsRefusedAndNamed) {
    const auto refused = [&](const std::string& members, const std::string& part) {
        const std::string told = wrong(make("{" + members + "}"));
        EXPECT_NE(told.find(part), std::string::npos) << members << ": " << told;
        EXPECT_EQ(told.find("s3cret"), std::string::npos) << told;
    };
    const std::string url = R"("url":"https://a.example")";
    refused(R"("label":"x")", "url is required");
    refused(R"("url":7)", "url must be a text");
    refused(R"("url":"ftp://a.example")", "neither http nor https");
    refused(R"("url":"https://u:s3cret@a.example")", "user name or password");
    refused(R"("url":"https://a.example/)" + std::string(2048, 'x') + '"', "2,048");
    refused(url + R"(,"hookEvents":[])", "hookEvents must be");
    refused(url + R"(,"hookEvents":["RUN_STARTED"])", "hookEvents must be");
    refused(url + R"(,"hookEvents":"RUN_START")", "hookEvents must be");
    refused(url + R"(,"label":"")", "1 to 255");
    refused(url + R"(,"label":")" + std::string(256, 'x') + '"', "1 to 255");
    refused(url + R"(,"hookEvent":["RUN_START"])", "\"hookEvent\" is no member");
    refused(url + R"(,"headers":"s3cret")", "JSON object");
    refused(url + R"(,"headers":["s3cret"])", "JSON object");
    refused(url + R"(,"headers":{"X-A":7})", "\"X-A\" must be a text");
    refused(url + R"(,"headers":{"X A":"s3cret"})", "no name of a header");
    refused(url + R"(,"headers":{"X-A":"s3cret\r\nX-B: c"})", "visible ASCII");
    refused(url + R"(,"headers":{"X-A":"s3cret","x-a":"b"})", "twice");
    for (const char* const name : {"Host", "Content-Length", "transfer-encoding", "X-Timestamp"})
        refused(url + R"(,"headers":{")" + name + R"(":"s3cret"})", "is set by this server");
    refused(url + R"(,"headers":{"X-A":")" + std::string(4096, 'x') + R"("})", "4,096");
    EXPECT_EQ(json(ask("GET", "/v1/webhooks?projectId=p1"))["data"].Size(), 0U);
}

TEST_F(Hooks, AnAddressOfThisMachineIsRefusedBeforeItIsEverSentTo) {
    for (const char* const host : {"127.0.0.1", "localhost", "a.localhost", "[::1]", "10.1.2.3",
                                   "169.254.169.254", "[::ffff:127.0.0.1]"})
        EXPECT_NE(wrong(make(R"({"url":"http://)" + std::string(host) + R"(/"})"))
                      .find("RUNS_AGENT_API_WEBHOOKS_ALLOW"),
                  std::string::npos)
            << host;
    EXPECT_EQ(make(R"({"url":"http://8.8.8.8/"})").status, 201);
}

TEST_F(Hooks, BelongToAProjectThatIsThere) {
    EXPECT_EQ(make(R"({"url":"https://a.example"})", "nobody").status, 404);
    EXPECT_EQ(wrong(ask("POST", "/v1/webhooks", R"({"url":"https://a.example"})")),
              "projectId is required");
    EXPECT_EQ(wrong(ask("GET", "/v1/webhooks")), "projectId is required");
    for (int i = 0; i < 50; ++i) made_id(R"({"url":"https://a.example"})");
    EXPECT_NE(wrong(make(R"({"url":"https://a.example"})")).find("at most 50"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_server
