// SPDX-License-Identifier: MIT
#include "observe/metrics.hpp"

#include <gtest/gtest.h>

namespace runs_agent {
namespace {

TEST(Metrics, EachFamilyIsDescribedOnceAndCountedByLabel) {
    Metrics metrics;
    metrics.count(Metrics::Counter::deliveries, "accepted");
    metrics.count(Metrics::Counter::tries, "503");
    metrics.count(Metrics::Counter::deliveries, "duplicate");
    metrics.count(Metrics::Counter::deliveries, "accepted");
    const std::string text = metrics.text();
    EXPECT_EQ(text.rfind("# HELP runs_agent_deliveries_total ", 0), 0U) << text;
    EXPECT_NE(text.find("\n# TYPE runs_agent_deliveries_total counter\n"
                        "runs_agent_deliveries_total{status=\"accepted\"} 2\n"
                        "runs_agent_deliveries_total{status=\"duplicate\"} 1\n# HELP "),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("\nruns_agent_tries_total{status=\"503\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("# TYPE runs_agent_webhook_connections_cut_total counter\n"),
              std::string::npos);
    EXPECT_TRUE(text.ends_with("# TYPE runs_agent_catch_up_rounds_total counter\n")) << text;
}

}  // namespace
}  // namespace runs_agent
