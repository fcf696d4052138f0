// SPDX-License-Identifier: MIT
#include "config/settings_in_force.hpp"

#include <optional>

namespace runs_agent::config {

namespace {

/// A secret is told of, never told.
std::string masked(bool is_set) {
    return is_set ? "set (hidden)" : "not set";
}

std::string or_not_set(const std::string& value) {
    return value.empty() ? "not set" : value;
}

std::string name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warn";
        case LogLevel::error:
            return "error";
    }
    return "";
}

std::string name_of(std::optional<LogFormat> format) {
    if (!format) return "text on a terminal, else json";
    return *format == LogFormat::text ? "text" : "json";
}

std::string name_of(std::chrono::hours span) {
    const bool days = span.count() > 0 && span.count() % 24 == 0;
    return std::to_string(days ? span.count() / 24 : span.count()) + (days ? "d" : "h");
}

}  // namespace

std::vector<Setting> settings_in_force(const Configuration& configuration) {
    return {
        {"GITHUB_WEBHOOK_SECRET", masked(!configuration.webhook_secrets.empty())},
        {"CURRENTS_API_KEY", masked(configuration.api_key_given)},
        {"CURRENTS_API_URL", configuration.api_url},
        {"CURRENTS_PROJECT_ID", or_not_set(configuration.project_id)},
        {"CURRENTS_CI_BUILD_ID", configuration.policy.defaults.ci_build_id.text()},
        {"CURRENTS_RECORD_KEY", masked(!configuration.record_key.empty())},
        {"GITHUB_API_URL", configuration.github.api_url},
        {"GITHUB_TOKEN", masked(configuration.github.token_given)},
        {"GITHUB_APP_ID", or_not_set(configuration.github.app_id)},
        {"RUNS_AGENT_ADMIN_TOKEN", masked(!configuration.admin_token.empty())},
        {"RUNS_AGENT_ADMIN_READ_TOKEN", masked(!configuration.admin_read_token.empty())},
        {"RUNS_AGENT_ADMIN_LISTEN", configuration.admin_listen},
        {"RUNS_AGENT_LISTEN", configuration.listen},
        {"RUNS_AGENT_PUBLIC_URL", or_not_set(configuration.public_url)},
        {"RUNS_AGENT_TLS_CERTIFICATE", masked(configuration.tls.certificate_given)},
        {"RUNS_AGENT_TLS_KEY", masked(configuration.tls.key_given)},
        {"RUNS_AGENT_API_LISTEN", configuration.api_listen},
        {"RUNS_AGENT_API_WEBHOOKS_ALLOW", or_not_set(configuration.webhooks_allow)},
        {"RUNS_AGENT_NOTIFY_URL", masked(configuration.notify_given)},
        {"RUNS_AGENT_SERVICE", or_not_set(configuration.service)},
        {"RUNS_AGENT_STATE_DIR", configuration.state_dir},
        // Any part of a URL may be a password.
        {"RUNS_AGENT_DATABASE", configuration.database_url.empty()
                                    ? "sqlite:" + configuration.database_path
                                    : "postgresql: (hidden)"},
        {"RUNS_AGENT_API_DATABASE", "sqlite:" + configuration.api_database_path},
        {"RUNS_AGENT_KEEP_BODIES", name_of(configuration.keep_bodies)},
        {"RUNS_AGENT_KEEP_DELIVERIES", name_of(configuration.keep_deliveries)},
        {"RUNS_AGENT_LOG", name_of(configuration.log_level)},
        {"RUNS_AGENT_LOG_FORMAT", name_of(configuration.log_format)},
        {"RUNS_AGENT_CONFIG", or_not_set(configuration.policy_file)},
    };
}

}  // namespace runs_agent::config
