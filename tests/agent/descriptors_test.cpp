// SPDX-License-Identifier: MIT
#include "agent/daemon/descriptors.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace runs_agent::agent {
namespace {

class DescriptorsTest : public testing::Test {
protected:
    DescriptorsTest() { ::getrlimit(RLIMIT_NOFILE, &before_); }
    ~DescriptorsTest() override { ::setrlimit(RLIMIT_NOFILE, &before_); }

    void limit(rlim_t descriptors) {
        rlimit fewer = before_;
        fewer.rlim_cur = descriptors;
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
    }

    rlimit before_{};
};

TEST_F(DescriptorsTest, ListenersShareWhatTheLimitLeavesThem) {
    limit(1024);
    EXPECT_EQ(connections_for(2048, 1), 896U);
    EXPECT_EQ(connections_for(2048, 2), 448U);
    EXPECT_EQ(connections_for(100, 2), 100U) << "nobody gets more than it wants";
    limit(150);
    EXPECT_EQ(connections_for(2048, 2), 64U) << "some there must be";
}

TEST_F(DescriptorsTest, TheSoftLimitIsRaisedToTheHardOne) {
    limit(150);
    raise_descriptor_limit();
    rlimit raised{};
    ::getrlimit(RLIMIT_NOFILE, &raised);
    EXPECT_EQ(raised.rlim_cur, before_.rlim_max);
}

}  // namespace
}  // namespace runs_agent::agent
