// SPDX-License-Identifier: MIT
#include "runs_server/caching/cache_name.hpp"
#include "tests/runs_server/server_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

std::string name_of(const std::string& json) {
    rapidjson::Document body;
    body.Parse(json.c_str());
    EXPECT_FALSE(body.HasParseError()) << json;
    return cache_name_of(body);
}

std::string github(int attempt, const std::string& more = "") {
    return R"({"recordKey":"foo","ci":{"provider":"githubActions","params":{"githubRunId":"7",
        "githubRepository":"octo/shop","githubJob":"e2e","githubRunAttempt":")" +
           std::to_string(attempt) + R"("}})" + more + "}";
}

TEST(CacheName, IsThatOfAJobWhateverItsAttempt) {
    EXPECT_EQ(name_of(github(1)), "githubActions/7/octo/shop/e2e/1of1");
    EXPECT_EQ(name_of(github(2)), name_of(github(1)));
    const auto part = [](int index) {
        return github(1,
                      R"(,"config":{"matrixTotal":3,"matrixIndex":)" + std::to_string(index) + "}");
    };
    EXPECT_EQ(name_of(part(2)), "githubActions/7/octo/shop/e2e/2of3");
    EXPECT_NE(name_of(part(1)), name_of(part(2)));
    const auto gitlab = [](const char* job) {
        return R"({"ci":{"provider":"gitlab","params":{"ciPipelineId":"9","ciProjectId":"3","ciJobId":"1","ciJobName":")" +
               std::string(job) + R"("}}})";
    };
    EXPECT_NE(name_of(gitlab("e2e 1/2")), name_of(gitlab("e2e 2/2")));
    EXPECT_EQ(name_of(R"({"ci":{"provider":"circle","params":{"circleWorkflowId":"a",
        "circleWorkflowWorkspaceId":"w"}}})"),
              name_of(R"({"ci":{"provider":"circle","params":{"circleWorkflowId":"b",
        "circleWorkflowWorkspaceId":"w"}}})"));
}

TEST(CacheName, AnIdGoesBeforeAndWithoutAnythingThereIsNone) {
    EXPECT_EQ(name_of(github(1, R"(,"id":"mine")")), "id/mine/1of1");
    EXPECT_EQ(name_of(R"({"ci":{"provider":null,"params":{}}})"), "");
    EXPECT_EQ(name_of(R"({"ci":{"provider":"githubActions","params":{}}})"), "");
    EXPECT_NE(name_of(R"({"ci":{"provider":"drone","params":{"droneBuildNumber":4}}})"), "");
}

class Cache : public ServerTest {
protected:
    rapidjson::Document make(int attempt = 1) {
        const auto answer = ask("POST", "/cache/upload", github(attempt));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json(answer);
    }

    HttpResponse at(const std::string& method, const rapidjson::Value& url,
                    const std::string& body = {}) {
        const std::string text = url.GetString();
        HttpRequest request;
        request.method = method;
        request.target = text.substr(text.find("/v1/"));
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }

    void fill(const rapidjson::Document& cache, const std::string& archive) {
        EXPECT_EQ(at("PUT", cache["uploadUrl"], archive).status, 200);
        EXPECT_EQ(at("PUT", cache["refMetaUploadUrl"], cache["cacheKey"].GetString()).status, 200);
    }

    /// What its reference leads to; the status where it leads nowhere.
    std::string found() {
        const auto meta = json(ask("POST", "/cache/meta", github(2)));
        const auto reference = at("GET", meta["refMetaReadUrl"]);
        if (reference.status != 200) return std::to_string(reference.status);
        const auto answer = ask("POST", "/cache/v2/download",
                                R"({"recordKey":"foo","cacheKey":")" + reference.body + R"("})");
        if (answer.status != 200) return std::to_string(answer.status);
        return at("GET", json(answer)["readUrl"]).body;
    }
};

TEST_F(Cache, TheLastWholeOneIsFound) {
    EXPECT_EQ(found(), "404");
    const auto first = make();
    EXPECT_EQ(at("PUT", first["refMetaUploadUrl"], "x").status, 200);
    EXPECT_EQ(found(), "404");  // its archive is still under way
    fill(first, "one");
    EXPECT_EQ(found(), "one");
    const auto second = make(2);
    EXPECT_EQ(at("PUT", second["refMetaUploadUrl"], second["cacheKey"].GetString()).status, 200);
    EXPECT_EQ(found(), "one");
    fill(second, "two");
    EXPECT_EQ(found(), "two");
    // The one that somebody may be reading is there yet.
    EXPECT_EQ(ask("POST", "/cache/v2/download",
                  R"({"recordKey":"foo","cacheKey":")" +
                      std::string(first["cacheKey"].GetString()) + R"("})")
                  .status,
              200);
}

TEST_F(Cache, ThreeOfANameAreKeptAndNoneForLong) {
    const auto first = make();
    fill(first, "one");
    for (int i = 0; i < 3; ++i) fill(make(), "more");
    EXPECT_EQ(at("PUT", first["uploadUrl"], "one").status, 404);
    EXPECT_EQ(found(), "more");
    clock_.advance(std::chrono::hours(24 * 31));
    make();
    EXPECT_EQ(found(), "404");
}

TEST_F(Cache, NeedsARecordKeyAndAName) {
    for (const char* const path : {"/cache/upload", "/cache/meta", "/cache/v2/download"})
        EXPECT_EQ(ask("POST", path, R"({"recordKey":"bar","cacheKey":"x"})").status, 401) << path;
    const auto unnamed = ask("POST", "/cache/upload", R"({"recordKey":"foo","ci":{}})");
    EXPECT_EQ(unnamed.status, 422);
    EXPECT_EQ(json(unnamed)["code"], "CACHE_ID_MISSING");
    EXPECT_EQ(ask("POST", "/cache/v2/download", R"({"recordKey":"foo","cacheKey":"x"})").status,
              404);
    EXPECT_EQ(ask("GET", "/v1/caches/x").status, 403);
}

class DebugLog : public Cache {
protected:
    HttpResponse make_log(const std::string& body, const std::string& key = "foo") {
        HttpRequest request;
        request.method = "POST";
        request.target = "/runs/debug-logs";
        request.headers.add("x-currents-key", key);
        request.body = body;
        return tests::run(context_, server_.handle(std::move(request)));
    }
};

TEST_F(DebugLog, IsReadWhereTheAnswerSays) {
    const auto answer = make_log(R"({"type":"pw-debug","runId":"made-up"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto log = json(answer);
    EXPECT_EQ(at("GET", log["readUrl"]).status, 404);  // it has not come yet
    EXPECT_EQ(at("PUT", log["uploadUrl"], "what happened").status, 200);
    EXPECT_EQ(at("GET", log["readUrl"]).body, "what happened");
    EXPECT_EQ(at("PUT", log["readUrl"], "else").status, 403);
    // Three of one run are kept, and none for long.
    for (int i = 0; i < 3; ++i) make_log(R"({"runId":"made-up"})");
    EXPECT_EQ(at("GET", log["readUrl"]).status, 404);
}

TEST_F(DebugLog, NeedsAKeyAndARun) {
    EXPECT_EQ(make_log(R"({"runId":"r"})", "bar").status, 401);
    EXPECT_EQ(make_log(R"({"type":"pw-debug"})").status, 400);
    EXPECT_EQ(make_log("[]").status, 400);
    EXPECT_EQ(ask("GET", "/runs/debug-logs").status, 405);
}

}  // namespace
}  // namespace runs_agent::runs_server
