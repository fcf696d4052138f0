// SPDX-License-Identifier: MIT
#include "net/http_message.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::net {

namespace {

/// The byte that "%41" at the front of `text` stands for, or -1 where that is no escape.
int escape_at_front(std::string_view text) {
    if (text.size() < 3 || text[0] != '%') return -1;
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Blanks as fields have them around their parts (OWS, RFC 9110 section 5.6.3).
constexpr std::string_view blanks = " \t";

/// Takes the part before the next `separator` off `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
    const std::string_view part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    return part;
}

std::string decode_form_part(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int byte = escape_at_front(text.substr(i));
        if (byte >= 0) {
            decoded.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            decoded.push_back(text[i] == '+' ? ' ' : text[i]);
        }
    }
    return decoded;
}

/// The `q` of one Accept-Encoding member: is it above zero? (RFC 9110 section 12.4.2)
bool weight_is_positive(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string_view parameter = trimmed(take_until(parameters, ';'), blanks);
        if (parameter.size() >= 2 && lower(parameter[0]) == 'q' && parameter[1] == '=')
            return parameter.substr(2).find_first_of("123456789") != std::string_view::npos;
    }
    return true;
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_,
                  [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (equals_ignoring_case(key, name)) return value;
    return std::nullopt;
}

HttpResponse json_response(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

std::optional<AbsoluteTarget> split_absolute(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        target.remove_prefix(scheme.size());
        const std::string_view authority = target.substr(0, target.find_first_of("/?"));
        std::string rest(target.substr(authority.size()));
        if (!rest.starts_with('/')) rest.insert(0, 1, '/');
        return AbsoluteTarget{std::string(authority), std::move(rest)};
    }
    return std::nullopt;
}

std::optional<std::string> path_of(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    std::string decoded;
    decoded.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            decoded.push_back(path[i]);
            continue;
        }
        const int byte = escape_at_front(path.substr(i));
        if (byte < 0) return std::nullopt;
        decoded.push_back(static_cast<char>(byte));
        i += 2;
    }
    return decoded;
}

Parameters query_of(std::string_view target) {
    const auto question_mark = target.find('?');
    if (question_mark == std::string_view::npos) return {};
    const std::string_view query = target.substr(question_mark + 1);
    return parse_form(query.substr(0, query.find('#')));
}

Parameters parse_form(std::string_view text) {
    Parameters parameters;
    while (!text.empty()) {
        std::string_view pair = take_until(text, '&');
        if (pair.empty()) continue;
        const std::string_view name = take_until(pair, '=');
        parameters.emplace_back(decode_form_part(name), decode_form_part(pair));
    }
    return parameters;
}

std::optional<std::string_view> find(const Parameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    return std::nullopt;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const bool unreserved =
            is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            encoded.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded.push_back('%');
        encoded.push_back(digits[byte >> 4U]);
        encoded.push_back(digits[byte & 0xfU]);
    }
    return encoded;
}

std::string media_type(const Headers& headers) {
    const auto value = headers.find("Content-Type");
    if (!value) return {};
    return lower(trimmed(value->substr(0, value->find(';')), blanks));
}

bool accepts_gzip(const Headers& headers) {
    std::optional<bool> by_name;
    std::optional<bool> by_star;
    for (const auto& [name, value] : headers) {
        if (!equals_ignoring_case(name, "Accept-Encoding")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            std::string_view member = take_until(rest, ',');
            const std::string_view coding = trimmed(take_until(member, ';'), blanks);
            if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip"))
                by_name = weight_is_positive(member);
            else if (coding == "*")
                by_star = weight_is_positive(member);
        }
    }
    return by_name.value_or(by_star.value_or(false));
}

}  // namespace runs_agent::net
