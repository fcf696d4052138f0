// SPDX-License-Identifier: MIT
// The texts that setup leaves behind: what the daemon reads, and what is to be typed next. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::setup {

/// Where what was made is, in the daemon's terms.
struct Left {
    std::string secret_file;    // the webhook's secret
    std::string key_file;       // the App's; empty: there is none
    std::string settings_file;  // an environment file, or a drop-in for the service; empty: none
    std::string app_id;
    std::string slug;
    std::string api_url;      // GITHUB_API_URL; empty where it is the default
    std::string unit;         // of the service that is installed; empty: none
    std::string key_of_api;   // the file that the unit wants for it, where it is missing
    bool key_wanted = false;  // without a unit: nothing says where the Runs API's key is
    bool kubernetes = false;
};

/// NAME=value lines for `serve`, to be read by a shell. They hold no secret.
std::string environment_file(const Left& left);
/// The same for the service: a drop-in, which hands it the App's key.
std::string drop_in(const Left& left);
/// Where the service looks for it.
std::string drop_in_place(const std::string& unit);

/// A Secret with these files, by their names. For kubectl's standard input, and no terminal.
std::string kubernetes_secret(const std::vector<std::pair<std::string, std::string>>& files);

/// What to type so that the daemon works with it, a line each, indented.
std::string start_commands(const Left& left);

/// The command that shows what arrived; the service's database is root's.
std::string show_command(const Left& left);

/// How a person came to this machine, or may come: what SSH_CONNECTION says, or where that is empty
/// (as under sudo) this machine's own name, which may be another than theirs for it.
struct Way {
    std::string user;
    std::string connection;
    std::string host;
};

/// `ssh -L …`, for a browser on another machine.
std::string tunnel_command(std::string_view port, const Way& way);
/// `scp …`, which brings a file from here to there.
std::string copy_command(const std::string& file, const Way& way);

}  // namespace runs_agent::agent::setup
