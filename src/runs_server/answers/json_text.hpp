// SPDX-License-Identifier: MIT
// RapidJSON values to and from text, for the .cpp files of this library.
#pragma once

#include "json/reading.hpp"
#include "runs_server/answers/answers.hpp"

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

/// The same of a body that may be large: its texts stay where they are, so it must outlive the
/// document, and is no JSON any more.
std::string parse_in_place(std::string& body, rapidjson::Document& document);

/// The same of a list that begins at `from` of the body and ends with it.
std::string parse_list_in_place(std::string& body, std::size_t from, rapidjson::Document& document);

// The bounds of parse_object(), and its words, for who reads a body otherwise.
constexpr std::size_t deepest_value = 200;
constexpr std::size_t max_values = 4'000'000;
constexpr std::string_view too_many_values = "it holds more than 4,000,000 values.";
std::string no_object(std::string_view why);

/// What stands between the quotation marks of a JSON text, without its escapes. Absent where it is
/// no such text.
std::optional<std::string> unescaped(std::string_view inside);

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
