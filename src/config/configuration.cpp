// SPDX-License-Identifier: MIT
#include "config/configuration.hpp"

#include "base/text.hpp"
#include "config/policy_file.hpp"
#include "config/source.hpp"
#include "observe/printable.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace runs_agent::config {

namespace fs = std::filesystem;

namespace {

/// 0 is one: the system chooses.
bool is_port(std::string_view text) {
    return parse_number<std::uint16_t>(text).has_value();
}

/// Takes ADDRESS:PORT; whether the address can be listened on is the network's to tell.
void read_listen(Source& source, const Text& flag, const std::string& name, std::string& value) {
    const Text address = source.get(flag, name);
    if (!address) return;
    const auto colon = address->rfind(':');
    const bool has_host = colon != std::string::npos && colon > 0;
    if (has_host && is_port(std::string_view(*address).substr(colon + 1))) {
        value = *address;
        return;
    }
    source.note(fail(Errc::bad_input, name + " is \"" + *address +
                                          "\", but must be ADDRESS:PORT, such as 127.0.0.1:8080 "
                                          "or [::1]:8080"));
}

/// Where the data is: as said, as systemd says, or where the XDG base directory specification puts
/// it.
std::string find_state_dir(Source& source) {
    if (const Text given = source.get("RUNS_AGENT_STATE_DIR")) return *given;
    // systemd's StateDirectory=; the first of several (systemd.exec(5)).
    if (const Text service = source.get("STATE_DIRECTORY"))
        return service->substr(0, service->find(':'));
    // A relative path is to be ignored, says that specification.
    if (const Text xdg = source.get("XDG_STATE_HOME"); xdg && fs::path(*xdg).is_absolute())
        return *xdg + "/runs-agent";
    if (const Text home = source.get("HOME"); home && ::geteuid() != 0)
        return *home + "/.local/state/runs-agent";
    return "/var/lib/runs-agent";
}

/// The file behind `sqlite:/absolute/path.db`.
std::string database_file(Source& source, const Text& given, const std::string& name,
                          const std::string& otherwise) {
    if (!given) return otherwise;
    constexpr std::string_view scheme = "sqlite:";
    if (given->starts_with(scheme)) {
        std::string path = given->substr(scheme.size());
        if (fs::path(path).is_absolute()) return path;
        source.note(
            fail(Errc::bad_input, name + " must name an absolute path: sqlite:/path/to.db"));
        return otherwise;
    }
    // What was given may hold a password, so it is not repeated.
    source.note(fail(Errc::bad_input,
                     name + " must be sqlite:/absolute/path.db" +
                         (given->starts_with("postgres") ? "; it cannot be in PostgreSQL" : "")));
    return otherwise;
}

bool is_postgres(const Text& given) {
    return given && (given->starts_with("postgresql://") || given->starts_with("postgres://"));
}

/// The agent's own: SQLite's file, or PostgreSQL's URL. What libpq makes of that, the agent asks.
void read_database(Source& source, const Text& flag, const fs::path& state, Configuration& made) {
    const std::string otherwise = state / "runs-agent.db";
    made.database_path = otherwise;
    const Text given = source.get(flag, "RUNS_AGENT_DATABASE");
    if (is_postgres(given) && !is_visible_ascii(*given)) {
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_DATABASE holds a space, or what is not ASCII; write it with"
                         " percent signs, as %20"));
    } else if (is_postgres(given)) {
        made.database_url = *given;
    } else if (given && !given->starts_with("sqlite:")) {
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_DATABASE must be sqlite:/absolute/path.db, or"
                         " postgresql://… (as libpq writes it)"));
    } else {
        made.database_path = database_file(source, given, "RUNS_AGENT_DATABASE", otherwise);
    }
}

void read_api_url(Source& source, const Flags& flags, Configuration& made) {
    const Text given = source.get(flags.api_url, "CURRENTS_API_URL");
    if (!given) return;
    made.api_url_given = true;
    std::string url = *given;
    const bool http = url.starts_with("http://") || url.starts_with("https://");
    const std::size_t host = url.find("//") == std::string::npos ? 0 : url.find("//") + 2;
    // What stands there may be a password, so it is not repeated, here or anywhere.
    if (url.substr(host, url.find('/', host) - host).find('@') != std::string::npos) {
        source.note(fail(Errc::bad_input,
                         "CURRENTS_API_URL must not hold a user or a password; the API key goes"
                         " into CURRENTS_API_KEY"));
        return;
    }
    if (!http || url.find_first_of("?# ") != std::string::npos) {
        source.note(fail(Errc::bad_input,
                         "CURRENTS_API_URL must be an http:// or https:// address without a query, "
                         "such as https://api.currents.dev/v1"));
        return;
    }
    while (!url.empty() && url.back() == '/') url.pop_back();
    made.api_url = url;
}

