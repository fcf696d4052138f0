// SPDX-License-Identifier: MIT
#include "decide/wording.hpp"

namespace runs_agent::decide {

namespace {

constexpr std::size_t max_length = 200;

/// How many bytes at the front are a character that may not stand in a line; 0: none.
std::size_t unfit_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x20 || lead == 0x7f) return 1;
    const auto second = static_cast<unsigned char>(text.size() > 1 ? text[1] : '\0');
    const auto third = static_cast<unsigned char>(text.size() > 2 ? text[2] : '\0');
    // U+0080 to U+009F: control characters, among them the start of a terminal's commands.
    if (lead == 0xc2 && second >= 0x80 && second <= 0x9f) return 2;
    // U+2028 to U+202E and U+2066 to U+2069: line separators and changes of direction.
    if (lead == 0xe2 && second == 0x80 && third >= 0xa8 && third <= 0xae) return 3;
    if (lead == 0xe2 && second == 0x81 && third >= 0xa6 && third <= 0xa9) return 3;
    return 0;
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

}  // namespace

std::string one_line(std::string_view text) {
    const bool cut = text.size() > max_length;
    if (cut) {
        std::size_t end = max_length;
        while (end > 0 && continues_character(text[end])) --end;
        text = text.substr(0, end);
    }
    std::string clean;
    while (!text.empty()) {
        const std::size_t unfit = unfit_length(text);
        clean += unfit > 0 ? ' ' : text[0];
        text.remove_prefix(unfit > 0 ? unfit : 1);
    }
    if (cut) clean += "…";
    return clean;
}

std::string name_of(const WorkflowRun& run, int attempt) {
    std::string name =
        "attempt " + std::to_string(attempt) + " of run " + std::to_string(run.key.run_id) + " (";
    const std::string& workflow = run.workflow_name.empty() ? run.workflow_path : run.workflow_name;
    if (!workflow.empty()) name += one_line(workflow) + " in ";
    return name + one_line(run.repository) + ")";
}

std::string full_name_of(const WorkflowRun& run) {
    std::string name = name_of(run, run.attempt);
    const std::string& who = run.triggering_actor.empty() ? run.actor : run.triggering_actor;
    if (!who.empty()) name += ", started by " + one_line(who) + ",";
    return name;
}

std::string ending_of(const WorkflowRun& run) {
    if (run.conclusion == "cancelled") return "was cancelled";
    if (run.conclusion == "timed_out") return "timed out";
    if (run.conclusion == "stale") return "went stale";
    if (run.conclusion == "startup_failure") return "never started (startup_failure)";
    return "ended as " + one_line(run.conclusion);
}

}  // namespace runs_agent::decide
