// SPDX-License-Identifier: MIT
// A log whose lines a test can read.
#pragma once

#include "observe/log.hpp"
#include "tests/temp_dir.hpp"

#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace runs_agent::tests {

class CapturedLog {
public:
    explicit CapturedLog(const Clock& clock, LogLevel level = LogLevel::debug,
                         LogFormat format = LogFormat::json)
        : log_(clock, level, format, descriptor_) {
        if (descriptor_ < 0) throw std::runtime_error("the log's file could not be made");
    }
    ~CapturedLog() { ::close(descriptor_); }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;

    Log& log() { return log_; }

    /// All that was written, each line with its end.
    std::string text() const {
        std::ostringstream content;
        content << std::ifstream(dir_.file("log"), std::ios::binary).rdbuf();
        return std::move(content).str();
    }

private:
    TempDir dir_;
    int descriptor_ = ::open(dir_.file("log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    Log log_;
};

}  // namespace runs_agent::tests
