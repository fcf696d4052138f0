// RapidJSON values to and from text, for the .cpp files of this library.
#pragma once

#include "json/reading.hpp"
#include "runs_server/answers.hpp"

#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

using json::member;

/// Reads a request's body. Returns what is wrong, and where, with one that is no JSON object in
/// UTF-8, or holds more values or deeper ones than anything that is meant: each takes memory many
/// times its size, and writing or copying takes a stack frame a level. Escapes of half a surrogate
/// pair, as JSON.stringify() writes them for a text that was cut, become U+FFFD.
std::string parse_object(const std::string& body, rapidjson::Document& document);

/// What parse_object() would find under a name, read without building a tree and no further.
struct Peeked {
    std::string text;   // empty where there is no such text
    std::string fault;  // as of parse_object(), in what had to be read
};
Peeked peek(const std::string& body, std::string_view name);

/// A text member; empty where there is none.
std::string text(const rapidjson::Value* object, std::string_view name);

/// A number, or a text that is one: clients send both (docs/runs-api.md).
std::optional<std::int64_t> number(const rapidjson::Value* object, std::string_view name);

std::string to_json(const rapidjson::Value& value);
/// A list of texts.
std::string to_json(const std::set<std::string>& texts);

/// The texts of a list; what is no text is passed over.
std::set<std::string> texts(const rapidjson::Value* list);

}  // namespace runs_agent::runs_server
