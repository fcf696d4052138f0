// SPDX-License-Identifier: MIT
#include "postgres/target.hpp"

#include "base/certificate_bundles.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <libpq-fe.h>
#include <memory>

namespace runs_agent::postgres {

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Parameters& parameters, std::string_view keyword) {
    for (const auto& [name, value] : parameters)
        if (name == keyword) return value;
    return "";
}

bool has(const Parameters& parameters, std::string_view keyword) {
    return !value_of(parameters, keyword).empty();
}

/// Empty: it is not set.
std::string environment(const char* variable) {
    const char* const value = std::getenv(variable);
    return value != nullptr ? value : "";
}

bool is_set(const char* variable) {
    return !environment(variable).empty();
}

/// A path is a folder of Unix sockets, "@" one in the abstract namespace; and so is no host at all.
bool is_on_this_machine(std::string_view host) {
    return host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" ||
           host == "127.0.0.1" || host == "::1";
}

bool goes_over_network(const Parameters& parameters) {
    std::string hosts = value_of(parameters, "host");
    if (hosts.empty()) hosts = value_of(parameters, "hostaddr");
    if (hosts.empty()) hosts = environment("PGHOST");
    for (std::size_t from = 0; from <= hosts.size();) {
        const std::size_t end = std::min(hosts.find(',', from), hosts.size());
        if (!is_on_this_machine(std::string_view(hosts).substr(from, end - from))) return true;
        from = end + 1;
    }
    return false;
}

/// The certificates that the system trusts.
std::string system_certificates() {
    if (std::string given = environment("SSL_CERT_FILE"); !given.empty()) return given;
    std::error_code ignored;  // a file that cannot be looked at cannot be read either
    for (const char* const file : certificate_bundles)
        if (std::filesystem::exists(file, ignored)) return file;
    return "";
}

bool has_own_certificates() {
    if (is_set("PGSSLROOTCERT")) return true;
    std::error_code ignored;  // as above
    return is_set("HOME") &&
           std::filesystem::exists(environment("HOME") + "/.postgresql/root.crt", ignored);
}

void add_encryption(Parameters& parameters) {
    // A service file may say it, and what is given here would go before it.
    const bool said = has(parameters, "sslmode") || has(parameters, "service") ||
                      is_set("PGSSLMODE") || is_set("PGSERVICE");
    if (!said && goes_over_network(parameters)) parameters.emplace_back("sslmode", "verify-full");
    const std::string mode = value_of(parameters, "sslmode");
    if (!mode.starts_with("verify") || has(parameters, "sslrootcert") || has_own_certificates())
        return;
    if (const std::string file = system_certificates(); !file.empty())
        parameters.emplace_back("sslrootcert", file);
}

void add_defaults(Parameters& parameters) {
    constexpr std::array<std::array<const char*, 3>, 8> defaults{{
        {"connect_timeout", "3", "PGCONNECT_TIMEOUT"},
        {"keepalives_idle", "10", nullptr},
        {"keepalives_interval", "5", nullptr},
        {"keepalives_count", "3", nullptr},
        {"tcp_user_timeout", "15000", nullptr},  // milliseconds
        {"target_session_attrs", "read-write", "PGTARGETSESSIONATTRS"},
        {"application_name", "runs-agent", "PGAPPNAME"},
        {"client_encoding", "UTF8", nullptr},
    }};
    const bool service = has(parameters, "service") || is_set("PGSERVICE");
    for (const auto& [keyword, value, variable] : defaults) {
        if (has(parameters, keyword) || (variable != nullptr && is_set(variable))) continue;
        // What a service file may say: given here, it would go before it.
        if (service && (std::string_view(keyword) == "target_session_attrs" ||
                        std::string_view(keyword) == "connect_timeout"))
            continue;
        parameters.emplace_back(keyword, value);
    }
}

std::string name_of(const Parameters& parameters) {
    std::string name = "postgresql://";
    if (const std::string user = value_of(parameters, "user"); !user.empty()) name += user + "@";
    const std::string host = value_of(parameters, "host");
    name += host.empty() ? value_of(parameters, "hostaddr") : host;
    if (const std::string port = value_of(parameters, "port"); !port.empty()) name += ":" + port;
    name += "/" + value_of(parameters, "dbname");
    if (const std::string service = value_of(parameters, "service"); !service.empty())
        name += "?service=" + service;
    return name;
}

}  // namespace

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

Result<Target> read_target(const std::string& url) {
    if (!is_postgres_url(url)) return fail(Errc::bad_input, "it does not begin with postgresql://");
    char* complaint = nullptr;  // repeats what it complains of, which may be the password
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), &complaint), PQconninfoFree);
    PQfreemem(complaint);
    if (!options)
        return fail(Errc::bad_input,
                    "it is no URL that libpq understands; write it as"
                    " postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE, with %25 for a percent"
                    " sign and the like in a password"
                    " (https://www.postgresql.org/docs/current/libpq-connect.html)");
    Target target;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr) target.parameters.emplace_back(option->keyword, option->val);
    target.password = value_of(target.parameters, "password");
    target.name = name_of(target.parameters);
    add_encryption(target.parameters);
    add_defaults(target.parameters);
    return target;
}

std::string client_version() {
    const int number = PQlibVersion();  // 150018 is 15.18
    return std::to_string(number / 10'000) + "." + std::to_string(number % 10'000);
}

std::string without_password(std::string text, const Target& target) {
    constexpr std::string_view instead = "(password)";
    if (!target.password.empty())
        for (std::size_t at = 0; (at = text.find(target.password, at)) != std::string::npos;
             at += instead.size())
            text.replace(at, target.password.size(), instead);
    text = trimmed(text);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

}  // namespace runs_agent::postgres
