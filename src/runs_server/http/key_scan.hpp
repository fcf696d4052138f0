// SPDX-License-Identifier: MIT
// Finds the record key in a body that comes piece by piece, without keeping the body: RapidJSON's
// reader would hold each text whole, and a stranger's text may have 96 MiB.
#pragma once

#include <rapidjson/error/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::runs_server {

/// Follows the grammar of RFC 8259 as far as is needed to know which text is the member `recordKey`
/// of the whole; of several it is the first, as for who reads the body afterwards. Takes no more
/// memory than a key may have.
class KeyScan {
public:
    enum class State : std::uint8_t {
        more,    // not found yet
        found,   // key() is it
        absent,  // the whole was read, and has none
        wrong,   // fault() says why this is no body
    };

    /// Reads the next piece, and no further than it must. Only while the state is `more`.
    State feed(std::string_view piece);
    /// There is no more to come.
    State end();

    /// Empty where it is no text, or is longer than any key.
    std::string key() const;
    /// In the words of parse_object() (json_text.hpp).
    const std::string& fault() const { return fault_; }

private:
    enum class Expected : std::uint8_t {
        whole,
        name_or_end,
        name,
        colon,
        value,
        value_or_end,
        comma_or_end,
        rest_of_text,
        escaped,  // what follows a backslash
        rest_of_word,
        rest_of_number,
    };

    State step(char c);
    State in_text(char c);
    State begin_text(bool is_name);
    State end_text();
    State begin_value(char c);
    State open(bool object);
    State close(bool object);
    State after_value();
    State whole(char c);
    State separator(char c);
    State name(char c);
    State after_colon(char c);
    State rest_of_word(char c);
    State broken(rapidjson::ParseErrorCode code);
    State refused(std::string_view why);

    Expected expected_ = Expected::whole;
    std::string open_;          // the brackets that are open
    std::string kept_;          // of the text that is being read, escaped, where it may matter
    std::size_t max_kept_ = 0;  // 0: it does not matter
    bool too_long_ = false;
    bool is_name_ = false;
    bool is_next_ = false;   // the next value is the key
    std::string_view word_;  // what must follow of true, false or null
    std::uint64_t values_ = 0;
    std::uint64_t at_ = 0;
    std::string fault_;
};

}  // namespace runs_agent::runs_server
