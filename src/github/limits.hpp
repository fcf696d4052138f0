// SPDX-License-Identifier: MIT
// GitHub's rate limits, as its answers tell of them: once one was hit, nothing more may be sent
// until it is over, or GitHub may ban who sends. Pure: fed with answers, asked before requests.
// Source: docs.github.com, "Rate limits for the REST API" and "Best practices for using the REST
// API".
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::github {

/// A budget is what a credential's requests are counted on.
class Limits {
public:
    /// How long nothing may be sent yet; zero where it may. Never longer than was said, also where
    /// the clock was set back since.
    std::chrono::milliseconds wait(const std::string& budget, Time now);

    /// Takes in an answer with GitHub's words in it. Returns how long to wait where it was refused
    /// for a limit. Where GitHub does not say, that is a minute, and twice as long each time in a
    /// row.
    std::optional<std::chrono::milliseconds> learn(const std::string& budget,
                                                   const net::HttpResponse& response,
                                                   std::string_view message, Time now);

private:
    struct Budget {
        Time until{};
        std::chrono::milliseconds said{};  // how long that was, when it was said
        int unsaid = 0;                    // limits in a row whose end was not said
    };

    std::map<std::string, Budget> budgets_;
};

}  // namespace runs_agent::github
