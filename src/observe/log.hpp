// SPDX-License-Identifier: MIT
// The log: one line an event, text on a terminal and JSON elsewhere, each with the names of the
// things it is about. Fields are named values, never a formatted sentence with a secret inside.
#pragma once

#include "base/clock.hpp"
#include "observe/rate_limit.hpp"

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace runs_agent {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

/// Reads "debug", "info", "warn"/"warning", "error".
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;

    LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
    LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
    LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
    LogField(std::string_view n, bool v) : name(n), value(v) {}
    template <std::integral I>
    LogField(std::string_view n, I v) : name(n), value(static_cast<std::int64_t>(v)) {}
};

/// From any thread; lines never mix. Where whoever reads the log has stopped reading, lines are
/// dropped rather than waited with: the work that they tell of goes on. How many, the event
/// "log.dropped" says as soon as there is room again.
class Log {
public:
    using Fields = std::initializer_list<LogField>;

    /// `descriptor` stays the caller's (2 for standard error).
    Log(const Clock& clock, LogLevel level, LogFormat format, int descriptor);

    /// `event` is a fixed dotted name ("delivery.accepted"), the same for ever, so that it can be
    /// searched for; what varies goes into the fields.
    void debug(std::string_view event, Fields fields = {}) {
        write(LogLevel::debug, event, fields);
    }
    void info(std::string_view event, Fields fields = {}) { write(LogLevel::info, event, fields); }
    void warn(std::string_view event, Fields fields = {}) {
        write(LogLevel::warning, event, fields);
    }
    void error(std::string_view event, Fields fields = {}) {
        write(LogLevel::error, event, fields);
    }

    /// For what somebody without a key can cause at will: of each event five lines a second are
    /// written, and the others counted. How many, the event "log.suppressed" says before the next
    /// line of any event, or with tell_suppressed(). `event` must be one of few: it is remembered.
    void limited(LogLevel level, std::string_view event, Fields fields = {});

    enum class Suppressed {
        in_seconds_over,  // those that are counted on are told of later
        all,
    };
    /// Says what was counted and not said yet. To be called about once a second, so that a flood
    /// that has ended is told of, and with `all` at the end.
    void tell_suppressed(Suppressed which);

    /// For as long as one lives, lines are kept, to be written together at its end: those that one
    /// thing brings about, with nothing to wait for in between.
    class Together {
    public:
        explicit Together(Log& log);
        ~Together();
        Together(const Together&) = delete;
        Together& operator=(const Together&) = delete;

    private:
        Log& log_;
    };

private:
    void write(LogLevel level, std::string_view event, Fields fields);
    std::string line_of(LogLevel level, std::string_view event, Fields fields) const;
    void tell(const std::vector<RateLimit::Suppressed>& suppressed);
    void put_line(std::string line);
    void put_lines(std::string lines, std::int64_t count);
    void write_kept();
    bool put(std::string_view text);

    const Clock& clock_;
    LogLevel level_;
    LogFormat format_;
    int descriptor_;
    const bool never_full_;  // it is a file
    std::mutex writing_;     // guards all that follows
    RateLimit limit_;
    std::int64_t dropped_ = 0;  // lines, since the last that was written
    int together_ = 0;
    std::string kept_;  // whole lines, while together_ is not 0
    std::int64_t kept_count_ = 0;
    bool within_line_ = false;  // the last write had room for a line's beginning only
};

}  // namespace runs_agent
