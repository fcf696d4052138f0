// SPDX-License-Identifier: MIT
#include "agent/action/told/console.hpp"

#include "agent/action/told/workflow_command.hpp"
#include "observe/printable.hpp"

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
    if (!secret.empty()) out_.workflow_command("::add-mask::" + escape_data(secret));
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
    out_.workflow_command(workflow_command("group", "", without_secrets(name)));
}

void Console::end_group() {
    out_.workflow_command("::endgroup::");
}

void Console::line(std::string_view text) {
    out_.text(printable(without_secrets(text)) + "\n");
}

void Console::detail(std::string_view text) {
    if (debug_) out_.workflow_command(workflow_command("debug", "", without_secrets(text)));
}

void Console::annotate(Level level, std::string_view text) {
    out_.workflow_command(workflow_command(name_of(level), title, without_secrets(text)));
}

}  // namespace runs_agent::agent::action