/// How long something is kept: whole hours or days, such as 12h or 90d.
void read_keep(Source& source, const std::string& name, std::chrono::hours least,
               std::chrono::hours& value) {
    constexpr std::chrono::hours most{10 * 366 * 24};
    const Text given = source.get(name);
    if (!given) return;
    const bool days = given->ends_with('d');
    const auto number =
        days || given->ends_with('h')
            ? parse_number<std::int32_t>(std::string_view(*given).substr(0, given->size() - 1))
            : std::nullopt;
    if (number && *number >= 0 && *number <= most.count()) {
        value = std::chrono::hours(std::int64_t{*number} * (days ? 24 : 1));
        if (value >= least && value <= most) return;
    }
    source.note(fail(Errc::bad_input, name + " is \"" + *given +
                                          "\", but must be hours or days, such as 36h or 90d, " +
                                          std::to_string(least.count()) +
                                          "h at least and ten years at most"));
}

void read_retention(Source& source, Configuration& made) {
    // GitHub delivers again for three days, and what is not known any more is done once more.
    constexpr std::chrono::hours least_rows{7 * 24};
    read_keep(source, "RUNS_AGENT_KEEP_BODIES", std::chrono::hours(0), made.keep_bodies);
    read_keep(source, "RUNS_AGENT_KEEP_DELIVERIES", least_rows, made.keep_deliveries);
}

void read_log(Source& source, const Flags& flags, Configuration& made) {
    if (const Text level = source.get(flags.log_level, "RUNS_AGENT_LOG")) {
        if (const auto known = parse_log_level(*level)) {
            made.log_level = *known;
        } else {
            source.note(fail(Errc::bad_input, "RUNS_AGENT_LOG is \"" + *level +
                                                  "\", but must be debug, info, warn or error"));
        }
    }
    const Text format = source.get(flags.log_format, "RUNS_AGENT_LOG_FORMAT");
    if (!format) return;
    if (*format == "text") {
        made.log_format = LogFormat::text;
    } else if (*format == "json") {
        made.log_format = LogFormat::json;
    } else {
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_LOG_FORMAT is \"" + *format + "\", but must be text or json"));
    }
}

void read_policy(Source& source, const Flags& flags, Configuration& made) {
    PolicyOverrides overrides;
    if (!made.project_id.empty()) overrides.project_ids = comma_separated(made.project_id);
    if (const Text text = source.get("CURRENTS_CI_BUILD_ID")) {
        auto parsed = decide::BuildIdTemplate::parse(*text);
        if (const auto* wrong = std::get_if<decide::TemplateError>(&parsed)) {
            source.note(fail(Errc::bad_input, "CURRENTS_CI_BUILD_ID, character " +
                                                  std::to_string(wrong->offset + 1) + ": " +
                                                  wrong->message));
        } else {
            overrides.ci_build_id = std::get<decide::BuildIdTemplate>(std::move(parsed));
        }
    }
    std::string yaml;
    source.about("RUNS_AGENT_CONFIG");
    if (source.has("RUNS_AGENT_CONFIG_FILE"))
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_CONFIG_FILE is set; the policy file's path goes into"
                         " RUNS_AGENT_CONFIG"));
    else if (const Text path = source.get(flags.config_file, "RUNS_AGENT_CONFIG")) {
        made.policy_file = *path;
        std::ifstream file(*path, std::ios::binary);
        std::ostringstream content;
        if (file) content << file.rdbuf();
        // A folder opens, but cannot be read.
        if (!file || fs::is_directory(*path)) {
            source.note(fail(Errc::bad_input,
                             "the policy file " + *path + " cannot be read; see that it is there"));
            return;
        }
        yaml = std::move(content).str();
    }
    auto policy = parse_policy(yaml, made.policy_file, overrides);
    if (policy.has_error()) {
        source.note_list(policy.error());
    } else {
        made.policy = std::move(*policy);
    }
}

/// Reads a secret when it is asked for, so that a mended file is picked up.
std::function<Result<std::string>()> secret(const Environment& environment, std::string name) {
    return [environment, name = std::move(name)]() -> Result<std::string> {
        auto value = environment.get(name);
        if (value.has_error()) return fail(Errc::refused, value.error().message);
        if (!*value) return fail(Errc::refused, name + " is not set");
        return std::move(**value);
    };
}

/// The address is a secret: whoever has it can write into the channel.
void read_notify(Source& source, const Environment& environment, Configuration& made) {
    made.notify_url = secret(environment, "RUNS_AGENT_NOTIFY_URL");
    const Text url = source.get("RUNS_AGENT_NOTIFY_URL");
    made.notify_given = url.has_value();
    if (url && !url->starts_with("https://") && !url->starts_with("http://"))
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_NOTIFY_URL must be an https:// or http:// address that takes "
                         "what Slack's incoming webhooks take"));
}

void read_tls(Source& source, const Environment& environment, OwnTls& tls) {
    const auto given = [&source](const std::string& name) {
        return source.has(name) || source.has(name + "_FILE");
    };
    tls.certificate_given = given("RUNS_AGENT_TLS_CERTIFICATE");
    tls.key_given = given("RUNS_AGENT_TLS_KEY");
    tls.certificate = secret(environment, "RUNS_AGENT_TLS_CERTIFICATE");
    tls.key = secret(environment, "RUNS_AGENT_TLS_KEY");
}

