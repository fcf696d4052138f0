// SPDX-License-Identifier: MIT
#include "agent/commands/runs_print.hpp"

#include "base/time_text.hpp"
#include "observe/clean_text.hpp"

#include <algorithm>

namespace runs_agent::agent {

namespace {

using runs_api::Run;

/// Text from the service must not be able to move the cursor or colour the screen.
std::string shown(std::string_view text) {
    return clean_text(std::string(text), "");
}

std::string shown_or_dash(std::string_view text) {
    return text.empty() ? "-" : shown(text);
}

std::string state_of(const Run& run) {
    return run.completion_state ? std::string(to_string(*run.completion_state)) : "-";
}

/// The service calls every run PASSED in which nothing has failed yet, also one that was ended
/// before anything ran.
std::string status_of(const Run& run) {
    if (!run.status) return "-";
    const bool ran_to_its_end = run.completion_state == runs_api::CompletionState::complete;
    if (run.status == runs_api::RunStatus::passed && !ran_to_its_end) return "not known";
    return std::string(to_string(*run.status));
}

void add_line(std::string& text, std::string_view name, const std::string& value) {
    constexpr std::size_t column = 13;
    if (value.empty()) return;
    text += name;
    text.append(column - name.size(), ' ');
    text += value + "\n";
}

std::string describe_specs(const Run& run) {
    if (run.specs.empty()) return {};
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (const auto& spec : run.specs) {
        const bool finished = spec.has_results || !spec.completed_at.empty();
        if (spec.failures > 0)
            ++failed;
        else if (finished)
            ++passed;
    }
    return std::to_string(passed) + " passed, " + std::to_string(failed) + " failed, " +
           std::to_string(run.specs.size() - passed - failed) + " not finished";
}

std::string describe_cancellation(const Run& run) {
    if (!run.cancellation) return {};
    return "by " + shown_or_dash(run.cancellation->actor) + " at " +
           shown_or_dash(run.cancellation->canceled_at) + ", " +
           shown_or_dash(run.cancellation->reason);
}

std::string joined(const std::vector<std::string_view>& texts) {
    std::string text;
    for (const auto& each : texts) text += (text.empty() ? "" : ", ") + shown(each);
    return text;
}

using Row = std::vector<std::string>;

/// Every column but the last as wide as its widest cell.
std::string table(const std::vector<Row>& rows) {
    std::string text;
    Row::size_type columns = rows.front().size();
    std::vector<std::size_t> widths(columns, 0);
    for (const Row& row : rows)
        for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
    for (const Row& row : rows) {
        for (std::size_t i = 0; i + 1 < columns; ++i) {
            text += row[i];
            text.append(widths[i] - row[i].size() + 2, ' ');
        }
        text += row.back() + "\n";
    }
    return text;
}

}  // namespace

std::string describe_run(const Run& run) {
    std::string text;
    add_line(text, "run", shown_or_dash(run.run_id));
    add_line(text, "state", state_of(run));
    add_line(text, "status", status_of(run));
    add_line(text, "cancelled", describe_cancellation(run));
    add_line(text, "specs", describe_specs(run));
    add_line(text, "branch", shown(run.branch));
    add_line(text, "commit", shown(run.commit_sha));
    add_line(text, "CI build id", shown(run.ci_build_id));
    add_line(text, "project", shown(run.project_id));
    add_line(text, "created", shown(run.created_at));
    if (run.duration_ms)
        add_line(text, "duration", to_words(std::chrono::milliseconds(*run.duration_ms)));
    add_line(text, "tags", joined(run.tags));
    return text;
}

std::string describe_runs(const std::vector<Run>& runs, bool has_more) {
    if (runs.empty()) return "no runs\n";
    std::vector<Row> rows = {{"RUN", "STATE", "STATUS", "CREATED", "BRANCH", "CI BUILD ID"}};
    for (const Run& run : runs)
        rows.push_back({shown_or_dash(run.run_id), state_of(run), status_of(run),
                        shown_or_dash(run.created_at), shown_or_dash(run.branch),
                        shown_or_dash(run.ci_build_id)});
    std::string text = table(rows);
    if (has_more && !runs.back().cursor.empty())
        text += "There are more: add --starting-after " + shown(runs.back().cursor) + "\n";
    return text;
}

std::string describe_cancelled(const runs_api::Document& data) {
    std::string text = "cancelled run " + shown_or_dash(data.text("runId"));
    if (const auto actor = data.text("actor"); !actor.empty()) text += " as " + shown(actor);
    if (const auto time = data.text("canceledAt"); !time.empty()) text += " at " + shown(time);
    return text + "\n";
}

}  // namespace runs_agent::agent
