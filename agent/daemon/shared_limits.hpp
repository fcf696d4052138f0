// SPDX-License-Identifier: MIT
// GitHub's limits, kept in the store: what one replica was told holds for all, and after a restart.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "github/limit_board.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"

#include <string>

namespace runs_agent::agent {

/// What the Runs API is called where pauses are kept (store::Store::record_pause): the address and
/// the key, by their digest, so that one that was paused does not hold up another.
std::string runs_api_service(const std::string& url, const Result<std::string>& key);

class SharedLimits final : public github::LimitBoard {
public:
    /// Of the GitHub whose API is there. All must live as long.
    SharedLimits(std::string github_api, store::Store& store, const Clock& clock, Log& log)
        : github_api_(std::move(github_api)), store_(store), clock_(clock), log_(log) {}

    Awaitable<std::chrono::milliseconds> wait(std::string budget) override;
    Awaitable<void> tell(std::string budget, std::chrono::milliseconds length) override;

private:
    std::string service(const std::string& budget) const;

    std::string github_api_;
    store::Store& store_;
    const Clock& clock_;
    Log& log_;
};

}  // namespace runs_agent::agent
