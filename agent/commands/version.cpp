// SPDX-License-Identifier: MIT
// `runs-agent version`: what this is, for a bug report.
#include "agent/version.hpp"

#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "postgres/target.hpp"

#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <rapidjson/rapidjson.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sqlite3.h>
#include <zlib.h>

#include <array>
#include <memory>

namespace runs_agent::agent {

namespace {

struct Library {
    const char* name;
    std::string version;
};

std::array<Library, 6> libraries() {
    const std::string boost = std::to_string(BOOST_VERSION / 100'000) + "." +
                              std::to_string(BOOST_VERSION / 100 % 1'000) + "." +
                              std::to_string(BOOST_VERSION % 100);
    return {Library{"Boost", boost},
            Library{"libpq", postgres::client_version()},
            Library{"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
            Library{"RapidJSON", RAPIDJSON_VERSION_STRING},
            Library{"SQLite", sqlite3_libversion()},
            Library{"zlib", zlibVersion()}};
}

int print(bool json) {
    if (!json) {
        std::string text = std::string("runs-agent ") + version + " (commit " + commit + ")\n";
        for (const Library& library : libraries())
            text += std::string(library.name) + " " + library.version + "\n";
        standard_output().text(text);
        return Exit::done;
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
    out.StartObject();
    out.Key("version");
    out.String(version);
    out.Key("commit");
    out.String(commit);
    out.Key("libraries");
    out.StartObject();
    for (const Library& library : libraries()) {
        out.Key(library.name);
        out.String(library.version);
    }
    out.EndObject();
    out.EndObject();
    standard_output().data(buffer.GetString());
    return Exit::done;
}

}  // namespace

void add_version(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "version", "Print the version, the commit and the libraries' versions");
    command->footer("Example:\n  runs-agent version --json");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print as JSON");
    command->callback([&chosen, json] { chosen = [json] { return print(*json); }; });
}

}  // namespace runs_agent::agent
