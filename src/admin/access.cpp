// SPDX-License-Identifier: MIT
#include "admin/access.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

#include <array>

namespace runs_agent::admin {

namespace {

constexpr std::string_view cookie_name = "runs_agent_session";
constexpr std::chrono::hours session{12};
constexpr std::size_t max_name = 60;  // bytes

std::string hash(std::string_view text) {
    return to_hex(sha256(text));
}

/// Of texts of any length: what is compared are their hashes.
bool equal(std::string_view a, std::string_view b) {
    return equal_in_constant_time(sha256(a), sha256(b));
}

std::string hex_of(std::string_view text) {
    return to_hex(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

std::string text_of_hex(std::string_view hex) {
    std::string text;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        text += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
    return text;
}

std::optional<std::string_view> bearer(const net::HttpRequest& request) {
    const auto field = request.headers.find("Authorization");
    constexpr std::string_view scheme = "bearer ";
    if (!field || field->size() < scheme.size() ||
        !equals_ignoring_case(field->substr(0, scheme.size()), scheme))
        return std::nullopt;
    return trimmed(field->substr(scheme.size()));
}

/// The value of our cookie (RFC 6265 section 5.4: pairs between "; ").
std::optional<std::string_view> cookie(const net::HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
        if (!equals_ignoring_case(name, "Cookie")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
            rest.remove_prefix(std::min(rest.size(), rest.find(';') == std::string_view::npos
                                                         ? rest.size()
                                                         : rest.find(';') + 1));
            if (pair.starts_with(cookie_name) && pair.substr(cookie_name.size()).starts_with('='))
                return pair.substr(cookie_name.size() + 1);
        }
    }
    return std::nullopt;
}

/// Where a reverse proxy has said by which name it was asked.
bool is_ours(std::string_view authority, const net::HttpRequest& request) {
    for (const std::string_view name : {"Host", "X-Forwarded-Host"})
        if (const auto here = request.headers.find(name);
            here && equals_ignoring_case(*here, authority))
            return true;
    return false;
}

}  // namespace

std::string Visitor::actor() const {
    const std::string way = by_cookie ? "page" : "api";
    return name.empty() ? way : way + ": " + name;
}

Access::Access(std::string_view admin_token, std::string_view read_token)
    : admin_hash_(hash(admin_token)),
      read_hash_(read_token.empty() ? std::string() : hash(read_token)),
      key_(hash("runs-agent session\n" + admin_hash_ + "\n" + read_hash_)) {}

std::optional<Role> Access::role_of(std::string_view token) const {
    const std::string given = hash(token);
    // Both are compared whichever it is.
    const bool is_admin = equal(given, admin_hash_);
    const bool is_reader = equal(given, read_hash_) && !read_hash_.empty();
    if (is_admin) return Role::admin;
    if (is_reader) return Role::reader;
    return std::nullopt;
}

std::string Access::signature(std::string_view purpose, std::string_view text) const {
    return to_hex(hmac_sha256(key_, std::string(purpose) + "\n" + std::string(text)));
}

std::string Access::sign_in(Role role, std::string_view name, bool secure, Time now) const {
    const Time end = now + session;
    const std::string said = std::string(role == Role::admin ? "admin" : "reader") + "." +
                             std::to_string(end.time_since_epoch().count()) + "." +
                             hex_of(trimmed(name).substr(0, max_name));
    // No Path: the browser takes that of the page, which is right below a proxy's prefix, too.
    return std::string(cookie_name) + "=" + said + "." + signature("session", said) +
           "; HttpOnly; SameSite=Strict; Max-Age=" +
           std::to_string(std::chrono::seconds(session).count()) + (secure ? "; Secure" : "");
}

std::string Access::sign_out() {
    return std::string(cookie_name) + "=; HttpOnly; SameSite=Strict; Max-Age=0";
}

std::optional<Visitor> Access::by_cookie(std::string_view cookie, Time now) const {
    const std::size_t last = cookie.rfind('.');
    if (last == std::string_view::npos) return std::nullopt;
    const std::string_view said = cookie.substr(0, last);
    if (!equal(signature("session", said), cookie.substr(last + 1))) return std::nullopt;
    // From here on it is our own text.
    const std::size_t first = said.find('.');
    const std::size_t second = said.find('.', first + 1);
    const auto end = parse_number<std::int64_t>(said.substr(first + 1, second - first - 1));
    if (!end || Time(std::chrono::milliseconds(*end)) <= now) return std::nullopt;
    Visitor visitor;
    visitor.role = said.substr(0, first) == "admin" ? Role::admin : Role::reader;
    visitor.name = text_of_hex(said.substr(second + 1));
    visitor.by_cookie = true;
    visitor.form_token = signature("form", cookie);
    return visitor;
}

std::optional<Visitor> Access::visitor(const net::HttpRequest& request, Time now) const {
    if (const auto token = bearer(request)) {
        const auto role = role_of(*token);
        if (!role) return std::nullopt;
        Visitor visitor;
        visitor.role = *role;
        visitor.name =
            std::string(trimmed(request.headers.find("X-Actor").value_or("")).substr(0, max_name));
        return visitor;
    }
    const auto given = cookie(request);
    return given ? by_cookie(*given, now) : std::nullopt;
}

bool Access::tries(const net::HttpRequest& request) {
    return bearer(request).has_value();
}

std::string Access::fault_of(const Visitor& visitor, const net::HttpRequest& request,
                             std::string_view form_token) {
    if (!visitor.may_change())
        return "you have signed in with the token for reading; sign in with RUNS_AGENT_ADMIN_TOKEN "
               "to change something";
    if (!visitor.by_cookie) return {};
    // A page of another origin cannot forge this field (Fetch, "Origin header").
    if (const auto origin = request.headers.find("Origin")) {
        const std::size_t scheme = origin->find("://");
        if (scheme == std::string_view::npos || !is_ours(origin->substr(scheme + 3), request))
            return "the request came from another site; open this page itself, and try again";
    } else if (const auto site = request.headers.find("Sec-Fetch-Site");
               site && *site != "same-origin") {
        return "the request came from another site; open this page itself, and try again";
    }
    if (!equal(form_token, visitor.form_token))
        return "the form is older than your signing in; go back, load the page anew, and try again";
    return {};
}

}  // namespace runs_agent::admin
