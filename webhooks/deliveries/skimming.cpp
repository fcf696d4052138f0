// SPDX-License-Identifier: MIT
#include "webhooks/deliveries/skimming.hpp"

#include "base/text.hpp"
#include "webhooks/deliveries/wanted_members.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace runs_agent::webhooks {

namespace {

using Size = rapidjson::SizeType;

constexpr int deepest = 48;
constexpr std::size_t max_digits = 18;  // that many always fit into 64 bits

constexpr std::uint64_t eight_of(unsigned char byte) {
    return 0x0101010101010101U * byte;
}

/// Has its highest bit in each byte of `word` that is zero; in those above one, perhaps as well.
constexpr std::uint64_t zeros_of(std::uint64_t word) {
    return (word - eight_of(1)) & ~word & eight_of(0x80);
}

/// The same, of what ends a run of plain letters in a string: '"', '\', and control characters.
constexpr std::uint64_t ends_of(std::uint64_t word) {
    return zeros_of(word ^ eight_of('"')) | zeros_of(word ^ eight_of('\\')) |
           ((word - eight_of(0x20)) & ~word & eight_of(0x80));
}

bool ends_run(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// How long the character is that begins here with a byte over 0x7f; 0: it is none of UTF-8
/// (RFC 3629 section 4).
std::size_t length_of_character(std::string_view text) {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const auto follows = [&byte](std::size_t at) { return (byte(at) & 0xc0U) == 0x80; };
    const unsigned first = byte(0);
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool too_long = first == 0xe0 && byte(1) < 0xa0;
        const bool surrogate = first == 0xed && byte(1) >= 0xa0;
        return follows(1) && follows(2) && !too_long && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool too_long = first == 0xf0 && byte(1) < 0x90;
        const bool too_high = first == 0xf4 && byte(1) >= 0x90;
        return follows(1) && follows(2) && follows(3) && !too_long && !too_high ? 4 : 0;
    }
    return 0;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const bool one = static_cast<unsigned char>(text[0]) < 0x80;
        const std::size_t length = one ? 1 : length_of_character(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Each function takes what it is named for, and says whether it was there beyond doubt.
class Skimmer {
public:
    Skimmer(std::string_view text, rapidjson::Document& to)
        : at_(text.data()), end_(text.data() + text.size()), to_(to) {}

    bool whole() {
        skip_blank();
        if (!is_next('{') || !object(true)) return false;
        skip_blank();
        return at_ == end_;
    }

private:
    bool is_next(char c) const { return at_ != end_ && *at_ == c; }
    bool take(char c) {
        if (!is_next(c)) return false;
        ++at_;
        return true;
    }
    void skip_blank() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }

    bool value(bool wanted);
    bool object(bool wanted);
    bool members(bool wanted, Size& kept);
    bool array(bool wanted);
    bool elements(bool wanted, Size& count);
    bool word(std::string_view text);
    bool number(bool wanted);
    std::size_t digits();
    bool string(std::string_view& text, bool& escaped);
    bool escape();

    const char* at_;
    const char* end_;
    rapidjson::Document& to_;
    int depth_ = 0;
};

bool Skimmer::value(bool wanted) {
    if (at_ == end_) return false;
    switch (*at_) {
        case '"': {
            std::string_view text;
            bool escaped = false;
            if (!string(text, escaped) || (wanted && escaped)) return false;
            return !wanted || to_.String(text.data(), static_cast<Size>(text.size()), false);
        }
        case '{':
            return object(wanted);
        case '[':
            return array(wanted);
        case 't':
            return word("true") && (!wanted || to_.Bool(true));
        case 'f':
            return word("false") && (!wanted || to_.Bool(false));
        case 'n':
            return word("null") && (!wanted || to_.Null());
        default:
            return number(wanted);
    }
}

bool Skimmer::object(bool wanted) {
    if (++depth_ > deepest) return false;
    Size kept = 0;
    ++at_;
    if (wanted && !to_.StartObject()) return false;
    skip_blank();
    if (!take('}') && !members(wanted, kept)) return false;
    --depth_;
    return !wanted || to_.EndObject(kept);
}

bool Skimmer::members(bool wanted, Size& kept) {
    do {
        skip_blank();
        std::string_view name;
        bool escaped = false;
        // A name that is written with escapes may be a wanted one.
        if (!is_next('"') || !string(name, escaped) || escaped) return false;
        const bool keep = wanted && is_wanted(name);
        if (keep) {
            to_.Key(name.data(), static_cast<Size>(name.size()), false);
            ++kept;
        }
        skip_blank();
        if (!take(':')) return false;
        skip_blank();
        if (!value(keep)) return false;
        skip_blank();
    } while (take(','));
    return take('}');
}

bool Skimmer::array(bool wanted) {
    if (++depth_ > deepest) return false;
    Size count = 0;
    ++at_;
    if (wanted && !to_.StartArray()) return false;
    skip_blank();
    if (!take(']') && !elements(wanted, count)) return false;
    --depth_;
    return !wanted || to_.EndArray(count);
}

bool Skimmer::elements(bool wanted, Size& count) {
    do {
        skip_blank();
        if (!value(wanted)) return false;
        ++count;
        skip_blank();
    } while (take(','));
    return take(']');
}

bool Skimmer::word(std::string_view text) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text))
        return false;
    at_ += text.size();
    return true;
}

