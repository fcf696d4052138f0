// SPDX-License-Identifier: MIT
#include "net/client/public_address.hpp"

#include "net/client/connect.hpp"
#include "net/client/http_client.hpp"
#include "tests/net/loopback.hpp"
#include "tests/run_awaitable.hpp"

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

bool is_public(const char* address) {
    return net::is_public(boost::asio::ip::make_address(address));
}

TEST(PublicAddress, TheInternetIs) {
    for (const char* const one :
         {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
          "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888",
          "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"})
        EXPECT_TRUE(is_public(one)) << one;
}

TEST(PublicAddress, MachinesAndTheirNetworksAreNot) {
    for (const char* const one :
         {"0.0.0.0",         "0.1.2.3",     "10.0.0.0",        "10.255.255.255", "100.64.0.0",
          "100.127.255.255", "127.0.0.1",   "127.255.255.255", "168.63.129.16",  "169.254.0.1",
          "169.254.169.254", "172.16.0.0",  "172.31.255.255",  "192.0.0.1",      "192.0.2.1",
          "192.88.99.1",     "192.168.0.1", "198.18.0.1",      "198.19.255.255", "198.51.100.1",
          "203.0.113.1",     "224.0.0.1",   "239.255.255.255", "240.0.0.1",      "255.255.255.255"})
        EXPECT_FALSE(is_public(one)) << one;
    for (const char* const one : {"::",
                                  "::1",
                                  "::7f00:1",
                                  "fc00::1",
                                  "fd12::1",
                                  "fe80::1",
                                  "fec0::1",
                                  "ff02::1",
                                  "100::1",
                                  "2001::1",
                                  "2001:db8::1",
                                  "2002:7f00:1::",
                                  "3fff::1",
                                  "5f00::1",
                                  "::ffff:127.0.0.1",
                                  "::ffff:169.254.169.254",
                                  "::ffff:0:127.0.0.1",
                                  "64:ff9b::127.0.0.1",
                                  "64:ff9b::10.0.0.1",
                                  "64:ff9b:1::8.8.8.8",
                                  "4000::1"})
        EXPECT_FALSE(is_public(one)) << one;
}

TEST(PublicAddress, ThisMachinesOwnAreKnown) {
    const auto own = [](const char* address) {
        return is_own(boost::asio::ip::make_address(address));
    };
    EXPECT_TRUE(own("127.0.0.1"));
    EXPECT_TRUE(own("::ffff:127.0.0.1"));
    EXPECT_TRUE(own("64:ff9b::127.0.0.1"));
    EXPECT_FALSE(own("8.8.8.8"));
    EXPECT_FALSE(own("2606:4700::1111"));
}

class MayConnectTest : public testing::Test {
protected:
    Result<HttpResponse> get(const std::string& url, ClientOptions options) {
        HttpClient client(context_.get_executor(), std::move(options));
        HttpRequest request;
        request.method = "GET";
        request.target = url;
        return tests::run(context_, client.send(std::move(request)));
    }

    boost::asio::io_context context_;
};

TEST_F(MayConnectTest, WhatIsRefusedIsNotConnectedTo) {
    tests::LoopbackServer server(context_, [](const std::string&, int) { return tests::ok("x"); });
    std::string asked;
    ClientOptions options;
    options.may_connect = [&](const std::string& host, const boost::asio::ip::address& address,
                              std::uint16_t port) {
        asked += host + " " + address.to_string() + (port == server.port() ? "; " : " ?; ");
        return false;
    };
    // A name is looked up first: what it stands for decides.
    for (const char* const host : {"127.0.0.1", "localhost"}) {
        const auto answer = get(server.url("/", host), options);
        ASSERT_TRUE(answer.has_error());
        EXPECT_EQ(answer.error().code, Errc::refused) << answer.error().message;
        EXPECT_NE(answer.error().message.find("127.0.0.1"), std::string::npos);
    }
    EXPECT_EQ(server.connections(), 0);
    EXPECT_NE(asked.find("127.0.0.1 127.0.0.1; "), std::string::npos) << asked;
    EXPECT_NE(asked.find("localhost 127.0.0.1; "), std::string::npos) << asked;

    options.may_connect = [](const std::string&, const boost::asio::ip::address&, std::uint16_t) {
        return true;
    };
    EXPECT_TRUE(get(server.url(), options).has_value());
    EXPECT_EQ(server.connections(), 1);
}

TEST(KeepAllowed, ANameOfThousandsOfAddressesIsNotAskedAboutForEach) {
    Endpoints endpoints;
    for (unsigned i = 0; i < 4'000; ++i)
        endpoints.emplace_back(boost::asio::ip::address_v4(0x0a000000U + i), 80);
    std::size_t asked = 0;
    const auto kept = keep_allowed(endpoints, "many.example",
                                   [&](const std::string&, const auto&, std::uint16_t) {
                                       ++asked;
                                       return false;
                                   });
    ASSERT_TRUE(kept.has_error());
    EXPECT_LE(asked, 8U);
    EXPECT_NE(kept.error().message.find("10.0.0.0, 10.0.0.1, 10.0.0.2 and others"),
              std::string::npos)
        << kept.error().message;
    Endpoints all(4'000, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4(1), 80));
    EXPECT_TRUE(keep_allowed(all, "many.example", {}).has_value());
    EXPECT_EQ(all.size(), 4'000U);
}

TEST_F(MayConnectTest, OfHeadsAloneNoBodyIsTaken) {
    for (const char* const answer :
         {"HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx",
          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
          "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nendle",
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx"}) {
        tests::LoopbackServer server(context_, [&](const std::string&, int) { return answer; });
        ClientOptions options;
        options.head_only = true;
        options.answer_timeout = std::chrono::seconds(5);
        options.max_answer = 1;
        const auto got = get(server.url(), options);
        ASSERT_TRUE(got.has_value()) << answer << got.error().message;
        EXPECT_EQ(got->status / 100, 2);
        EXPECT_EQ(got->body, "");
    }
}

TEST_F(MayConnectTest, AProxyDoesNotConnectInItsPlace) {
    tests::LoopbackServer proxy(context_, [](const std::string&, int) { return tests::ok(""); });
    ClientOptions options;
    options.https_proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    options.may_connect = [](const std::string&, const boost::asio::ip::address&, std::uint16_t) {
        return true;
    };
    const auto answer = get("https://inner.example/", options);
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::refused) << answer.error().message;
    EXPECT_EQ(proxy.connections(), 0);
}

}  // namespace
}  // namespace runs_agent::net
