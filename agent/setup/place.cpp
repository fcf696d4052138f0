// SPDX-License-Identifier: MIT
#include "agent/setup/place.hpp"

#include "agent/cli/read_file.hpp"
#include "config/configuration.hpp"
#include "config/unit_file.hpp"
#include "observe/printable.hpp"

#include <array>
#include <filesystem>
#include <unistd.h>

namespace runs_agent::agent::setup {

namespace fs = std::filesystem;

namespace {

/// Where the unit's webhook-secret is loaded from; empty: nowhere.
fs::path secrets_of(const std::string& unit) {
    const Result<std::string> text = read_file(unit);
    if (text.has_error()) return {};
    constexpr std::string_view wanted = "webhook-secret:";
    for (const auto& [name, value] : config::parse_service_section(*text))
        if (name == "LoadCredential" && value.starts_with(wanted))
            return fs::path(value.substr(wanted.size())).parent_path();
    return {};
}

std::string variable(const config::Environment& environment, const std::string& name) {
    const auto value = environment.get(name);
    return value.has_value() && *value ? **value : std::string();
}

/// Is something there, be it a link that leads nowhere?
bool is_there(const std::string& path) {
    std::error_code failed;
    return fs::symlink_status(path, failed).type() != fs::file_type::not_found;
}

}  // namespace

std::string Place::file(const std::string& name) const {
    return (fs::path(folder) / name).string();
}

std::string Place::missing_api_key() const {
    const std::string key = file("api-key");
    return unit.empty() || is_there(key) ? std::string() : key;
}

std::string settings_name(const Place& place) {
    return place.unit.empty() ? "github-app.env" : "github-app.conf";
}

Result<Place> find_place(const std::string& output, const config::Environment& environment) {
    const auto unit = environment.get("RUNS_AGENT_SERVICE");
    if (unit.has_error()) return unit.error();
    const fs::path of_service = *unit ? secrets_of(**unit) : fs::path();
    const fs::path wanted = !output.empty()      ? fs::path(output)
                            : of_service.empty() ? fs::path(".")
                                                 : of_service;
    std::error_code failed;
    const fs::path folder = fs::canonical(wanted, failed);
    if (failed || !fs::is_directory(folder, failed))
        return fail(Errc::bad_input, "--output: there is no folder " + printable(wanted.string()) +
                                         "; make it first");
    if (::access(folder.c_str(), W_OK) != 0)
        return fail(Errc::bad_input, "the secrets cannot be written to " +
                                         printable(folder.string()) +
                                         "; run setup as who may (sudo), or name another folder "
                                         "with --output");
    Place place{folder.string(), {}};
    if (!of_service.empty() && fs::equivalent(folder, of_service, failed)) place.unit = **unit;
    return place;
}

std::vector<std::string> folders_of_caller(const config::Environment& environment) {
    std::vector<std::string> folders;
    std::error_code failed;
    if (const fs::path current = fs::current_path(failed); !failed)
        folders.push_back(current.string());
    if (std::string home = variable(environment, "HOME"); home.starts_with('/'))
        folders.push_back(std::move(home));
    return folders;
}

bool is_far(const config::Environment& environment) {
    return environment.has("SSH_CONNECTION") ||
           !(environment.has("DISPLAY") || environment.has("WAYLAND_DISPLAY"));
}

Way way_to_here(const config::Environment& environment) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0')
        host = {'H', 'O', 'S', 'T'};
    const std::string sudo_user = variable(environment, "SUDO_USER");
    return {sudo_user.empty() ? variable(environment, "USER") : sudo_user,
            variable(environment, "SSH_CONNECTION"), host.data()};
}

bool lacks_api_key(const config::Environment& environment) {
    return !environment.has("CURRENTS_API_KEY") && !environment.has("CURRENTS_API_KEY_FILE");
}

Result<void> check_free(const Place& place, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (is_there(place.file(name)))
            return fail(Errc::bad_input,
                        printable(place.file(name)) +
                            " is there already, and setup writes over nothing; move it away, or "
                            "name another folder with --output");
    return {};
}

Result<std::optional<std::string>> find_secret(const Place& place) {
    const std::string path = place.file(secret_name);
    if (!is_there(path)) return std::optional<std::string>();
    const auto text = read_file(path);
    if (text.has_error()) return text.error();
    const auto secrets = config::comma_separated(*text);
    if (secrets.empty())
        return fail(Errc::bad_input, printable(path) +
                                         " is there and holds no secret; remove it, so that setup "
                                         "can write one");
    return std::optional<std::string>(secrets.front());
}

}  // namespace runs_agent::agent::setup
