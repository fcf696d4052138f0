// SPDX-License-Identifier: MIT
// What the log tells of a change. A change that is not committed did not happen, so its lines are
// kept until it is on disk.
#pragma once

#include "observe/log.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace runs_agent::runs_server {

/// On one thread at a time.
class LogLines {
public:
    /// `line` writes to the log, once that is due. It must hold what it tells of.
    void add(std::function<void(Log& log)> line) { lines_.push_back(std::move(line)); }

    /// To be called once, after the commit.
    void write(Log& log) const {
        for (const auto& line : lines_) line(log);
    }

private:
    std::vector<std::function<void(Log& log)>> lines_;
};

}  // namespace runs_agent::runs_server
