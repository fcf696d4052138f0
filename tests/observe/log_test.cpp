// SPDX-License-Identifier: MIT
#include "observe/log.hpp"

#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <limits>
#include <unistd.h>

namespace runs_agent {
namespace {

using namespace std::string_literals;
using tests::CapturedLog;

// 2026-01-01T00:00:00.123Z
const tests::ManualClock new_year(Time(std::chrono::milliseconds(1'767'225'600'123)));

/// The line that one event with one field makes.
std::string line(LogFormat format, const LogField& field) {
    CapturedLog captured(new_year, LogLevel::debug, format);
    captured.log().info("test.event", {field});
    return captured.text();
}

/// What a text becomes in the text format, without the line end.
std::string as_text(std::string_view value) {
    const std::string whole = line(LogFormat::text, {"value", value});
    const std::string before = "2026-01-01T00:00:00.123Z info  test.event value=";
    EXPECT_TRUE(whole.starts_with(before)) << whole;
    EXPECT_TRUE(whole.ends_with('\n'));
    return whole.substr(before.size(), whole.size() - before.size() - 1);
}

TEST(Log, TextIsOneLineAnEvent) {
    CapturedLog captured(new_year, LogLevel::debug, LogFormat::text);
    captured.log().info("delivery.received", {{"delivery", "72d3162e"},
                                              {"run_id", std::int64_t{30'433'642'041}},
                                              {"replayed", false},
                                              {"why", "a ping"}});
    captured.log().error("store.down");
    EXPECT_EQ(captured.text(),
              "2026-01-01T00:00:00.123Z info  delivery.received delivery=72d3162e "
              "run_id=30433642041 replayed=false why=\"a ping\"\n"
              "2026-01-01T00:00:00.123Z error store.down\n");
}

TEST(Log, JsonIsOneObjectALine) {
    CapturedLog captured(new_year, LogLevel::debug, LogFormat::json);
    captured.log().info("delivery.received", {{"delivery", "72d3162e"},
                                              {"run_id", std::int64_t{30'433'642'041}},
                                              {"replayed", true},
                                              {"why", ""}});
    captured.log().error("store.down");
    EXPECT_EQ(captured.text(),
              R"({"time":"2026-01-01T00:00:00.123Z","level":"info","event":"delivery.received",)"
              R"("delivery":"72d3162e","run_id":30433642041,"replayed":true,"why":""})"
              "\n"
              R"({"time":"2026-01-01T00:00:00.123Z","level":"error","event":"store.down"})"
              "\n");
}

TEST(Log, LinesOfOneThingAreWrittenTogether) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_DIRECT), 0);  // each read has what one write wrote
    Log log(new_year, LogLevel::debug, LogFormat::text, ends[1]);
    const auto next = [&ends] {
        std::string text(65536, '\0');
        const auto count = ::read(ends[0], text.data(), text.size());
        text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return std::count(text.begin(), text.end(), '\n');
    };
    {
        const Log::Together outer(log);
        log.info("a");
        const Log::Together inner(log);
        log.info("b");
        log.limited(LogLevel::info, "c");
    }
    log.info("d");
    {
        // More than a pipe takes at once goes in pieces of whole lines.
        const Log::Together many(log);
        for (int i = 0; i < 3; ++i) log.info("e", {{"value", std::string(1500, 'x')}});
    }
    for (const int lines : {3, 1, 2, 1}) EXPECT_EQ(next(), lines);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Log, LevelsBelowTheChosenOneAreLeftOut) {
    const std::pair<LogLevel, const char*> cases[] = {
        {LogLevel::debug, "debug info warn error "},
        {LogLevel::info, "info warn error "},
        {LogLevel::warning, "warn error "},
        {LogLevel::error, "error "},
    };
    for (const auto& [level, expected] : cases) {
        CapturedLog captured(new_year, level, LogFormat::json);
        captured.log().debug("a");
        captured.log().info("a");
        captured.log().warn("a");
        captured.log().error("a");
        std::string seen;
        std::istringstream lines(captured.text());
        for (std::string each; std::getline(lines, each);) {
            rapidjson::Document json;
            json.Parse(each);
            ASSERT_TRUE(json.IsObject()) << each;
            seen += json["level"].GetString() + " "s;
        }
        EXPECT_EQ(seen, expected);
    }
}

TEST(Log, LevelsAreReadByName) {
    EXPECT_EQ(parse_log_level("debug"), LogLevel::debug);
    EXPECT_EQ(parse_log_level("info"), LogLevel::info);
    EXPECT_EQ(parse_log_level("warn"), LogLevel::warning);
    EXPECT_EQ(parse_log_level("warning"), LogLevel::warning);
    EXPECT_EQ(parse_log_level("error"), LogLevel::error);
    for (const char* const other : {"", "Info", "INFO", "trace", "warnings", " info", "0"})
        EXPECT_EQ(parse_log_level(other), std::nullopt) << other;
}

TEST(Log, TextIsQuotedWhereItCouldBeMisread) {
    const std::pair<std::string, const char*> cases[] = {
        {"octo/demo", "octo/demo"},
        {"fix/ünïcode", "fix/ünïcode"},
        {"", R"("")"},
        {"two words", R"("two words")"},
        {"a=b", R"("a=b")"},
        {R"(a"b)", R"("a\"b")"},
        {R"(a\b)", R"("a\\b")"},
        {"\x1b[2J", R"("\u001b[2J")"},
        {"\x7f", R"("\u007f")"},
        {"\u009b1m", R"("\u009b1m")"},
        {"\u202egnp.exe", R"("\u202egnp.exe")"},
        {"\xff", "\"\ufffd\""},
        {"\0"s, R"("\u0000")"},
    };
    for (const auto& [value, shown] : cases) EXPECT_EQ(as_text(value), shown);
}

TEST(Log, NobodyCanForgeALine) {
    const std::string forged =
        "main\n2026-01-01T00:00:00.123Z info  delivery.received\r\n{\"level\":\"info\"}\n";
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        const std::string written = line(format, {"branch", forged});
        EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1) << written;
        EXPECT_EQ(std::count(written.begin(), written.end(), '\r'), 0) << written;
    }
}

TEST(Log, NoTextBreaksTheJson) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
    const std::string cases[] = {
        every_byte, R"(","level":"error)", "\\",  "\"",        "}\n{",
        "a\xc3",    "\xed\xa0\x80",        "\0"s, "</script>", "\u2028 \u2029"};
    for (const std::string& value : cases) {
        const std::string written = line(LogFormat::json, {value, value});
        rapidjson::Document json;
        json.Parse<rapidjson::kParseValidateEncodingFlag>(written);
        ASSERT_FALSE(json.HasParseError()) << written;
        EXPECT_EQ(json.MemberCount(), 4U) << written;
        EXPECT_STREQ(json["level"].GetString(), "info");
        EXPECT_EQ((json.MemberEnd() - 1)->name, (json.MemberEnd() - 1)->value);
    }
}

TEST(Log, WellFormedTextComesBackUnchanged) {
    const std::string value = "\"quoted\" \\ \n\r\t\x01\x7f\u009b ünï 日本 🚀 \u202e";
    rapidjson::Document json;
    json.Parse(line(LogFormat::json, {"value", value}));
    ASSERT_TRUE(json.IsObject());
    EXPECT_EQ(json["value"].GetString(), value);
}

TEST(Log, NumbersAndFlagsAreNoTexts) {
    const std::pair<LogField, const char*> cases[] = {
        {{"v", std::numeric_limits<std::int64_t>::max()}, "9223372036854775807"},
        {{"v", std::numeric_limits<std::int64_t>::min()}, "-9223372036854775808"},
        {{"v", 0}, "0"},
        {{"v", std::size_t{7}}, "7"},
        {{"v", true}, "true"},
        {{"v", false}, "false"},
    };
    for (const auto& [field, shown] : cases) {
        EXPECT_TRUE(line(LogFormat::json, field).ends_with("\"v\":"s + shown + "}\n")) << shown;
        EXPECT_TRUE(line(LogFormat::text, field).ends_with(" v="s + shown + "\n")) << shown;
    }
}

TEST(Log, WhatCannotBeWrittenStopsNothing) {
    Log log(new_year, LogLevel::debug, LogFormat::text, -1);
    EXPECT_NO_THROW(log.error("disk.full", {{"disk", "/dev/full"}}));
}

/// A pipe that nobody reads until the test does.
class UnreadPipe {
public:
    UnreadPipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
    ~UnreadPipe() {
        for (const int end : ends_) ::close(end);
    }
    UnreadPipe(const UnreadPipe&) = delete;
    UnreadPipe& operator=(const UnreadPipe&) = delete;

