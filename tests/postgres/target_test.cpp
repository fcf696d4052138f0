// SPDX-License-Identifier: MIT
#include "postgres/target.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace runs_agent::postgres {
namespace {

std::map<std::string, std::string> parameters_of(const std::string& url) {
    const auto target = read_target(url).value();
    return {target.parameters.begin(), target.parameters.end()};
}

class TargetTest : public testing::Test {
protected:
    TargetTest() {
        for (const char* const name : {"PGHOST", "PGSSLMODE", "PGSSLROOTCERT", "PGSERVICE"})
            ::unsetenv(name);
    }
};

TEST_F(TargetTest, AddsWhatANetworkNeeds) {
    const auto given = parameters_of("postgresql://agent@db1,db2:6432/runs?connect_timeout=9");
    EXPECT_EQ(given.at("host"), "db1,db2");
    EXPECT_EQ(given.at("connect_timeout"), "9");
    EXPECT_EQ(given.at("target_session_attrs"), "read-write");
    EXPECT_EQ(given.at("tcp_user_timeout"), "15000");
}

TEST_F(TargetTest, OnTheNetworkAServerMustProveWhoItIs) {
    for (const char* const url :
         {"postgresql://db/runs", "postgres://localhost,db/runs", "postgresql://10.0.0.1/x",
          "postgresql:///runs?hostaddr=10.0.0.1"})
        EXPECT_EQ(parameters_of(url)["sslmode"], "verify-full") << url;
    for (const char* const url : {"postgresql:///runs?host=/run/postgresql", "postgresql:///runs",
                                  "postgresql://127.0.0.1/runs", "postgresql://db/x?service=s"})
        EXPECT_EQ(parameters_of(url)["sslmode"], "") << url;
    EXPECT_EQ(parameters_of("postgresql://db/runs?sslmode=disable")["sslmode"], "disable");
    ::setenv("PGHOST", "db.example", 1);
    EXPECT_EQ(parameters_of("postgresql:///runs")["sslmode"], "verify-full");
    ::setenv("PGSSLMODE", "require", 1);
    EXPECT_EQ(parameters_of("postgresql://db/runs")["sslmode"], "");
}

TEST_F(TargetTest, TheSystemsCertificatesAreTrustedUnlessOthersAreGiven) {
    ::setenv("HOME", "/nonexistent", 1);
    ::setenv("SSL_CERT_FILE", "/my/roots.pem", 1);
    EXPECT_EQ(parameters_of("postgresql://db/runs")["sslrootcert"], "/my/roots.pem");
    EXPECT_EQ(parameters_of("postgresql://db/runs?sslrootcert=/a.pem")["sslrootcert"], "/a.pem");
    EXPECT_EQ(parameters_of("postgresql://db/runs?sslmode=require")["sslrootcert"], "");
    ::unsetenv("SSL_CERT_FILE");
}

TEST_F(TargetTest, NoErrorAndNoNameTellsThePassword) {
    const auto target = read_target("postgresql://agent:hunter2@db:5432/runs").value();
    EXPECT_EQ(target.name, "postgresql://agent@db:5432/runs");
    EXPECT_EQ(without_password("no hunter2 here: hunter2\nat all", target),
              "no (password) here: (password) at all");
    for (const char* const wrong :
         {"postgresql://agent:hunter2%@db/runs", "postgresql://agent:hunter2@[db/runs",
          "postgresql://agent:x@db/runs?hunter2=1", "mysql://agent:hunter2@db"}) {
        const auto refused = read_target(wrong);
        ASSERT_TRUE(refused.has_error()) << wrong;
        EXPECT_EQ(refused.error().code, Errc::bad_input);
        EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos) << wrong;
    }
}

}  // namespace
}  // namespace runs_agent::postgres
