// SPDX-License-Identifier: MIT
#include "agent/setup/texts.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace runs_agent::agent::setup {

namespace {

/// As it is where a shell takes it for one word, else in single quotes.
std::string word(const std::string& value) {
    const auto plain = [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("/._-:@%+=,").find(c) != std::string_view::npos;
    };
    if (!value.empty() && std::all_of(value.begin(), value.end(), plain)) return value;
    std::string quoted = "'";
    for (const char c : value) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// A path in a unit's setting, where '%' begins a specifier.
std::string in_unit(const std::string& path) {
    std::string text;
    for (const char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
    return text;
}

constexpr const char* mounted = "/run/secrets/runs-agent/github-app.pem";

}  // namespace

std::string environment_file(const Left& left) {
    std::string text = "# Made by runs-agent setup. The secrets are in the files that it names.\n";
    text += "GITHUB_WEBHOOK_SECRET_FILE=" + word(left.secret_file) + "\n";
    if (!left.key_file.empty()) {
        text += "GITHUB_APP_ID=" + left.app_id + "\n";
        text += "GITHUB_APP_PRIVATE_KEY_FILE=" + word(left.key_file) + "\n";
    }
    if (!left.api_url.empty()) text += "GITHUB_API_URL=" + word(left.api_url) + "\n";
    return text;
}

std::string drop_in(const Left& left) {
    std::string text = "# Made by runs-agent setup: the GitHub App of this service.\n[Service]\n";
    text += "LoadCredential=github-app-key:" + in_unit(left.key_file) + "\n";
    text += "Environment=GITHUB_APP_ID=" + left.app_id +
            " GITHUB_APP_PRIVATE_KEY_FILE=%d/github-app-key\n";
    if (!left.api_url.empty()) text += "Environment=GITHUB_API_URL=" + in_unit(left.api_url) + "\n";
    return text;
}

std::string drop_in_place(const std::string& unit) {
    const std::filesystem::path path(unit);
    // A package's units are not the administrator's place: systemd.unit(5), "Unit File Load Path".
    const bool packaged = unit.starts_with("/lib/") || unit.starts_with("/usr/");
    const std::string folder = packaged ? "/etc/systemd/system/" + path.filename().string() : unit;
    return folder + ".d/github-app.conf";
}

std::string kubernetes_secret(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string text =
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: runs-agent\n"
        "  labels: {app.kubernetes.io/name: runs-agent}\ntype: Opaque\ndata:\n";
    for (const auto& [name, content] : files)
        text += "  " + name + ": " + to_base64(content) + "\n";
    return text;
}

namespace {

std::string start_on_kubernetes(const Left& left) {
    std::string text =
        "  # the Deployment first, where it is not there: kubectl apply -f runs-agent.yaml\n";
    if (left.app_id.empty()) return text + "  kubectl rollout restart deployment/runs-agent\n";
    text += "  kubectl set env deployment/runs-agent GITHUB_APP_ID=" + left.app_id +
            " GITHUB_APP_PRIVATE_KEY_FILE=" + mounted;
    if (!left.api_url.empty()) text += " GITHUB_API_URL=" + word(left.api_url);
    return text + "\n";
}

/// USER@SERVER, with the option for another port in front, which ssh and scp name differently.
struct Server {
    std::string port_option;
    std::string name;
    std::string remark;
};

Server server_of(const Way& way, const char* option) {
    std::istringstream words(way.connection);
    std::string client;
    std::string client_port;
    std::string server = way.host;
    std::string server_port = "22";
    if (!way.connection.empty()) words >> client >> client_port >> server >> server_port;
    Server found;
    if (server_port != "22")
        found.port_option = std::string(" ") + option + " " + word(server_port);
    const bool six = server.find(':') != std::string::npos && option == std::string_view("-P");
    found.name = (way.user.empty() ? "" : way.user + "@") + (six ? "[" + server + "]" : server);
    if (way.connection.empty()) found.remark = "   # or your name for this server";
    return found;
}

}  // namespace

std::string start_commands(const Left& left) {
    if (left.kubernetes) return start_on_kubernetes(left);
    std::string text;
    const auto line = [&text](const std::string& command) { text += "  " + command + "\n"; };
    if (left.unit.empty()) {
        if (!left.settings_file.empty())
            line("set -a; . " + word(left.settings_file) + "; set +a");
        else if (!left.secret_file.empty())
            line("export GITHUB_WEBHOOK_SECRET_FILE=" + word(left.secret_file));
        if (left.key_wanted)
            line(
                "export CURRENTS_API_KEY_FILE=FILE   # with the Runs API's read & write key (not "
                "with "
                "serve --embedded)");
        line("runs-agent config check && runs-agent serve");
        return text;
    }
    const std::string service = std::filesystem::path(left.unit).stem().string();
    if (!left.key_of_api.empty()) {
        const std::string key = word(left.key_of_api);
        line("sudo install -m 600 /dev/null " + key);
        line("sudo editor " + key + "   # the Runs API's read & write key");
    }
    if (!left.settings_file.empty()) {
        line("sudo install -D -m 644 " + word(left.settings_file) + " " +
             word(drop_in_place(left.unit)));
        line("sudo systemctl daemon-reload");
    }
    line("sudo systemctl enable " + service);
    line("sudo systemctl restart " + service);
    return text;
}

std::string show_command(const Left& left) {
    const std::string command = "runs-agent deliveries list";
    if (left.kubernetes) return "kubectl exec deployment/runs-agent -- " + command;
    return (left.unit.empty() ? "" : "sudo ") + command;
}

std::string tunnel_command(std::string_view port, const Way& way) {
    const Server server = server_of(way, "-p");
    return "ssh -N -L " + std::string(port) + ":127.0.0.1:" + std::string(port) +
           server.port_option + " " + word(server.name) + server.remark;
}

std::string copy_command(const std::string& file, const Way& way) {
    const Server server = server_of(way, "-P");
    return "scp" + server.port_option + " " + word(server.name + ":" + file) + " ." + server.remark;
}

}  // namespace runs_agent::agent::setup
