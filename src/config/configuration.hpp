// SPDX-License-Identifier: MIT
// Everything the program is told from outside, read once at the start and checked before anything
// runs. Flags beat the environment, the environment beats the policy file.
#pragma once

#include "base/error.hpp"
#include "config/environment.hpp"
#include "decide/policy.hpp"
#include "observe/log.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::config {

/// What the command line can say instead of the environment.
struct Flags {
    std::optional<std::string> config_file;   // --config, else RUNS_AGENT_CONFIG
    std::optional<std::string> listen;        // --listen, else RUNS_AGENT_LISTEN
    std::optional<std::string> api_listen;    // --api-listen, else RUNS_AGENT_API_LISTEN
    std::optional<std::string> admin_listen;  // --admin-listen, else RUNS_AGENT_ADMIN_LISTEN
    std::optional<std::string> database;      // --database, else RUNS_AGENT_DATABASE
    std::optional<std::string> api_database;  // --api-database, else RUNS_AGENT_API_DATABASE
    std::optional<std::string> api_url;       // --api-url, else CURRENTS_API_URL
    std::optional<std::string> project_id;    // --project-id, else CURRENTS_PROJECT_ID
    std::optional<std::string> log_level;     // --log-level, else RUNS_AGENT_LOG
    std::optional<std::string> log_format;    // --log-format, else RUNS_AGENT_LOG_FORMAT
};

/// How GitHub's REST API is reached.
struct GitHubAccess {
    std::string api_url = "https://api.github.com";  // GITHUB_API_URL
    bool token_given = false;
    std::string app_id;  // GITHUB_APP_ID; empty: there is no App

    bool is_given() const { return token_given || !app_id.empty(); }

    /// GITHUB_TOKEN and GITHUB_APP_PRIVATE_KEY, read anew at each call. Errc::refused where they
    /// are not set.
    std::function<Result<std::string>()> token;
    std::function<Result<std::string>()> app_private_key;
};

/// What the listeners of the daemon show whoever connects: RUNS_AGENT_TLS_CERTIFICATE and
/// RUNS_AGENT_TLS_KEY, PEM. Neither given: they speak plain HTTP.
struct OwnTls {
    bool certificate_given = false;
    bool key_given = false;
    /// Read at each call. Errc::refused where they are not set or cannot be read.
    std::function<Result<std::string>()> certificate;
    std::function<Result<std::string>()> key;
};

struct Configuration {
    std::vector<std::string> webhook_secrets;  // GITHUB_WEBHOOK_SECRET, at least one to serve
    std::string api_url = "https://api.currents.dev/v1";
    bool api_url_given = false;  // by flag or environment; `serve --embedded` else uses its own
    bool api_key_given = false;
    GitHubAccess github;
    std::string project_id;        // CURRENTS_PROJECT_ID: empty, one, or several between commas
    std::string record_key;        // CURRENTS_RECORD_KEY; may be empty
    std::string admin_token;       // RUNS_AGENT_ADMIN_TOKEN; may be empty: then there is no page
    std::string admin_read_token;  // RUNS_AGENT_ADMIN_READ_TOKEN; may be empty
    std::string admin_listen = "127.0.0.1:8081";
    bool notify_given = false;
    std::function<Result<std::string>()> notify_url;  // RUNS_AGENT_NOTIFY_URL, read at each call
    std::string listen = "127.0.0.1:8080";
    OwnTls tls;              // of `listen` and `admin_listen`
    std::string public_url;  // RUNS_AGENT_PUBLIC_URL: what GitHub posts to; may be empty
    std::string api_listen = "127.0.0.1:4000";
    std::string webhooks_allow;  // RUNS_AGENT_API_WEBHOOKS_ALLOW; may be empty
    std::string state_dir;       // absolute
    std::string service;  // RUNS_AGENT_SERVICE: the unit whose settings these are; may be empty
    std::string database_path;  // absolute: where the agent's SQLite file is, or would be
    std::string database_url;   // PostgreSQL's, which may hold a password; empty: it is SQLite's
    std::string api_database_path;
    LogLevel log_level = LogLevel::info;
    std::optional<LogFormat> log_format;          // absent: text on a terminal, else JSON
    std::chrono::hours keep_bodies{7 * 24};       // RUNS_AGENT_KEEP_BODIES
    std::chrono::hours keep_deliveries{90 * 24};  // RUNS_AGENT_KEEP_DELIVERIES
    std::string policy_file;                      // empty: none
    decide::Policy policy;

    /// CURRENTS_API_KEY, read anew at each call, so that a mended secret is picked up.
    /// Errc::bad_input where it is not set.
    std::function<Result<std::string>()> api_key;
};

/// The parts between commas, without the space around them; empty ones are passed over.
std::vector<std::string> comma_separated(const std::string& text);

/// What is wrong with one setting.
struct Mistake {
    std::string setting;  // the variable's name; RUNS_AGENT_CONFIG for the policy
    std::string message;  // a line, or several of the policy
};

/// What was told, as far as it could be read: a setting that is wrong is left at its default.
struct Reading {
    Configuration configuration;
    std::optional<Error> error;  // Errc::bad_input, every mistake on a line of its own
    std::vector<Mistake> mistakes;
};

/// Reads and checks it all. Creates nothing. A mistake says what, why and how to mend it, for the
/// policy file with FILE:LINE:COLUMN. What only the network's own functions can tell (addresses,
/// proxy, certificates) is left to agent/client_setup.
Reading read(const Environment& environment, const Flags& flags);

/// The same for those who cannot go on with a mistake.
Result<Configuration> load(const Environment& environment, const Flags& flags);

/// The same for those who need these settings and no other, such as a command that looks into the
/// database: it is wanted most when the policy is wrong.
Result<Configuration> load(const Environment& environment, const Flags& flags,
                           const std::vector<std::string_view>& needs);

/// The settings that say where the databases are.
std::vector<std::string_view> where_databases_are();

}  // namespace runs_agent::config