std::size_t Skimmer::digits() {
    const char* const first = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return static_cast<std::size_t>(at_ - first);
}

/// What is too large for 64 bits, or has a power of ten, is for the whole parser.
bool Skimmer::number(bool wanted) {
    const char* const first = at_;
    take('-');
    const bool zero = is_next('0');
    const std::size_t count = digits();
    if (count == 0 || count > max_digits || (zero && count > 1)) return false;
    const char* const last = at_;
    if (take('.') && digits() == 0) return false;
    if (is_next('e') || is_next('E')) return false;
    if (!wanted) return true;
    std::int64_t whole = 0;
    std::from_chars(first, last, whole);
    return at_ == last && to_.Int64(whole);
}

bool Skimmer::string(std::string_view& text, bool& escaped) {
    const char* const first = ++at_;
    for (;;) {
        if constexpr (std::endian::native == std::endian::little) {
            std::uint64_t eight = 0;
            for (; end_ - at_ >= 8; at_ += 8) {
                std::memcpy(&eight, at_, sizeof eight);
                if (const auto ends = ends_of(eight)) {
                    at_ += std::countr_zero(ends) / 8;
                    break;
                }
            }
        }
        while (at_ != end_ && !ends_run(*at_)) ++at_;
        if (at_ == end_) return false;
        if (*at_ == '"') break;
        if (*at_ != '\\' || !escape()) return false;
        escaped = true;
    }
    text = {first, static_cast<std::size_t>(at_ - first)};
    ++at_;
    return true;
}

/// Half a character (a surrogate) is for the whole parser.
bool Skimmer::escape() {
    constexpr int length_with_code = 6;
    ++at_;
    if (at_ == end_) return false;
    const char kind = *at_++;
    if (kind != 'u') return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
    if (end_ - at_ < length_with_code - 2) return false;
    unsigned code = 0;
    for (int count = 0; count < 4; ++count) {
        const int digit = hex_value(*at_++);
        if (digit < 0) return false;
        code = code * 16 + static_cast<unsigned>(digit);
    }
    return code < 0xd800 || code > 0xdfff;
}

}  // namespace

bool skim(std::string_view text, rapidjson::Document& document) {
    if (!is_ascii(text) && !is_utf8(text)) return false;
    bool sure = false;
    const auto read = [&](rapidjson::Document& to) { return sure = Skimmer(text, to).whole(); };
    document.Populate(read);
    return sure;
}

}  // namespace runs_agent::webhooks
