// SPDX-License-Identifier: MIT
#include "runs_server/http/key_scan.hpp"

#include "base/text.hpp"
#include "runs_server/answers/json_text.hpp"

#include <algorithm>

namespace runs_agent::runs_server {

using State = KeyScan::State;

namespace {

constexpr std::string_view wanted = "recordKey";
constexpr std::size_t longest_key = 1024;
/// An escape such as \u0041 has six characters, and stands for a byte at least.
constexpr std::size_t longest_escape = 6;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool continues_number(char c) {
    return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/// The part of a text that means nothing but itself.
std::string_view plain_part(std::string_view text) {
    const auto* const end = std::find_if(text.begin(), text.end(),
                                         [](char c) { return c == '"' || c == '\\' || c == '\0'; });
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

State KeyScan::feed(std::string_view piece) {
    State state = State::more;
    while (state == State::more && !piece.empty()) {
        // Texts are nearly all there is of a large body.
        if (expected_ == Expected::rest_of_text) {
            const std::string_view plain = plain_part(piece);
            if (max_kept_ != 0 && !plain.empty()) {
                const std::size_t room = max_kept_ - std::min(max_kept_, kept_.size());
                too_long_ = too_long_ || plain.size() > room;
                kept_ += plain.substr(0, room);
            }
            at_ += plain.size();
            piece.remove_prefix(plain.size());
            if (piece.empty()) break;
        }
        state = step(piece.front());
        if (state == State::more) ++at_;
        piece.remove_prefix(1);
    }
    return state;
}

State KeyScan::step(char c) {
    if (c == '\0') return refused("it holds a NUL byte.");
    switch (expected_) {
        case Expected::rest_of_text:
        case Expected::escaped:
            return in_text(c);
        case Expected::rest_of_word:
            return rest_of_word(c);
        case Expected::rest_of_number:
            if (continues_number(c)) return State::more;
            if (const State state = after_value(); state != State::more) return state;
            return separator(c);
        default:
            break;
    }
    if (is_space(c)) return State::more;
    switch (expected_) {
        case Expected::whole:
            return whole(c);
        case Expected::name_or_end:
            if (c == '}') return close(true);
            return name(c);
        case Expected::name:
            return name(c);
        case Expected::colon:
            return after_colon(c);
        case Expected::value_or_end:
            if (c == ']') return close(false);
            return begin_value(c);
        case Expected::comma_or_end:
            return separator(c);
        default:
            return begin_value(c);
    }
}

State KeyScan::in_text(char c) {
    if (c == '"' && expected_ == Expected::rest_of_text) return end_text();
    if (kept_.size() < max_kept_) {
        kept_ += c;
    } else {
        too_long_ = true;
    }
    const bool escapes = c == '\\' && expected_ == Expected::rest_of_text;
    expected_ = escapes ? Expected::escaped : Expected::rest_of_text;
    return State::more;
}

State KeyScan::begin_text(bool is_name) {
    kept_.clear();
    too_long_ = false;
    is_name_ = is_name;
    max_kept_ = 0;
    if (is_name && open_.size() == 1) max_kept_ = longest_escape * wanted.size();
    if (!is_name && is_next_) max_kept_ = longest_escape * longest_key;
    expected_ = Expected::rest_of_text;
    return State::more;
}

State KeyScan::end_text() {
    if (is_name_) {
        is_next_ = open_.size() == 1 && !too_long_ && unescaped(kept_) == wanted;
        expected_ = Expected::colon;
        return State::more;
    }
    return is_next_ ? State::found : after_value();
}

State KeyScan::begin_value(char c) {
    if (c == '"') {
        if (++values_ > max_values) return refused(too_many_values);
        return begin_text(false);
    }
    const bool begins_word = c == 't' || c == 'f' || c == 'n';
    if (c != '{' && c != '[' && c != '-' && !is_digit(c) && !begins_word)
        return broken(rapidjson::kParseErrorValueInvalid);
    if (is_next_) {
        kept_.clear();  // it is no text
        return State::found;
    }
    if (++values_ > max_values) return refused(too_many_values);
    if (c == '{' || c == '[') return open(c == '{');
    expected_ = begins_word ? Expected::rest_of_word : Expected::rest_of_number;
    if (c == 't') word_ = "rue";
    if (c == 'f') word_ = "alse";
    if (c == 'n') word_ = "ull";
    return State::more;
}

State KeyScan::rest_of_word(char c) {
    if (c != word_.front()) return broken(rapidjson::kParseErrorValueInvalid);
    word_.remove_prefix(1);
    return word_.empty() ? after_value() : State::more;
}

State KeyScan::open(bool object) {
    if (open_.size() == deepest_value) return refused("it is nested too deeply.");
    open_ += object ? '{' : '[';
    expected_ = object ? Expected::name_or_end : Expected::value_or_end;
    return State::more;
}

State KeyScan::close(bool object) {
    if (open_.back() != (object ? '{' : '['))
        return broken(object ? rapidjson::kParseErrorArrayMissCommaOrSquareBracket
                             : rapidjson::kParseErrorObjectMissCommaOrCurlyBracket);
    open_.pop_back();
    return after_value();
}

State KeyScan::after_value() {
    expected_ = Expected::comma_or_end;
    return open_.empty() ? State::absent : State::more;
}

State KeyScan::whole(char c) {
    const bool object = c == '{';
    const State state = begin_value(c);
    return state == State::more && !object ? refused("") : state;
}

State KeyScan::separator(char c) {
    const bool in_object = open_.back() == '{';
    if (is_space(c)) return State::more;
    if (c == ',') {
        expected_ = in_object ? Expected::name : Expected::value;
        return State::more;
    }
    if (c == '}' || c == ']') return close(c == '}');
    return broken(in_object ? rapidjson::kParseErrorObjectMissCommaOrCurlyBracket
                            : rapidjson::kParseErrorArrayMissCommaOrSquareBracket);
}

State KeyScan::name(char c) {
    return c == '"' ? begin_text(true) : broken(rapidjson::kParseErrorObjectMissName);
}

State KeyScan::after_colon(char c) {
    if (c != ':') return broken(rapidjson::kParseErrorObjectMissColon);
    expected_ = Expected::value;
    return State::more;
}

State KeyScan::end() {
    switch (expected_) {
        case Expected::whole:
            return broken(rapidjson::kParseErrorDocumentEmpty);
        case Expected::name_or_end:
        case Expected::name:
            return broken(rapidjson::kParseErrorObjectMissName);
        case Expected::colon:
            return broken(rapidjson::kParseErrorObjectMissColon);
        case Expected::rest_of_text:
        case Expected::escaped:
            return broken(rapidjson::kParseErrorStringMissQuotationMark);
        case Expected::comma_or_end:
        case Expected::rest_of_number:
            return broken(open_.back() == '{'
                              ? rapidjson::kParseErrorObjectMissCommaOrCurlyBracket
                              : rapidjson::kParseErrorArrayMissCommaOrSquareBracket);
        default:
            return broken(rapidjson::kParseErrorValueInvalid);
    }
}

std::string KeyScan::key() const {
    if (too_long_) return {};
    std::string key = unescaped(kept_).value_or("");
    return key.size() <= longest_key ? key : std::string();
}

State KeyScan::broken(rapidjson::ParseErrorCode code) {
    return refused(json::fault_of(rapidjson::ParseResult(code, at_)));
}

State KeyScan::refused(std::string_view why) {
    fault_ = no_object(why);
    return State::wrong;
}

}  // namespace runs_agent::runs_server
