#include "agent/action/console.hpp"

#include "agent/action/workflow_command.hpp"

namespace runs_agent::agent::action {

namespace {

constexpr std::string_view title = "runs-agent";

std::string_view name_of(Level level) {
    switch (level) {
        case Level::notice:
            return "notice";
        case Level::warning:
            return "warning";
        case Level::error:
            break;
    }
    return "error";
}

}  // namespace

void Console::mask(const std::string& secret) {
    // As it is: a secret that holds "##[" must be told whole.
    if (!secret.empty()) out_ << "::add-mask::" << escape_data(secret) << '\n' << std::flush;
    hide(secret);
}

void Console::hide(const std::string& secret) {
    if (!secret.empty()) secrets_.push_back(secret);
}

std::string Console::without_secrets(std::string_view text) const {
    constexpr std::string_view blot = "***";
    std::string clean(text);
    for (const std::string& secret : secrets_)
        for (auto at = clean.find(secret); at != std::string::npos;
             at = clean.find(secret, at + blot.size()))
            clean.replace(at, secret.size(), blot);
    return clean;
}

void Console::group(std::string_view name) {
    out_ << workflow_command("group", "", inert_line(without_secrets(name))) << '\n' << std::flush;
}

void Console::end_group() {
    out_ << "::endgroup::\n" << std::flush;
}

void Console::line(std::string_view text) {
    out_ << inert_line(without_secrets(text)) << '\n' << std::flush;
}

void Console::detail(std::string_view text) {
    if (debug_) out_ << workflow_command("debug", "", without_secrets(text)) << '\n' << std::flush;
}

void Console::annotate(Level level, std::string_view text) {
    out_ << workflow_command(name_of(level), title, without_secrets(text)) << '\n' << std::flush;
}

}  // namespace runs_agent::agent::action
