// SPDX-License-Identifier: MIT
// Writing of JSON with any of RapidJSON's writers, which know text by pointer and length alone. For
// .cpp files, since it brings RapidJSON along.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::json {

/// A text: as a value, or as the name of a member.
template <class Writer>
void put(Writer& json, std::string_view text) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// A member that is text.
template <class Writer>
void put(Writer& json, std::string_view name, std::string_view text) {
    put(json, name);
    put(json, text);
}

/// The same; null where the text is empty, as it is not told then.
template <class Writer>
void put_or_null(Writer& json, std::string_view name, std::string_view text) {
    if (!text.empty()) return put(json, name, text);
    put(json, name);
    json.Null();
}

/// An object that is written member by member.
class ObjectWriter {
public:
    ObjectWriter() { json_.StartObject(); }

    void text(std::string_view name, std::string_view value) { put(json_, name, value); }
    void text_or_null(std::string_view name, std::string_view value) {
        put_or_null(json_, name, value);
    }
    void number(std::string_view name, std::int64_t value) {
        put(json_, name);
        json_.Int64(value);
    }
    void flag(std::string_view name, bool value) {
        put(json_, name);
        json_.Bool(value);
    }
    /// What is JSON already.
    void raw(std::string_view name, std::string_view value) {
        put(json_, name);
        json_.RawValue(value.data(), value.size(), rapidjson::kObjectType);
    }
    void empty_list(std::string_view name) { raw(name, "[]"); }

    /// Between the two the members are those of an object within.
    void begin(std::string_view name) {
        put(json_, name);
        json_.StartObject();
    }
    void end() { json_.EndObject(); }

    /// The whole; nothing can be written after that.
    std::string finish() {
        json_.EndObject();
        return {buffer_.GetString(), buffer_.GetSize()};
    }

private:
    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace runs_agent::json
