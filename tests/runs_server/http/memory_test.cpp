// SPDX-License-Identifier: MIT
// What the memory budget is asked for.
#include "base/encoding.hpp"
#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

constexpr std::size_t mebibyte = 1024UL * 1024;

class MemoryTest : public ServerTest {
protected:
    /// The targets of an artifact's upload and of its download.
    std::pair<std::string, std::string> announced() {
        announce();
        const auto answer = json(record(
            R"("group":"g","instances":[{"groupId":"g","spec":"a","artifacts":[{"path":"x"}],)"
            R"("results":{"stats":{"tests":1,"passes":1}}}])"));
        const auto target = [&](const char* name) {
            const std::string url = answer["artifactUploadUrls"][0][name].GetString();
            return url.substr(url.find("/v1/"));
        };
        return {target("uploadUrl"), target("readUrl")};
    }

    /// Of the 119 MiB that answers and work may take.
    net::MemoryShare taken(std::uint64_t bytes) {
        net::MemoryShare share(memory_, net::MemoryBudget::Use::working);
        EXPECT_TRUE(share.resize(bytes));
        return share;
    }
};

TEST_F(MemoryTest, AnArtifactsAnswerTakesItsSize) {
    const auto [upload, download] = announced();
    const std::string content(3 * mebibyte, '\x01');
    EXPECT_EQ(ask("PUT", upload, content).status, 200);
    EXPECT_EQ(memory_->used(), 0U);
    {
        const HttpResponse response = ask("GET", download);
        EXPECT_EQ(response.body, content);
        EXPECT_EQ(memory_->used(), content.size());
    }
    EXPECT_EQ(memory_->used(), 0U);
}

TEST_F(MemoryTest, AnArtifactIsNotReadWhereThereIsNoRoom) {
    const auto [upload, download] = announced();
    EXPECT_EQ(ask("PUT", upload, std::string(3 * mebibyte, 'x')).status, 200);
    {
        const net::MemoryShare others = taken(118 * mebibyte);
        const HttpResponse refused = ask("GET", download);
        EXPECT_EQ(refused.status, 503);
        EXPECT_TRUE(refused.headers.has("Retry-After"));
        EXPECT_TRUE(refused.known_sender);
        EXPECT_EQ(memory_->used(), others.bytes());
    }
    EXPECT_EQ(ask("GET", download).status, 200);
}

TEST_F(MemoryTest, ArtifactsAreWrittenAndReadInTheirPlace) {
    const auto [upload, download] = announced();
    for (const std::string& content :
         {std::string("one\0two", 7), std::string("one\0tw2", 7), std::string("one\0tw2", 7),
          std::string(), std::string(3'000'000, '\xff'), std::string(2'999'999, '\xff') + "x"}) {
        EXPECT_EQ(ask("PUT", upload, content).status, 200);
        EXPECT_EQ(ask("GET", download).body, content);
    }
}

TEST_F(MemoryTest, ALargeRunTakesRoomOnlyForWhatIsSent) {
    const std::string run = announce();
    const HttpResponse answer = ask("GET", "/v1/runs/" + run);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(memory_->used(), answer.body.size());
    const std::string found = "/v1/runs/find?projectId=p1&ciBuildId=b1&pwLastRun=true";
    EXPECT_EQ(ask("GET", found).status, 200);
    const net::MemoryShare others = taken(119 * mebibyte - memory_->used());
    EXPECT_EQ(ask("GET", "/v1/runs/" + run).status, 503);
    EXPECT_EQ(ask("GET", found).status, 503);
}

TEST_F(MemoryTest, WhatIsUnpackedTakesRoomUntilItIsRecorded) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/runs";
    request.headers.add("Content-Encoding", "gzip");
    request.body = gzip(R"({"recordKey":"foo","projectId":"p1","x":")" +
                        std::string(20 * mebibyte, 'x') + "\"}");
    // It waits for room a while, and takes it when there is some.
    auto others = std::make_unique<net::MemoryShare>(taken(110 * mebibyte));
    std::optional<HttpResponse> response;
    boost::asio::co_spawn(
        context_, server_.handle(request),
        [&](const std::exception_ptr&, HttpResponse made) { response = std::move(made); });
    context_.restart();
    context_.run_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(response);
    others.reset();
    context_.restart();
    while (!response && context_.run_one_for(std::chrono::seconds(20)) > 0) {
    }
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(memory_->used(), 0U);
}

class AnnouncedMemory : public MemoryTest {
protected:
    /// A suite of one test, which takes about so many bytes.
    static std::string suite_of(std::size_t bytes, const std::string& build) {
        return R"({"recordKey":"foo","projectId":"p1","machineId":"m1","ciBuildId":")" + build +
               R"(","group":"g","tests":[],"fullTestSuite":[{"name":"g","tests":[{"spec":"a",)"
               R"("testId":"t1","title":")" +
               std::string(bytes, 'x') + R"("}]}]})";
    }
    int announce_suite(const std::string& body, bool packed = false) {
        HttpRequest request;
        request.method = "POST";
        request.target = "/runs/v1";
        if (packed) request.headers.add("Content-Encoding", "gzip");
        request.body = packed ? gzip(body, 1) : body;
        return tests::run(context_, server_.handle(std::move(request))).status;
    }
};

TEST_F(AnnouncedMemory, TheLargestAreReadWhateverElseArrives) {
    // As the listener counts its body, and strangers'.
    net::MemoryShare arriving(memory_, net::MemoryBudget::Use::arriving);
    ASSERT_TRUE(arriving.resize(80 * mebibyte));
    EXPECT_EQ(announce_suite(suite_of(63 * mebibyte, "plain")), 200);
    ASSERT_TRUE(arriving.resize(mebibyte));
    EXPECT_EQ(announce_suite(suite_of(95 * mebibyte, "packed"), true), 200);
    EXPECT_EQ(memory_->used(), arriving.bytes());
}

TEST_F(AnnouncedMemory, ReadingOneTakesRoomAndOneThatIsKnownDoesNot) {
    const std::string body = suite_of(3 * mebibyte, "b1");
    {
        const net::MemoryShare others = taken(115 * mebibyte);
        EXPECT_EQ(announce_suite(body), 503);
    }
    EXPECT_EQ(announce_suite(body), 200);
    const net::MemoryShare others = taken(115 * mebibyte);
    EXPECT_EQ(announce_suite(body), 200);
    EXPECT_EQ(announce_suite(suite_of(100'000, "b2")), 200) << "a small one is read all the same";
}

TEST_F(AnnouncedMemory, ManyThatComePackedAtOnceDoNotTakeEachOthersRoom) {
    constexpr int machines = 50;  // 150 MiB, unpacked
    const std::string body = gzip(suite_of(3 * mebibyte, "b1"), 1);
    int done = 0;
    for (int i = 0; i < machines; ++i) {
        HttpRequest request;
        request.method = "POST";
        request.target = "/runs/v1";
        request.headers.add("Content-Encoding", "gzip");
        request.body = body;
        boost::asio::co_spawn(context_, server_.handle(std::move(request)),
                              [&](const std::exception_ptr&, const HttpResponse& made) {
                                  EXPECT_EQ(made.status, 200) << made.body;
                                  ++done;
                              });
    }
    context_.restart();
    while (done < machines && context_.run_one_for(std::chrono::seconds(20)) > 0) {
    }
    EXPECT_EQ(done, machines);
    EXPECT_EQ(memory_->used(), 0U);
}

}  // namespace
}  // namespace runs_agent::runs_server
