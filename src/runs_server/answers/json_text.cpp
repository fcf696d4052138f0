// SPDX-License-Identifier: MIT
#include "runs_server/answers/json_text.hpp"

#include "base/text.hpp"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>

namespace runs_agent::runs_server {

using rapidjson::Value;

namespace {

constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

/// Counts values, and ends where there are too many.
class Counting {
public:
    // NOLINTBEGIN(readability-identifier-naming): the names are RapidJSON's.
    bool Null() { return one_more(); }
    bool Bool(bool) { return one_more(); }
    bool Int(int) { return one_more(); }
    bool Uint(unsigned) { return one_more(); }
    bool Int64(std::int64_t) { return one_more(); }
    bool Uint64(std::uint64_t) { return one_more(); }
    bool Double(double) { return one_more(); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return one_more(); }
    bool String(const char*, rapidjson::SizeType, bool) { return one_more(); }
    bool StartObject() {
        if (values_ == 0) first_ = First::object;
        return one_more();
    }
    bool StartArray() {
        if (values_ == 0) first_ = First::list;
        return one_more();
    }
    bool Key(const char*, rapidjson::SizeType, bool) { return true; }
    bool EndObject(rapidjson::SizeType) { return true; }
    bool EndArray(rapidjson::SizeType) { return true; }
    // NOLINTEND(readability-identifier-naming)

    enum class First { other, object, list };
    First first() const { return first_; }
    bool too_many() const { return values_ > max_values; }

private:
    bool one_more() { return ++values_ <= max_values; }

    std::size_t values_ = 0;
    First first_ = First::other;
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

/// Returns what is wrong with a value of that kind, which begins at `from` of the body.
std::string check(std::string_view body, Counting::First wanted = Counting::First::object,
                  std::size_t from = 0) {
    body.remove_prefix(from);
    if (const auto wrong = json::fault_of(body, deepest_value); !wrong.empty())
        return no_object(wrong);
    rapidjson::MemoryStream stream(body.data(), body.size());
    rapidjson::Reader reader;
    Counting counting;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, counting);
    if (counting.too_many()) return no_object(too_many_values);
    if (result.IsError()) return no_object(json::fault_of({result.Code(), result.Offset() + from}));
    return counting.first() == wanted ? "" : no_object("");
}

}  // namespace

std::string no_object(std::string_view why) {
    std::string text = "the body must be a JSON object";
    if (!why.empty()) (text += ": ") += why;
    return text;
}

std::string parse_object(const std::string& body, rapidjson::Document& document) {
    const std::string other = mended(body);
    const std::string& text = other.empty() ? body : other;
    std::string wrong = check(text);
    if (wrong.empty()) document.Parse<flags>(text.data(), text.size());
    return wrong;
}

std::string parse_in_place(std::string& body, rapidjson::Document& document) {
    if (std::string other = mended(body); !other.empty()) body = std::move(other);
    std::string wrong = check(body);
    if (wrong.empty()) document.ParseInsitu<flags>(body.data());
    return wrong;
}

std::string parse_list_in_place(std::string& body, std::size_t from,
                                rapidjson::Document& document) {
    if (std::string other = mended(std::string_view(body).substr(from)); !other.empty()) {
        body.resize(from);
        body += other;
    }
    std::string wrong = check(body, Counting::First::list, from);
    if (wrong.empty()) document.ParseInsitu<flags>(body.data() + from);
    return wrong;
}

std::optional<std::string> unescaped(std::string_view inside) {
    std::string literal = "\"";
    (literal += inside) += '"';
    const std::string other = mended(literal);
    rapidjson::Document document;
    document.Parse<flags>(other.empty() ? literal.c_str() : other.c_str());
    if (document.HasParseError() || !document.IsString()) return std::nullopt;
    return std::string(json::text_of(document));
}

std::string text(const Value* object, std::string_view name) {
    return std::string(json::text(object, name));
}

std::optional<std::int64_t> number(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    if (found == nullptr) return std::nullopt;
    if (found->IsInt64()) return found->GetInt64();
    if (!found->IsString()) return std::nullopt;
    return parse_number<std::int64_t>(json::text_of(*found));
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
