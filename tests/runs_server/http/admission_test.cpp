// SPDX-License-Identifier: MIT
// What strangers without a key can do to those who have one.
#include "base/encoding.hpp"
#include "tests/runs_server/server_fixture.hpp"

#include <boost/asio/detached.hpp>

#include <future>

namespace runs_agent::runs_server {
namespace {

constexpr std::size_t mebibyte = 1024UL * 1024;

HttpRequest post(const std::string& body) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/runs";
    request.peer = "192.0.2.1";
    request.body = body;
    return request;
}

HttpRequest packed(const std::string& body) {
    HttpRequest request = post(gzip(body, 1));
    request.headers.add("Content-Encoding", "gzip");
    return request;
}

class AdmissionTest : public ServerTest {
protected:
    HttpResponse answer(HttpRequest request) {
        return tests::run(context_, server_.handle(std::move(request)));
    }

    /// Keeps the database's writer and its reader at work while it lives.
    class Blocked {
    public:
        Blocked(sqlite::Worker& worker, boost::asio::io_context& context) {
            const auto wait = [until =
                                   end_.get_future().share()](sqlite::Database&) -> Result<int> {
                until.wait();
                return 0;
            };
            boost::asio::co_spawn(context, worker.write(wait), boost::asio::detached);
            boost::asio::co_spawn(context, worker.read(wait), boost::asio::detached);
            context.restart();
            context.poll();
        }
        ~Blocked() { end_.set_value(); }
        Blocked(const Blocked&) = delete;
        Blocked& operator=(const Blocked&) = delete;

    private:
        std::promise<void> end_;
    };
};

TEST_F(AdmissionTest, AHeadShowsAReportersKeyBeforeItsBodyHasCome) {
    // What was valid when it began is known without a use.
    RunsServer server{worker_, clock_, log_.log(), {file(), "process", "url key", memory_}};
    const auto knows = [&server](const char* target, const char* key) {
        HttpRequest head;
        head.method = "POST";
        head.target = target;
        head.headers.add("x-currents-key", key);
        return server.knows_sender(head);
    };
    const auto used = [this, &server](const char* key) {
        HttpRequest request = post(R"({"recordKey":"none"})");
        request.target = "/test-record";
        request.headers.add("x-currents-key", key);
        return tests::run(context_, server.handle(std::move(request))).status;
    };
    EXPECT_TRUE(knows("/runs/v1", "foo"));
    EXPECT_TRUE(knows("/test-record", "foo"));
    EXPECT_FALSE(knows("/runs/v1", "bar"));
    EXPECT_FALSE(knows("/runs/v1", ""));
    EXPECT_FALSE(knows("/v1/projects", "foo")) << "it opens nothing there";
    // A key that is made or revoked is known when it was used once.
    sqlite::Database database(file());
    add_key(database, KeyKind::record, "bar", false, "bar", clock_.now());
    EXPECT_NE(used("bar"), 401);
    EXPECT_TRUE(knows("/runs/v1", "bar"));
    database.execute("UPDATE keys SET revoked_at = 1");
    EXPECT_EQ(used("foo"), 401);
    EXPECT_FALSE(knows("/runs/v1", "foo"));
}

TEST_F(AdmissionTest, WhoMayNotAskWaitsForNoDatabaseJob) {
    const Blocked blocked(worker_, context_);
    for (const char* const method : {"GET", "DELETE"}) {
        HttpRequest wrong;
        wrong.method = method;
        wrong.target = "/v1/runs/x";
        wrong.headers.add("Authorization", "Bearer wrong");
        EXPECT_EQ(answer(wrong).status, 401) << method;
    }
    EXPECT_EQ(answer(post(R"({"recordKey":"wrong"})")).status, 401);
    EXPECT_EQ(answer(post("{}")).status, 401);
    EXPECT_EQ(answer(packed("broken")).status, 400);
    HttpRequest unsigned_url;
    unsigned_url.method = "PUT";
    unsigned_url.target = "/v1/artifacts/x?expires=1&signature=00";
    EXPECT_EQ(answer(unsigned_url).status, 403);
    HttpRequest document;
    document.method = "GET";
    document.target = "/v1/docs/openapi.json";
    EXPECT_EQ(answer(document).status, 200);
}

TEST_F(AdmissionTest, TheDocumentIsInMemoryOnceHoweverManyAskForIt) {
    HttpRequest request;
    request.method = "GET";
    request.target = "/v1/docs/openapi.json";
    const HttpResponse one = answer(request);
    const HttpResponse another = answer(request);
    ASSERT_TRUE(one.document);
    EXPECT_EQ(one.document, another.document);
    EXPECT_TRUE(one.body.empty());
    request.headers.add("Accept-Encoding", "gzip");
    const HttpResponse packed = answer(request);
    EXPECT_EQ(packed.headers.find("Content-Encoding"), "gzip");
    EXPECT_LT(packed.content().size(), one.content().size());
    EXPECT_EQ(answer(request).document, packed.document);
}

TEST_F(AdmissionTest, OnlyWhoHasAKeyIsNoStranger) {
    EXPECT_FALSE(answer(post(R"({"recordKey":"wrong"})")).known_sender);
    EXPECT_FALSE(ask("GET", "/v1/docs/openapi.json").known_sender);
    EXPECT_FALSE(ask("GET", "/nothing").known_sender);
    EXPECT_TRUE(ask("GET", "/v1/projects").known_sender);
    EXPECT_TRUE(ask("GET", "/v1/runs/none").known_sender);
    EXPECT_TRUE(answer(post(R"({"recordKey":"foo","projectId":"p1"})")).known_sender);
}

TEST_F(AdmissionTest, AKeyThatComesLateIsFound) {
    const std::string before = R"({"projectId":"p1","x":")" + std::string(3 * mebibyte, 'x');
    const std::string body = before + R"(","recordKey":"foo"})";
    EXPECT_EQ(answer(packed(body)).status, 200);
    EXPECT_EQ(answer(post(body)).status, 200);
    EXPECT_EQ(answer(packed(before + R"(","recordKey":"wrong"})")).status, 401);
}

