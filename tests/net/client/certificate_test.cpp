// SPDX-License-Identifier: MIT
#include "net/client/certificate.hpp"

#include "tests/net/certificate.hpp"
#include "tests/net/loopback.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace runs_agent::net {
namespace {

using namespace std::chrono_literals;
using tests::Certificate;
using tests::LoopbackServer;

class CertificateTest : public testing::Test {
protected:
    LoopbackServer serve(const Certificate& certificate) {
        return {context_, [](const std::string&, int) { return tests::ok("x"); },
                tests::make_server_tls(certificate)};
    }

    Result<PeerSeen> look(const LoopbackServer& server, const Certificate& trusted,
                          const std::string& host = "127.0.0.1", bool tls = true) {
        std::ofstream(folder_.file("ca.pem")) << trusted.certificate;
        return tests::run(context_,
                          look_at_peer(host, server.port(), tls, folder_.file("ca.pem"), 5s));
    }

    tests::TempDir folder_;
    boost::asio::io_context context_;
};

TEST_F(CertificateTest, SaysUntilWhenItIsGood) {
    const Certificate good = tests::make_certificate("IP:127.0.0.1", 7200);
    const LoopbackServer server = serve(good);
    const auto seen = look(server, good);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_TRUE(seen->spoke_tls);
    EXPECT_EQ(seen->certificate_fault, "");
    EXPECT_EQ(seen->addresses, std::vector<std::string>{"127.0.0.1"});
    EXPECT_TRUE(seen->all_private);
    const auto left = *seen->ends - std::chrono::floor<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now());
    EXPECT_LE(left, 7200s);
    EXPECT_GE(left, 7100s);
}

TEST_F(CertificateTest, WhatIsNotTrustedIsSeenAllTheSame) {
    const Certificate good = tests::make_certificate("IP:127.0.0.1");
    const Certificate expired = tests::make_certificate("IP:127.0.0.1", -60);
    const Certificate other = tests::make_certificate("DNS:other.example");
    const LoopbackServer a = serve(expired);
    const auto late = look(a, expired);
    ASSERT_TRUE(late.has_value() && late->ends);
    EXPECT_TRUE(late->not_valid_now);
    EXPECT_NE(late->certificate_fault, "");
    const LoopbackServer b = serve(other);
    EXPECT_TRUE(look(b, other)->other_host);
    const LoopbackServer c = serve(good);
    const auto unknown = look(c, other);
    EXPECT_TRUE(unknown->spoke_tls && unknown->ends);
    EXPECT_NE(unknown->certificate_fault, "");
    EXPECT_FALSE(unknown->not_valid_now || unknown->other_host);
}

TEST_F(CertificateTest, WhoSpeaksNoTls) {
    const LoopbackServer server(context_, [](const std::string&, int) { return tests::ok("x"); });
    const Certificate any = tests::make_certificate("IP:127.0.0.1");
    const auto seen = look(server, any);
    ASSERT_TRUE(seen.has_value());
    EXPECT_FALSE(seen->spoke_tls);
    EXPECT_NE(seen->handshake_fault, "");
    EXPECT_TRUE(look(server, any, "127.0.0.1", false)->handshake_fault.empty());
}

TEST_F(CertificateTest, WhoIsNotThere) {
    const Certificate any = tests::make_certificate("IP:127.0.0.1");
    const auto seen = tests::run(context_, look_at_peer("nobody.invalid", 443, true, "", 5s));
    ASSERT_TRUE(seen.has_error());
    EXPECT_NE(seen.error().message.find("nobody.invalid"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::net
