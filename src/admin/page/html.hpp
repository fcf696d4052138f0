// SPDX-License-Identifier: MIT
// Writes HTML. What is ours is raw(), what is anybody else's is text(): it becomes a text node or
// an attribute's value, whatever is in it, and never markup. Characters that would turn the writing
// round or cannot be seen are shown as their escape, and a stranger's text is isolated from what
// stands beside it (<bdi>).
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::admin::page {

class Html {
public:
    /// Markup of this program: a literal, never with a value in it.
    template <std::size_t N>
    Html& raw(const char (&literal)[N]) {
        out_.append(literal, N - 1);
        return *this;
    }
    /// What another Html has made.
    Html& add(const Html& part) {
        out_ += part.out_;
        return *this;
    }
    Html& text(std::string_view value);
    /// The same of a name that strangers chose, isolated.
    Html& name(std::string_view value);
    Html& number(std::int64_t value);  // 1,234,567
    /// The value of an attribute, with its quotes: raw("<a href=").attribute(x).raw(">").
    Html& attribute(std::string_view value);
    /// <time>, in UTC; the page's script shows it in the reader's zone where that is wanted.
    Html& time(Time value);
    /// The same with how long ago that was in front: "3 min ago".
    Html& ago(Time value, Time now);

    const std::string& str() const { return out_; }
    bool empty() const { return out_.empty(); }

private:
    std::string out_;
};

/// "340 ms", "12 s", "6 min", "3 h", "5 d".
std::string span_in_words(std::chrono::milliseconds span);

}  // namespace runs_agent::admin::page
