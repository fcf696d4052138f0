// SPDX-License-Identifier: MIT
#include "base/time_text.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace runs_agent {

namespace {

/// Reads exactly `count` digits at the front of `text` and takes them off it.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// Reads ".123456" as 123 ms (further decimals are cut) and takes it off the text.
std::optional<int> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    int millis = 0;
    std::size_t digits = 0;
    while (!text.empty() && is_digit(text.front())) {
        if (digits < 3) millis = millis * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) millis *= 10;
    return millis;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return std::chrono::minutes(0);
    const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    if (sign == 0) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes) return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}  // namespace

std::string to_iso8601(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<Time> parse_iso8601(std::string_view text) {
    using namespace std::chrono;
    const auto y = take_digits(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto mo = take_digits(text, 2);
    if (!mo || !take(text, '-')) return std::nullopt;
    const auto d = take_digits(text, 2);
    if (!d || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
    const auto h = take_digits(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    const auto mi = take_digits(text, 2);
    if (!mi || !take(text, ':')) return std::nullopt;
    const auto s = take_digits(text, 2);
    if (!s) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;

    const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)),
                              day(static_cast<unsigned>(*d))};
    // 60 is a leap second (RFC 3339 section 5.7).
    if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    return Time(sys_days(date)) + hours(*h) + minutes(*mi) + seconds(*s) + milliseconds(*fraction) -
           *offset;
}

std::string to_http_date(Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    // The program runs in the "C" locale, whose names of days and months are HTTP's.
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), length};
}

std::optional<Time> parse_http_date(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return Time(std::chrono::seconds(::timegm(&parts)));
}

std::string to_words(std::chrono::milliseconds duration) {
    using namespace std::chrono;
    std::array<char, 64> text{};
    const auto ms = duration.count();
    if (duration < 1s) {
        std::snprintf(text.data(), text.size(), "%lld ms", static_cast<long long>(ms));
    } else if (duration < 1min) {
        std::snprintf(text.data(), text.size(), "%.3g s", static_cast<double>(ms) / 1000.0);
    } else if (duration < 1h) {
        std::snprintf(text.data(), text.size(), "%lld min %lld s",
                      static_cast<long long>(ms / 60'000), static_cast<long long>(ms / 1000 % 60));
    } else {
        std::snprintf(text.data(), text.size(), "%lld h %lld min",
                      static_cast<long long>(ms / 3'600'000),
                      static_cast<long long>(ms / 60'000 % 60));
    }
    return text.data();
}

}  // namespace runs_agent
