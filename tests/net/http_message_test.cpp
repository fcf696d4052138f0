// SPDX-License-Identifier: MIT
#include "net/http_message.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

TEST(Headers, FindsTheFirstOfANameWithoutCase) {
    const Headers headers{{"X-One", "1"}, {"x-one", "2"}};
    EXPECT_EQ(headers.find("X-ONE"), "1");
    EXPECT_FALSE(headers.has("X-On"));
}

TEST(Headers, SetReplacesEveryFieldOfAName) {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    headers.set("A", "4");
    EXPECT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers.find("a"), "4");
}

TEST(HttpMessage, DecodesThePath) {
    EXPECT_EQ(path_of("/a%2Fb/c+d?x=%zz"), "/a/b/c+d");
    EXPECT_EQ(path_of("/%C3%a4"), "/\xc3\xa4");
    EXPECT_EQ(path_of(""), "");
    for (const char* const broken : {"/%", "/%4", "/%zz", "/a%4g"})
        EXPECT_FALSE(path_of(broken).has_value()) << broken;
}

TEST(HttpMessage, ReadsAQuery) {
    const Parameters expected = {{"tags[]", "a b"}, {"tags[]", "c"}, {"empty", ""},
                                 {"bare", ""},      {"x", "1=2"},    {"bad", "%zz"}};
    EXPECT_EQ(query_of("/p?tags%5B%5D=a+b&tags[]=c&&empty=&bare&x=1=2&bad=%zz#frag?"), expected);
    EXPECT_TRUE(query_of("/p").empty());
    EXPECT_TRUE(query_of("/p?").empty());
}

TEST(HttpMessage, ReadsAFormWithNameless) {
    const Parameters expected = {{"", "1"}, {"payload", R"({"a": "&"})"}};
    EXPECT_EQ(parse_form("=1&payload=%7B%22a%22%3A+%22%26%22%7D"), expected);
    EXPECT_EQ(find(expected, "payload"), R"({"a": "&"})");
    EXPECT_FALSE(find(expected, "Payload").has_value());
}

TEST(HttpMessage, EscapesAllButUnreserved) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a/b c*?&=+%\n\xc3\xa4"), "a%2Fb%20c%2A%3F%26%3D%2B%25%0A%C3%A4");
}

TEST(HttpMessage, EscapedTextIsReadBack) {
    std::string every;
    for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
    EXPECT_EQ(path_of("/" + percent_encode(every)), "/" + every);
    EXPECT_EQ(find(query_of("/?x=" + percent_encode(every)), "x"), every);
}

TEST(HttpMessage, MediaTypeWithoutParameters) {
    EXPECT_EQ(media_type({{"content-type", " Application/JSON ; charset=utf-8"}}),
              "application/json");
    EXPECT_EQ(media_type({}), "");
    EXPECT_EQ(media_type({{"Content-Type", ""}}), "");
}

TEST(HttpMessage, AcceptsGzip) {
    const std::pair<const char*, bool> cases[] = {
        {"gzip", true},
        {"br, GZIP;q=0.5", true},
        {"gzip;q=0", false},
        {"gzip; q=0.000", false},
        {"gzip ;q=0.001", true},
        {"*", true},
        {"*;q=0", false},
        {"gzip;q=0, *", false},
        {"identity", false},
        {"gzipped", false},
        {"", false},
    };
    for (const auto& [value, expected] : cases)
        EXPECT_EQ(accepts_gzip({{"Accept-Encoding", value}}), expected) << value;
    EXPECT_FALSE(accepts_gzip({}));
}

}  // namespace
}  // namespace runs_agent::net
