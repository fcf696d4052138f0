// SPDX-License-Identifier: MIT
#include "config/service.hpp"

#include "config/unit_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <unistd.h>

namespace runs_agent::config {

namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

constexpr const char* unit_name = "runs-agent.service";
/// Where units are looked for, the first that has one holds (systemd.unit(5), "Unit File Load
/// Path").
constexpr std::array unit_folders{"/etc/systemd/system", "/run/systemd/system",
                                  "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                  "/lib/systemd/system"};
/// Options of `serve`, which beat variables, and what they stand for.
constexpr std::array options{std::pair{"--config", "RUNS_AGENT_CONFIG"},
                             std::pair{"--listen", "RUNS_AGENT_LISTEN"},
                             std::pair{"--database", "RUNS_AGENT_DATABASE"},
                             std::pair{"--api-url", "CURRENTS_API_URL"},
                             std::pair{"--api-listen", "RUNS_AGENT_API_LISTEN"},
                             std::pair{"--api-database", "RUNS_AGENT_API_DATABASE"}};

std::optional<std::string> read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    if (file) content << file.rdbuf();
    if (!file || content.str().empty()) return std::nullopt;
    return std::move(content).str();
}

std::string without_file(const std::string& name) {
    constexpr std::string_view ending = "_FILE";
    return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : name;
}

/// What a unit and its drop-ins come to; an empty value takes back what came before it.
struct Unit {
    Variables environment;
    std::vector<std::string> environment_files;
    Variables credentials;  // the file of each
    std::string state_directory;
    std::string command;
    bool user_made_up = false;  // DynamicUser=
    std::string user;           // User=, which may be one that there is
    std::string group;
    bool more_groups = false;  // SupplementaryGroups=

    bool makes_up_its_user() const { return user_made_up && user.empty(); }
    bool has_groups() const { return more_groups || !group.empty(); }
    /// Is it the service's own, whatever its bits say? Its state, and its credentials' copies.
    bool owns(const std::string& path) const;

    static Unit of(const std::vector<std::string>& files);
    void take(const std::string& name, const std::string& value);
    /// As they are written, the environment's files last.
    Variables told() const;
    std::string expanded(std::string text) const;
};

Unit Unit::of(const std::vector<std::string>& files) {
    Unit unit;
    for (const std::string& file : files)
        for (const auto& [name, value] : parse_service_section(read(file).value_or("")))
            unit.take(name, value);
    return unit;
}

Variables Unit::told() const {
    Variables variables = environment;
    for (const std::string& file : environment_files)
        for (const auto& [name, value] : parse_environment_file(read(file).value_or("")))
            variables[name] = value;
    return variables;
}

void Unit::take(const std::string& name, const std::string& value) {
    if (name == "Environment") {
        if (value.empty()) environment.clear();
        for (const std::string& word : split_words(value))
            if (const auto equals = word.find('='); equals != std::string::npos)
                environment[word.substr(0, equals)] = word.substr(equals + 1);
    } else if (name == "EnvironmentFile") {
        if (value.empty())
            environment_files.clear();
        else
            environment_files.push_back(value.substr(value.starts_with('-') ? 1 : 0));
    } else if (name == "LoadCredential") {
        if (value.empty()) credentials.clear();
        if (const auto colon = value.find(':'); colon != std::string::npos)
            credentials[value.substr(0, colon)] = value.substr(colon + 1);
    } else if (name == "StateDirectory") {
        state_directory = value.substr(0, value.find_first_of(" :"));
    } else if (name == "DynamicUser") {
        user_made_up = value == "yes" || value == "true" || value == "on" || value == "1";
    } else if (name == "User") {
        user = value;
    } else if (name == "Group") {
        group = value;
    } else if (name == "SupplementaryGroups") {
        more_groups = !value.empty();
    } else if (name == "ExecStart") {
        command = value;
    }
}

bool Unit::owns(const std::string& path) const {
    return path.starts_with("/run/credentials/") || path.starts_with("/var/lib/private/") ||
           (!state_directory.empty() && path.starts_with("/var/lib/" + state_directory + "/"));
}

/// A credential's copy is for the service alone; the file that it is copied from is for root.
/// Source: systemd.unit(5), "Specifiers".
std::string Unit::expanded(std::string text) const {
    for (const auto& [id, path] : credentials)
        if (text == "%d/" + id || text == "${CREDENTIALS_DIRECTORY}/" + id) return path;
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at)) {
        const std::string two = text.substr(at, 2);
        const std::string stands_for = two == "%S"   ? "/var/lib"
                                       : two == "%E" ? "/etc"
                                       : two == "%%" ? "%"
                                                     : two;
        text.replace(at, two.size(), stands_for);
        at += stands_for.size();
    }
    return text;
}

void add_options(const Unit& unit, Variables& variables) {
    const auto words = split_words(unit.command);
    for (std::size_t i = 0; i < words.size(); ++i)
        for (const auto& [option, variable] : options) {
            if (words[i] == option && i + 1 < words.size())
                variables[variable] = unit.expanded(words[i + 1]);
            else if (words[i].starts_with(std::string(option) + "="))
                variables[variable] =
                    unit.expanded(words[i].substr(std::string_view(option).size() + 1));
        }
}

