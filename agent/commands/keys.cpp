// SPDX-License-Identifier: MIT
// `runs-agent keys …`: the keys of the embedded Runs API, in its database.
#include "runs_server/setup/keys.hpp"

#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/commands/database_command.hpp"
#include "base/time_text.hpp"
#include "observe/printable.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::agent {

using runs_server::Key;
using runs_server::KeyKind;
using sqlite::Database;

namespace {

struct Options {
    config::Flags flags;
    bool json = false;
    bool record = false;
    bool read_only = false;
    std::string name;
    std::int64_t id = 0;
};

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

const char* name_of(KeyKind kind) {
    return kind == KeyKind::api ? "api" : "record";
}

void write(Json& json, const Key& key) {
    json.StartObject();
    json.Key("id");
    json.Int64(key.id);
    json.Key("kind");
    json.String(name_of(key.kind));
    json.Key("name");
    json.String(key.name);
    json.Key("readOnly");
    json.Bool(key.read_only);
    json.Key("createdAt");
    json.String(to_iso8601(key.created_at));
    json.Key("revokedAt");
    if (key.revoked_at) {
        json.String(to_iso8601(*key.revoked_at));
    } else {
        json.Null();
    }
    json.EndObject();
}

int create(Database& database, const Options& options) {
    const KeyKind kind = options.record ? KeyKind::record : KeyKind::api;
    const std::string key = runs_server::make_key(kind);
    runs_server::add_key(database, kind, options.name, options.read_only, key, SystemClock().now());
    if (options.json) {
        standard_output().data(R"({"key":")" + key + "\"}");
    } else {
        standard_output().text(key + "\n");
        print_message("this key is shown once; only its hash was stored");
    }
    return Exit::done;
}

void print_json(const Key& key) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    write(json, key);
    standard_output().data(buffer.GetString());
}

void print(const Key& key) {
    standard_output().text(
        std::to_string(key.id) + "  " + name_of(key.kind) + (key.read_only ? " (read only)" : "") +
        "  " + printable(key.name) + "  made " + to_iso8601(key.created_at) +
        (key.revoked_at ? "  revoked " + to_iso8601(*key.revoked_at) : "") + "\n");
}

int list(Database& database, const Options& options) {
    for (const Key& key : runs_server::list_keys(database))
        options.json ? print_json(key) : print(key);
    return Exit::done;
}

int revoke(Database& database, const Options& options) {
    if (!runs_server::revoke_key(database, options.id, SystemClock().now()))
        return report(fail(Errc::not_found, "no valid key has the id " +
                                                std::to_string(options.id) +
                                                "; see runs-agent keys list"));
    if (options.json) {
        standard_output().data(R"({"revoked":)" + std::to_string(options.id) + "}");
    } else {
        standard_output().text("revoked\n");
    }
    return Exit::done;
}

}  // namespace

void add_keys(CLI::App& program, Chosen& chosen) {
    CLI::App* const keys =
        program.add_subcommand("keys", "API keys and record keys of the embedded Runs API");
    keys->require_subcommand(1);
    keys->footer("Example:\n  runs-agent keys create --name ci");
    const auto options = std::make_shared<Options>();
    CLI::App* const creator =
        add_database_command(*keys, chosen, options, "create", "Make a key and print it, once",
                             "create --name dashboard --read-only", create);
    creator->add_option("--name", options->name, "What it is for")->required();
    CLI::Option* const record =
        creator->add_flag("--record", options->record, "A record key, for reporters");
    creator->add_flag("--read-only", options->read_only, "An API key that may only read")
        ->excludes(record);
    add_database_command(*keys, chosen, options, "list",
                         "List the keys; the keys themselves are not stored", "list --json", list);
    CLI::App* const revoker = add_database_command(*keys, chosen, options, "revoke",
                                                   "Make a key invalid", "revoke 3", revoke);
    revoker->add_option("ID", options->id, "The key's number, from keys list")->required();
}

}  // namespace runs_agent::agent
