// SPDX-License-Identifier: MIT
#include "github/document.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

using namespace std::chrono_literals;

TEST(Document, ReadsARun) {
    const auto run = read_run({R"({"id": 9000000000, "run_attempt":2, "status":"completed",
        "conclusion":"cancelled", "created_at":"2026-01-01T00:00:00Z",
        "updated_at":"2026-01-01T00:01:00Z", "duration":1.5, "nested":{"x":[1,null,true]}})",
                               ""});
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->id, 9'000'000'000);
    EXPECT_EQ(run->attempt, 2);
    EXPECT_EQ(run->status, "completed");
    EXPECT_EQ(run->conclusion, "cancelled");
    EXPECT_EQ(run->created_at, Time(1'767'225'600'000ms));
    EXPECT_EQ(run->updated_at - run->created_at, 60s);
    EXPECT_EQ(run->json,
              R"({"id":9000000000,"run_attempt":2,"status":"completed","conclusion":"cancelled",)"
              R"("created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:01:00Z",)"
              R"("duration":1.5,"nested":{"x":[1,null,true]}})");
}

TEST(Document, ReadsARunThatSaysLittle) {
    const auto run =
        read_run({R"({"id":1,"conclusion":null,"run_attempt":0,"created_at":"x"})", ""});
    ASSERT_TRUE(run.has_value());
    EXPECT_EQ(run->attempt, 1);
    EXPECT_EQ(run->conclusion, "");
    EXPECT_EQ(run->created_at, Time());
}

TEST(Document, RefusesWhatIsNotWhatWasAskedFor) {
    for (const char* const body :
         {"{}", "[]", "null", R"({"id":"7"})", R"({"id":0})", R"({"id":99999999999999999999})"}) {
        EXPECT_EQ(read_run({body, ""}).error().code, Errc::bad_input) << body;
        EXPECT_EQ(read_runs({body, ""}).error().code, Errc::bad_input) << body;
        EXPECT_EQ(read_repository({body, ""}).error().code, Errc::bad_input) << body;
        EXPECT_EQ(read_payload({body, ""}).error().code, Errc::bad_input) << body;
        EXPECT_EQ(read_installation({body, ""}).error().code, Errc::bad_input) << body;
        EXPECT_EQ(read_access_token({body, ""}).error().code, Errc::bad_input) << body;
    }
    EXPECT_EQ(read_deliveries({"{}", ""}).error().code, Errc::bad_input);
    EXPECT_EQ(read_deliveries({R"([{"id":1}])", ""}).error().code, Errc::bad_input);
    EXPECT_EQ(read_runs({R"({"workflow_runs":[{"id":1},{}]})", ""}).error().code, Errc::bad_input);
    EXPECT_EQ(
        read_payload({R"({"guid":"g","event":"e","request":{"payload":null}})", ""}).error().code,
        Errc::bad_input);
    EXPECT_EQ(read_access_token({R"({"token":"a b","expires_at":"2026-01-01T00:00:00Z"})", ""})
                  .has_value(),
              false);
}

TEST(Document, RefusesWhatIsNoJson) {
    const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    const std::string deep_member =
        R"({"id":1,"x":)" + std::string(200, '[') + std::string(200, ']') + "}";
    for (const std::string& body : {std::string(), std::string("<html>"), std::string("{"),
                                    std::string("{\"id\":1}x"), std::string("{\"id\":1}\0", 9),
                                    std::string("{\"id\":1,\"a\":\"\xff\"}"), deep, deep_member}) {
        const auto run = read_run({body, ""});
        ASSERT_TRUE(run.has_error()) << body.substr(0, 50);
        EXPECT_EQ(run.error().code, Errc::network) << body.substr(0, 50);
        EXPECT_NE(run.error().message.find("GITHUB_API_URL"), std::string::npos);
    }
    EXPECT_TRUE(read_run({R"({"id":1,"x":"[[[{\"[["})", ""}).has_value());
}

TEST(Document, ReducesARepositoryToWhatPayloadsNeed) {
    const auto repository = read_repository(
        {R"({"id":5,"node_id":"x","name":"shop","full_name":"octo/shop","private":true,
            "owner":{"login":"octo","id":2,"avatar_url":"y","type":"Organization"},
            "html_url":"https://github.com/octo/shop","description":"z","fork":false,
            "default_branch":"trunk","license":{"key":"mit"}})",
         ""});
    ASSERT_TRUE(repository.has_value());
    EXPECT_EQ(repository->full_name, "octo/shop");
    EXPECT_EQ(repository->default_branch, "trunk");
    EXPECT_EQ(
        repository->json,
        R"({"id":5,"name":"shop","full_name":"octo/shop","private":true,)"
        R"("owner":{"login":"octo","id":2,"type":"Organization"},)"
        R"("html_url":"https://github.com/octo/shop","fork":false,"default_branch":"trunk"})");
    EXPECT_EQ(read_repository({R"({"full_name":"a/b","owner":null})", ""})->json,
              R"({"full_name":"a/b"})");
}

TEST(Document, ReadsALogAndItsCursor) {
    const std::string body = R"([{"id":12345678901234,"guid":"g","event":"workflow_run",
        "action":null,"delivered_at":"2026-01-01T00:00:00.250Z","status_code":0},
        {"id":2,"guid":"h","event":"ping","action":"x","delivered_at":"2026-01-01T00:00:00Z",
        "status_code":502}])";
    const auto log = read_deliveries({body, "https://a/deliveries?per_page=100&cursor=v1_%31%26"});
    ASSERT_TRUE(log.has_value()) << log.error().message;
    ASSERT_EQ(log->deliveries.size(), 2U);
    EXPECT_EQ(log->deliveries[0].id, 12'345'678'901'234);
    EXPECT_EQ(log->deliveries[0].guid, "g");
    EXPECT_EQ(log->deliveries[0].action, "");
    EXPECT_EQ(log->deliveries[0].delivered_at, Time(1'767'225'600'250ms));
    EXPECT_EQ(log->deliveries[0].status_code, 0);
    EXPECT_EQ(log->deliveries[1].status_code, 502);
    EXPECT_EQ(log->next_cursor, "v1_1&");
    EXPECT_EQ(read_deliveries({body, ""})->next_cursor, "");
    // To take it for the last page would hide deliveries.
    EXPECT_EQ(read_deliveries({body, "https://a/deliveries?page=2"}).error().code, Errc::bad_input);
}

TEST(Document, ReadsTheWordsOfAFailure) {
    EXPECT_EQ(read_message(R"({"message":"Not Found","status":"404"})", ""), "Not Found");
    EXPECT_EQ(read_message(R"({"message":"a\u001bb tok"})", "tok"), "a b [secret]");
    // What of it was wrong, in each of the forms that GitHub has for it.
    EXPECT_EQ(read_message(R"({"message":"Validation Failed","errors":[{"resource":"Hook",)"
                           R"("code":"custom","message":"Hook already exists"},"url is wrong",)"
                           R"({"field":"events","code":"invalid"},7,{}]})",
                           ""),
              "Validation Failed (Hook already exists; url is wrong; events invalid)");
    EXPECT_EQ(read_message(R"({"message":"No","errors":[{"message":"tok\u001b"}]})", "tok"),
              "No ([secret] )");
    EXPECT_EQ(read_message("<html>\nBad gateway", ""), "<html> Bad gateway");
    EXPECT_EQ(read_message(R"({"message":7})", ""), R"({"message":7})");
    EXPECT_EQ(read_message("", ""), "");
    EXPECT_EQ(read_message(std::string(1'000'000, '['), "").size(), 500U);
}

}  // namespace
}  // namespace runs_agent::github