void read_public_url(Source& source, Configuration& made) {
    made.public_url = source.get("RUNS_AGENT_PUBLIC_URL").value_or("");
    const std::string& url = made.public_url;
    const bool http = url.starts_with("https://") || url.starts_with("http://");
    if (!url.empty() && (!http || url.find_first_of("@?# ") != std::string::npos))
        source.note(fail(Errc::bad_input,
                         "RUNS_AGENT_PUBLIC_URL must be the address that GitHub posts to, such as "
                         "https://agent.example.com/webhooks/github"));
}

void read_github(Source& source, const Environment& environment, GitHubAccess& access) {
    if (const Text url = source.get("GITHUB_API_URL")) access.api_url = *url;
    while (access.api_url.ends_with('/')) access.api_url.pop_back();
    access.token_given = source.get("GITHUB_TOKEN").has_value();
    access.app_id = source.get("GITHUB_APP_ID").value_or("");
    const bool key_given = source.get("GITHUB_APP_PRIVATE_KEY").has_value();
    if (access.app_id.empty() == key_given)
        source.note(fail(Errc::bad_input,
                         std::string(key_given ? "GITHUB_APP_PRIVATE_KEY" : "GITHUB_APP_ID") +
                             " is set without " +
                             (key_given ? "GITHUB_APP_ID" : "GITHUB_APP_PRIVATE_KEY") +
                             "; a GitHub App needs both"));
    access.token = secret(environment, "GITHUB_TOKEN");
    access.app_private_key = secret(environment, "GITHUB_APP_PRIVATE_KEY");
}

}  // namespace

std::vector<std::string> comma_separated(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');)
        if (const std::string_view one = trimmed(part); !one.empty()) parts.emplace_back(one);
    return parts;
}

Reading read(const Environment& environment, const Flags& flags) {
    Source source(environment);
    Reading reading;
    Configuration& made = reading.configuration;
    if (const Text secrets = source.get("GITHUB_WEBHOOK_SECRET"))
        made.webhook_secrets = comma_separated(*secrets);
    read_api_url(source, flags, made);
    made.api_key_given = source.get("CURRENTS_API_KEY").has_value();
    made.project_id = source.get(flags.project_id, "CURRENTS_PROJECT_ID").value_or("");
    made.record_key = source.get("CURRENTS_RECORD_KEY").value_or("");
    made.admin_token = source.get("RUNS_AGENT_ADMIN_TOKEN").value_or("");
    made.admin_read_token = source.get("RUNS_AGENT_ADMIN_READ_TOKEN").value_or("");
    read_listen(source, flags.admin_listen, "RUNS_AGENT_ADMIN_LISTEN", made.admin_listen);
    read_notify(source, environment, made);
    read_listen(source, flags.listen, "RUNS_AGENT_LISTEN", made.listen);
    read_tls(source, environment, made.tls);
    read_public_url(source, made);
    read_listen(source, flags.api_listen, "RUNS_AGENT_API_LISTEN", made.api_listen);
    made.webhooks_allow = source.get("RUNS_AGENT_API_WEBHOOKS_ALLOW").value_or("");

    made.service = source.get("RUNS_AGENT_SERVICE").value_or("");
    made.state_dir = fs::absolute(find_state_dir(source)).lexically_normal().string();
    const fs::path state(made.state_dir);
    read_database(source, flags.database, state, made);
    made.api_database_path = database_file(
        source, source.get(flags.api_database, "RUNS_AGENT_API_DATABASE"),
        "RUNS_AGENT_API_DATABASE", fs::path(made.database_path).replace_filename("runs-api.db"));
    read_retention(source, made);
    read_log(source, flags, made);
    read_github(source, environment, made.github);
    read_policy(source, flags, made);
    made.api_key = [environment]() -> Result<std::string> {
        auto key = environment.get("CURRENTS_API_KEY");
        if (key.has_error()) return key.error();
        if (!*key)
            return fail(
                Errc::bad_input,
                "there is no API key: set CURRENTS_API_KEY, or CURRENTS_API_KEY_FILE to a file"
                " that holds it");
        return std::move(**key);
    };
    reading.error = source.error();
    reading.mistakes = source.mistakes();
    return reading;
}

Result<Configuration> load(const Environment& environment, const Flags& flags) {
    Reading reading = read(environment, flags);
    if (reading.error) return std::move(*reading.error);
    return std::move(reading.configuration);
}

Result<Configuration> load(const Environment& environment, const Flags& flags,
                           const std::vector<std::string_view>& needs) {
    Reading reading = read(environment, flags);
    std::string lines;
    for (const Mistake& mistake : reading.mistakes)
        if (std::find(needs.begin(), needs.end(), mistake.setting) != needs.end())
            lines += (lines.empty() ? "" : "\n") + mistake.message;
    if (!lines.empty()) return fail(Errc::bad_input, lines);
    return std::move(reading.configuration);
}

std::vector<std::string_view> where_databases_are() {
    return {"RUNS_AGENT_DATABASE", "RUNS_AGENT_API_DATABASE", "RUNS_AGENT_STATE_DIR",
            "STATE_DIRECTORY",     "XDG_STATE_HOME",          "HOME"};
}

}  // namespace runs_agent::config
