// SPDX-License-Identifier: MIT
// What the service of this machine is told, for the commands that people type beside it: they are
// to see its policy, settings and database without being told where those are. systemd's unit and
// its drop-ins say it all. Source: systemd.unit(5), systemd.exec(5).
#pragma once

#include "config/environment.hpp"

#include <map>
#include <string>
#include <vector>

namespace runs_agent::config {

/// The variables that a unit gives its service: its Environment=, its EnvironmentFile=, the
/// credentials it loads (as the files they are loaded from), its StateDirectory= and the options
/// of its command. `files` are the unit and its drop-ins, in the order in which they hold. Secrets
/// that this process may not read are left out, and so is what cannot be read of the unit.
std::map<std::string, std::string> variables_of_unit(const std::vector<std::string>& files);

/// A file that a unit names to its service, and may not be read by the user that systemd makes up
/// for it (DynamicUser=): it is neither open to all nor handed over (LoadCredential=), nor the
/// service's own. Beside the service, as root, nothing of that is noticed. None where the unit
/// names a user (User=): if there is such a one, it is taken. Source: systemd.exec(5),
/// "DynamicUser=".
struct Withheld {
    std::string variable;
    std::string path;
};
std::vector<Withheld> withheld_by_unit(const std::vector<std::string>& files);
std::string in_words(const Withheld& one);
std::string cure_of(const Withheld& one);

/// Does systemd make up the user of its service (DynamicUser= without User=)?
bool makes_up_its_user(const std::vector<std::string>& files);

/// This unit and its drop-ins, in the order in which they hold.
std::vector<std::string> files_of_unit(const std::string& unit);

/// The unit of this machine's service with its drop-ins, below `root` (empty: the machine's own
/// root); empty where there is none. Those in /etc hold before those that a package brings.
std::vector<std::string> find_unit(const std::string& root = "");

/// The variables of this process, and beneath them those of the service: RUNS_AGENT_SERVICE names
/// another unit than the machine's, or none where it is set and empty. For commands that a person
/// types; within the service itself, its own variables alone.
Environment environment_of_command();

/// As that, of given variables and a given root.
Environment environment_of_command(std::map<std::string, std::string> process,
                                   const std::string& root);

}  // namespace runs_agent::config
