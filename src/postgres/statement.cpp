// SPDX-License-Identifier: MIT
#include "postgres/statement.hpp"

#include "base/text.hpp"
#include "postgres/connection.hpp"
#include "postgres/storable.hpp"

namespace runs_agent::postgres {

namespace {

// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;
constexpr Oid text_array_type = 1009;
constexpr Oid int8_array_type = 1016;

}  // namespace

Statement::Statement(Connection& connection, std::string sql)
    : connection_(connection), sql_(std::move(sql)) {}

Statement& Statement::bind(std::int64_t value) {
    parameters_.push_back({int8_type, std::to_string(value)});
    return *this;
}

Statement& Statement::bind(std::string_view text) {
    parameters_.push_back({text_type, storable(text)});
    return *this;
}

Statement& Statement::bind_null_text() {
    parameters_.push_back({text_type, std::nullopt});
    return *this;
}

Statement& Statement::bind_null_number() {
    parameters_.push_back({int8_type, std::nullopt});
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    parameters_.push_back({bytea_type, std::string(bytes), true});
    return *this;
}

Statement& Statement::bind_array(std::span<const std::int64_t> values) {
    std::string array = "{";
    for (const std::int64_t value : values)
        array += (array.size() > 1 ? "," : "") + std::to_string(value);
    parameters_.push_back({int8_array_type, array + "}"});
    return *this;
}

Statement& Statement::bind_array(std::span<const std::string> texts) {
    std::string array = "{";
    for (const std::string& text : texts)
        array += (array.size() > 1 ? "," : "") + quoted_element(text);
    parameters_.push_back({text_array_type, array + "}"});
    return *this;
}

void Statement::send() {
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Parameter& parameter : parameters_) {
        types.push_back(parameter.type);
        values.push_back(parameter.value ? parameter.value->c_str() : nullptr);
        lengths.push_back(parameter.value ? static_cast<int>(parameter.value->size()) : 0);
        formats.push_back(parameter.binary ? 1 : 0);
    }
    answer_ = connection_.ask(sql_, {types, values, lengths, formats});
}

bool Statement::step() {
    if (!answer_) send();
    return ++row_ < PQntuples(answer_.get());
}

int Statement::run() {
    if (!answer_) send();
    return parse_number<int>(PQcmdTuples(answer_.get())).value_or(0);
}

std::string_view Statement::value(int column) const {
    return {PQgetvalue(answer_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(answer_.get(), row_, column))};
}

bool Statement::is_null(int column) const {
    return PQgetisnull(answer_.get(), row_, column) != 0;
}

std::int64_t Statement::integer(int column) const {
    const std::string_view text = value(column);
    if (text == "t") return 1;  // a boolean
    return parse_number<std::int64_t>(text).value_or(0);
}

std::string Statement::text(int column) const {
    return std::string(value(column));
}

std::string Statement::blob(int column) const {
    // "\x" and hexadecimal digits: bytea_output, as connections set it.
    const std::string_view digits = value(column);
    std::string bytes;
    for (std::size_t at = 2; at + 1 < digits.size(); at += 2)
        bytes += static_cast<char>(hex_value(digits[at]) * 16 + hex_value(digits[at + 1]));
    return bytes;
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Statement::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<Time> Statement::optional_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

}  // namespace runs_agent::postgres
