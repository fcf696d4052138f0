// SPDX-License-Identifier: MIT
#include "observe/log.hpp"

#include "base/time_text.hpp"
#include "observe/printable.hpp"

#include <climits>

#include <array>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent {

namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};

std::string_view name_of(LogLevel level) {
    return level_names[static_cast<std::size_t>(level)];
}

void put_member(std::string& line, std::string_view name, std::string_view value) {
    put_json_string(line, name);
    line += ':';
    put_json_string(line, value);
}

std::string json_line(Time now, LogLevel level, std::string_view event, Log::Fields fields) {
    constexpr std::size_t usual = 512;
    std::string line;
    line.reserve(usual);
    line += '{';
    put_member(line, "time", to_iso8601(now));
    line += ',';
    put_member(line, "level", name_of(level));
    line += ',';
    put_member(line, "event", event);
    for (const LogField& field : fields) {
        line += ',';
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            put_member(line, field.name, *text);
            continue;
        }
        put_json_string(line, field.name);
        line += ':';
        if (const auto* number = std::get_if<std::int64_t>(&field.value))
            line += std::to_string(*number);
        else
            line += std::get<bool>(field.value) ? "true" : "false";
    }
    line += '}';
    return line;
}

/// A value that could be misread or could draw on a terminal is put in quotes and escaped.
void put_text(std::string& line, std::string_view text) {
    const std::string value = json_string(text);
    const bool unchanged = value.size() == text.size() + 2 && value.substr(1, text.size()) == text;
    const bool plain =
        unchanged && !text.empty() && text.find_first_of(" =") == std::string_view::npos;
    line += plain ? text : value;
}

std::string text_line(Time now, LogLevel level, std::string_view event, Log::Fields fields) {
    std::string line = to_iso8601(now);
    line += ' ';
    line += name_of(level);
    line.append(6 - name_of(level).size(), ' ');
    line += event;
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        if (const auto* text = std::get_if<std::string_view>(&field.value)) put_text(line, *text);
        if (const auto* number = std::get_if<std::int64_t>(&field.value))
            line += std::to_string(*number);
        if (const auto* flag = std::get_if<bool>(&field.value)) line += *flag ? "true" : "false";
    }
    return line;
}

/// One that has no end at which it could be full (a disk that is says so at once).
bool is_file(int descriptor) {
    struct stat told{};
    return ::fstat(descriptor, &told) == 0 && S_ISREG(told.st_mode);
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view name) {
    if (name == "warning") return LogLevel::warning;
    for (std::size_t i = 0; i < level_names.size(); ++i)
        if (name == level_names[i]) return static_cast<LogLevel>(i);
    return std::nullopt;
}

Log::Log(const Clock& clock, LogLevel level, LogFormat format, int descriptor)
    : clock_(clock),
      level_(level),
      format_(format),
      descriptor_(descriptor),
      never_full_(is_file(descriptor)) {}

std::string Log::line_of(LogLevel level, std::string_view event, Fields fields) const {
    const Time now = clock_.now();
    return (format_ == LogFormat::json ? json_line(now, level, event, fields)
                                       : text_line(now, level, event, fields)) +
           '\n';
}

void Log::write(LogLevel level, std::string_view event, Fields fields) {
    if (level < level_) return;
    std::string line = line_of(level, event, fields);
    const std::lock_guard lock(writing_);
    tell(limit_.take_over(clock_.steady()));
    put_line(std::move(line));
}

void Log::limited(LogLevel level, std::string_view event, Fields fields) {
    if (level < level_) return;
    const std::lock_guard lock(writing_);
    const SteadyTime now = clock_.steady();
    tell(limit_.take_over(now));
    if (limit_.admit(event, now)) put_line(line_of(level, event, fields));
}

void Log::tell_suppressed(Suppressed which) {
    const std::lock_guard lock(writing_);
    tell(which == Suppressed::all ? limit_.take_all() : limit_.take_over(clock_.steady()));
}

void Log::tell(const std::vector<RateLimit::Suppressed>& suppressed) {
    for (const auto& [event, count] : suppressed)
        put_line(line_of(LogLevel::warning, "log.suppressed", {{"of", event}, {"count", count}}));
}

Log::Together::Together(Log& log) : log_(log) {
    const std::lock_guard lock(log_.writing_);
    ++log_.together_;
}

Log::Together::~Together() {
    const std::lock_guard lock(log_.writing_);
    if (--log_.together_ == 0) log_.write_kept();
}

void Log::write_kept() {
    if (kept_.empty()) return;
    put_lines(std::move(kept_), kept_count_);
    kept_.clear();
    kept_count_ = 0;
}

void Log::put_line(std::string line) {
    if (together_ == 0) return put_lines(std::move(line), 1);
    // What a pipe takes at once, it takes whole or not at all.
    if (kept_.size() + line.size() > PIPE_BUF) write_kept();
    kept_ += line;
    ++kept_count_;
}

void Log::put_lines(std::string lines, std::int64_t count) {
    if (dropped_ > 0)
        lines.insert(0, (within_line_ ? "\n" : "") +
                            line_of(LogLevel::warning, "log.dropped", {{"lines", dropped_}}));
    dropped_ = put(lines) ? 0 : dropped_ + count;
}

/// False where not all of it had room.
bool Log::put(std::string_view text) {
    while (!text.empty()) {
        // A pipe that is said to be ready takes this much at once (POSIX, write() and PIPE_BUF).
        const std::string_view piece = text.substr(0, PIPE_BUF);
        pollfd ready{descriptor_, POLLOUT, 0};
        if (!never_full_ && ::poll(&ready, 1, 0) == 0) return false;
        const auto written = ::write(descriptor_, piece.data(), piece.size());
        // A log that cannot be written must not stop the work it tells of.
        if (written <= 0) return true;
        within_line_ = piece.substr(0, static_cast<std::size_t>(written)).back() != '\n';
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace runs_agent