/// The drop-ins of a unit, by their names; of the same name, that of the folder that holds first.
void add_drop_ins(const std::vector<std::string>& folders, std::vector<std::string>& files) {
    std::map<std::string, std::string> by_name;
    for (const std::string& folder : folders) {
        std::error_code absent;
        for (const auto& entry : fs::directory_iterator(folder, absent))
            if (entry.path().extension() == ".conf")
                by_name.try_emplace(entry.path().filename().string(), entry.path().string());
    }
    for (const auto& [name, path] : by_name) files.push_back(path);
}

/// May a user who owns nothing open it? `by_group`: groups of its own may be what lets it.
bool is_open_to_others(const fs::path& path, bool by_group) {
    std::error_code failure;
    const auto allows = [&](const fs::path& one, fs::perms others, fs::perms group) {
        const fs::perms has = fs::status(one, failure).permissions();
        return (has & (by_group ? others | group : others)) != fs::perms::none;
    };
    const fs::path real = fs::canonical(path, failure);
    if (failure) return true;  // what is not there is told of otherwise
    for (fs::path folder = real.parent_path(); folder.has_relative_path();
         folder = folder.parent_path())
        if (!allows(folder, fs::perms::others_exec, fs::perms::group_exec)) return false;
    return allows(real, fs::perms::others_read, fs::perms::group_read);
}

}  // namespace

std::vector<Withheld> withheld_by_unit(const std::vector<std::string>& files) {
    const Unit unit = Unit::of(files);
    if (!unit.makes_up_its_user()) return {};
    std::vector<Withheld> found;
    for (const auto& [name, value] : unit.told()) {
        if (name == without_file(name) && name != "RUNS_AGENT_CONFIG") continue;
        if (value.starts_with("%d/") || value.starts_with("${CREDENTIALS_DIRECTORY}/")) continue;
        const std::string path = unit.expanded(value);
        if (!unit.owns(path) && !is_open_to_others(path, unit.has_groups()))
            found.push_back({name, path});
    }
    return found;
}

bool makes_up_its_user(const std::vector<std::string>& files) {
    return Unit::of(files).makes_up_its_user();
}

std::string in_words(const Withheld& one) {
    return one.variable + " names " + one.path +
           ", which the user that systemd makes up for the service may not read";
}

std::string cure_of(const Withheld& one) {
    const std::string id = fs::path(one.path).filename().string();
    if (one.variable == without_file(one.variable)) return "chmod a+r " + one.path;
    // A credential is a copy of the start: what is renewed and read anew would be the old one.
    if (one.variable.starts_with("RUNS_AGENT_TLS_"))
        return "let a group read it and its folder, say ssl-cert: sudo chgrp ssl-cert " + one.path +
               " and sudo chmod g+r " + one.path +
               "; then sudo systemctl edit runs-agent, and under [Service]"
               " SupplementaryGroups=ssl-cert; not by LoadCredential= (docs/operations.md, \"TLS"
               " of its own\")";
    return "let systemd hand it over: sudo systemctl edit runs-agent, and under [Service]"
           " LoadCredential=" +
           id + ":" + one.path + " and Environment=" + one.variable + "=%d/" + id +
           " in its place; then restart it";
}

std::vector<std::string> files_of_unit(const std::string& unit) {
    std::vector<std::string> files = find_unit();
    if (!files.empty() && files.front() == unit) return files;
    files = {unit};
    add_drop_ins({unit + ".d"}, files);
    return files;
}

std::map<std::string, std::string> variables_of_unit(const std::vector<std::string>& files) {
    const Unit unit = Unit::of(files);
    Variables variables;
    for (const auto& [name, value] : unit.environment) variables[name] = unit.expanded(value);
    for (const std::string& file : unit.environment_files)
        for (const auto& [name, value] : parse_environment_file(read(file).value_or("")))
            variables[name] = value;
    add_options(unit, variables);
    if (!unit.state_directory.empty())
        variables.try_emplace("RUNS_AGENT_STATE_DIR", "/var/lib/" + unit.state_directory);
    // Who may not read a secret does well without it: a policy can be checked all the same.
    std::erase_if(variables, [](const auto& one) {
        return one.first != without_file(one.first) && ::access(one.second.c_str(), R_OK) != 0;
    });
    return variables;
}

std::vector<std::string> find_unit(const std::string& root) {
    std::vector<std::string> files;
    std::vector<std::string> drop_ins;
    for (const char* const folder : unit_folders) {
        const std::string unit = root + folder + "/" + unit_name;
        std::error_code absent;
        if (files.empty() && fs::is_regular_file(unit, absent)) files.push_back(unit);
        drop_ins.push_back(unit + ".d");
    }
    if (!files.empty()) add_drop_ins(drop_ins, files);
    return files;
}

Environment environment_of_command(std::map<std::string, std::string> process,
                                   const std::string& root) {
    std::vector<std::string> files;
    const auto named = process.find("RUNS_AGENT_SERVICE");
    if (process.contains("STATE_DIRECTORY")) {
        // This is the service: it has been told.
    } else if (named == process.end()) {
        files = find_unit(root);
    } else if (!named->second.empty()) {
        files.push_back(named->second);
        add_drop_ins({named->second + ".d"}, files);
    }
    if (files.empty()) return Environment(std::move(process));
    Variables merged = process;
    for (auto& [name, value] : variables_of_unit(files)) {
        const std::string plain = without_file(name);
        if (!process.contains(plain) && !process.contains(plain + "_FILE"))
            merged.try_emplace(name, value);
    }
    merged.insert_or_assign("RUNS_AGENT_SERVICE", files.front());
    return Environment(std::move(merged));
}

Environment environment_of_command() {
    return environment_of_command(variables_of_process(), "");
}

}  // namespace runs_agent::config