TEST_F(AdmissionTest, ARightKeyInTheHeaderSparesTheSearchAndNoCheck) {
    HttpRequest request = packed(R"({"projectId":"p1","recordKey":"foo"})");
    request.headers.add("X-Currents-Key", "foo");
    EXPECT_EQ(answer(request).status, 200);
    EXPECT_EQ(server_.key_searches().fast, 0U);
    HttpRequest other = packed(R"({"projectId":"p1","recordKey":"wrong"})");
    other.headers.add("x-currents-key", "foo");
    const HttpResponse refused = answer(other);
    EXPECT_EQ(refused.status, 401);
    EXPECT_FALSE(refused.known_sender);
    HttpRequest wrong = packed(R"({"projectId":"p1","recordKey":"foo"})");
    wrong.headers.add("x-currents-key", "wrong");
    EXPECT_EQ(answer(wrong).status, 200);
}

TEST_F(AdmissionTest, KeysHoldAtOnceWhoeverMakesAndRevokesThem) {
    sqlite::Database other(file());  // as another process has it
    const auto asked = [this](const char* key) {
        HttpRequest request;
        request.method = "GET";
        request.target = "/v1/projects";
        request.headers.add("Authorization", std::string("Bearer ") + key);
        return answer(request).status;
    };
    EXPECT_EQ(asked("k"), 401);
    add_key(other, KeyKind::api, "new", true, "k", clock_.now());
    EXPECT_EQ(asked("k"), 200);
    for (const Key& key : list_keys(other)) revoke_key(other, key.id, clock_.now());
    EXPECT_EQ(asked("k"), 401);
    EXPECT_EQ(answer(post(R"({"recordKey":"foo","projectId":"p1"})")).status, 401);
}

TEST_F(AdmissionTest, AFloodOfBombsDoesNotKeepAReporterWaiting) {
    const HttpRequest bomb = packed(R"({"a":")" + std::string(95 * mebibyte, 'a'));
    std::size_t ended = 0;
    for (int i = 0; i < 60; ++i)
        boost::asio::co_spawn(context_, server_.handle(bomb),
                              [&](const std::exception_ptr&, const HttpResponse& response) {
                                  ++ended;
                                  EXPECT_TRUE(response.status == 400 || response.status == 503);
                              });
    context_.restart();
    context_.poll();
    EXPECT_EQ(answer(packed(R"({"recordKey":"foo","projectId":"p1"})")).status, 200);
    const auto counts = server_.key_searches();
    // Unpacked whole, they would be 5,700 MiB; there are places for less.
    EXPECT_LT(counts.fast + counts.slow, 2500 * mebibyte);
    // Whoever made way for others was told so; the rest is left to the end of the fixture.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (ended < 60 - KeySearchLimits().slow_places - 1 && std::chrono::steady_clock::now() < end)
        context_.run_one_until(end);
    EXPECT_GE(ended, 60 - KeySearchLimits().slow_places - 1);
}

}  // namespace
}  // namespace runs_agent::runs_server