    int entrance() const { return ends_[1]; }
    std::string read() {
        std::string all(1 << 20, '\0');
        const auto count = ::read(ends_[0], all.data(), all.size());
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return all;
    }

private:
    std::array<int, 2> ends_{};
};

TEST(Log, AReaderThatStopsReadingStopsNothing) {
    for (const std::size_t length : {100U, 9'000U}) {
        UnreadPipe pipe;
        Log log(new_year, LogLevel::info, LogFormat::text, pipe.entrance());
        const std::string value(length, 'x');
        constexpr int lines = 2'000;  // more than any pipe's default room
        for (int i = 0; i < lines; ++i) log.info("test.event", {{"value", value}});
        const std::string before = pipe.read();
        log.info("test.after");
        const std::string after = pipe.read();
        const auto whole = std::count(before.begin(), before.end(), '\n');
        EXPECT_LT(whole, lines);
        const auto said = after.find("warn  log.dropped lines=" + std::to_string(lines - whole) +
                                     "\n2026-01-01T00:00:00.123Z info  test.after\n");
        ASSERT_NE(said, std::string::npos) << after;
        // What had room for its beginning only is a line of its own.
        EXPECT_EQ(before.back() == '\n', said == std::string("2026-01-01T00:00:00.123Z ").size());
        log.info("test.again");
        EXPECT_EQ(pipe.read(), "2026-01-01T00:00:00.123Z info  test.again\n");
    }
}

TEST(Log, ADescriptorThatIsClosedStopsNothing) {
    Log log(new_year, LogLevel::info, LogFormat::text, -1);
    log.info("test.event");
}

}  // namespace
}  // namespace runs_agent
