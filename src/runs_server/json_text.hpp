// RapidJSON values to and from text, for the .cpp files of this library.
#pragma once

#include "json/reading.hpp"
#include "runs_server/answers.hpp"

#include <optional>
#include <set>
#include <string>

namespace runs_agent::runs_server {

using json::member;

/// Reads a request's body; false where it is no JSON object in UTF-8, or nests deeper than anything
/// that is meant: writing or copying it again takes a stack frame a level.
bool parse_object(const std::string& body, rapidjson::Document& document);

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
