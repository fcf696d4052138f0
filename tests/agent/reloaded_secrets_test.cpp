// SPDX-License-Identifier: MIT
#include "agent/daemon/reloaded_secrets.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace runs_agent::agent {
namespace {

using namespace std::chrono_literals;

bool becomes(const ReloadedSecrets::Secret& secret, const std::string& wanted) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < end) {
        const auto now = secret();
        if (now.has_value() ? *now == wanted : now.error().message == wanted) return true;
        std::this_thread::yield();
    }
    return false;
}

TEST(ReloadedSecrets, AMendedSecretIsPickedUp) {
    // Shared, as the thread may look at it once more when this is over.
    const auto version = std::make_shared<std::atomic<int>>(1);
    const ReloadedSecrets secrets(1ms);
    const auto secret = secrets.keep([version]() -> Result<std::string> {
        if (*version == 2) return fail(Errc::refused, "gone");
        return std::to_string(version->load());
    });
    EXPECT_EQ(*secret(), "1");
    *version = 2;
    EXPECT_TRUE(becomes(secret, "gone"));
    *version = 3;
    EXPECT_TRUE(becomes(secret, "3"));
}

TEST(ReloadedSecrets, NobodyWaitsForAFileThatCannotBeRead) {
    const auto shared = std::make_shared<std::promise<void>>();
    const auto reading = std::make_shared<std::promise<void>>();
    auto begun = reading->get_future();
    ReloadedSecrets::Secret secret;
    {
        const ReloadedSecrets secrets(1ms);
        secret = secrets.keep([shared, reading, until = shared->get_future().share(),
                               reads = 0]() mutable -> Result<std::string> {
            ++reads;
            if (reads == 2) reading->set_value();
            if (reads >= 2) until.wait();
            return "read";
        });
        ASSERT_EQ(begun.wait_for(20s), std::future_status::ready);
        EXPECT_EQ(*secret(), "read");
    }
    EXPECT_EQ(*secret(), "read");
    shared->set_value();
}

}  // namespace
}  // namespace runs_agent::agent
