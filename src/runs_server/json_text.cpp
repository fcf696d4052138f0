#include "runs_server/json_text.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

constexpr std::size_t deepest = 200;
constexpr std::size_t most_values = 4'000'000;
constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

std::string no_object(std::string_view why) {
    std::string text = "the body must be a JSON object";
    if (!why.empty()) (text += ": ") += why;
    return text;
}

/// Counts values, and ends where there are too many or where what is looked for was read.
class Reading {
public:
    /// `wanted` is a member of the whole; empty: nothing is.
    explicit Reading(std::string_view wanted) : wanted_(wanted) {}

    // NOLINTBEGIN(readability-identifier-naming): the names are RapidJSON's.
    bool Null() { return plain(); }
    bool Bool(bool) { return plain(); }
    bool Int(int) { return plain(); }
    bool Uint(unsigned) { return plain(); }
    bool Int64(std::int64_t) { return plain(); }
    bool Uint64(std::uint64_t) { return plain(); }
    bool Double(double) { return plain(); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return plain(); }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        if (is_next_) text_.assign(text, length);
        return plain();
    }
    bool StartObject() { return begin(true); }
    bool StartArray() { return begin(false); }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        is_next_ = depth_ == 1 && !wanted_.empty() && std::string_view(text, length) == wanted_;
        return true;
    }
    bool EndObject(rapidjson::SizeType) { return end(); }
    bool EndArray(rapidjson::SizeType) { return end(); }
    // NOLINTEND(readability-identifier-naming)

    bool is_object() const { return is_object_; }
    bool too_many() const { return values_ > most_values; }
    bool found() const { return found_; }
    std::string& text() { return text_; }

private:
    bool plain() {
        found_ = is_next_;
        return !found_ && ++values_ <= most_values;
    }
    bool begin(bool object) {
        if (depth_ == 0) is_object_ = object;
        ++depth_;
        return plain();
    }
    bool end() {
        --depth_;
        return true;
    }

    std::string_view wanted_;
    std::string text_;
    std::size_t values_ = 0;
    std::size_t depth_ = 0;
    bool is_object_ = false;
    bool is_next_ = false;
    bool found_ = false;
};

/// The four digits of an escape such as \uD83D at `at`; absent where there is none.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at) {
    if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    const char* const digits = text.data() + at + 2;
    unsigned unit = 0;
    const auto [rest, failure] = std::from_chars(digits, digits + 4, unit, 16);
    if (failure != std::errc() || rest != digits + 4) return std::nullopt;
    return unit;
}

/// Where the next escape of half a surrogate pair (RFC 8259 section 8.2) begins.
std::size_t next_half(std::string_view text, std::size_t from) {
    const auto is_low = [](unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; };
    for (auto at = text.find('\\', from); at != std::string_view::npos;
         at = text.find('\\', from)) {
        const auto unit = unit_at(text, at);
        from = at + (unit ? 6 : 2);  // past a backslash that stands for itself, too
        if (!unit || *unit < 0xd800 || *unit > 0xdfff) continue;
        if (is_low(*unit) || !is_low(unit_at(text, from).value_or(0))) return at;
        from += 6;
    }
    return std::string_view::npos;
}

/// Puts U+FFFD in the place of halves; empty where there are none.
std::string mended(std::string_view body) {
    std::string text;
    for (auto at = next_half(body, 0); at != std::string_view::npos; at = next_half(text, at)) {
        if (text.empty()) text = body;
        text.replace(at, 6, "\\uFFFD");
    }
    return text;
}

/// Reads as far as `reading` wants to; returns what is wrong.
std::string read(std::string_view body, Reading& reading) {
    if (const auto wrong = json::fault_of(body, deepest); !wrong.empty()) return no_object(wrong);
    rapidjson::MemoryStream stream(body.data(), body.size());
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, reading);
    if (reading.too_many()) return no_object("it holds more than 4,000,000 values.");
    if (result.IsError() && !reading.found()) return no_object(json::fault_of(result));
    return reading.is_object() ? "" : no_object("");
}

}  // namespace

std::string parse_object(const std::string& body, rapidjson::Document& document) {
    const std::string other = mended(body);
    const std::string& text = other.empty() ? body : other;
    Reading reading("");
    std::string wrong = read(text, reading);
    if (wrong.empty()) document.Parse<flags>(text.data(), text.size());
    return wrong;
}

Peeked peek(const std::string& body, std::string_view name) {
    const std::string other = mended(body);
    Reading reading(name);
    std::string wrong = read(other.empty() ? body : other, reading);
    return {std::move(reading.text()), std::move(wrong)};
}

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::optional<std::int64_t> number(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (!found->IsString()) return std::nullopt;
    const std::string_view digits = json::text_of(*found);
    std::int64_t value = 0;
    const auto [rest, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || rest != digits.data() + digits.size() || digits.empty())
        return std::nullopt;
    return value;
}

std::string to_json(const Value& value) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    value.Accept(json);
    return {buffer.GetString(), buffer.GetSize()};
}

std::string to_json(const std::set<std::string>& texts) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartArray();
    for (const std::string& text : texts) json.String(text);
    json.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
}

std::set<std::string> texts(const Value* list) {
    std::set<std::string> found;
    if (list == nullptr || !list->IsArray()) return found;
    for (const Value& item : list->GetArray())
        if (item.IsString()) found.emplace(json::text_of(item));
    return found;
}

}  // namespace runs_agent::runs_server
