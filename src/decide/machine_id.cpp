// SPDX-License-Identifier: MIT
#include "decide/machine_id.hpp"

#include "decide/job_pattern.hpp"
#include "decide/suggestion.hpp"
#include "decide/wording.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::decide {

namespace {

constexpr std::string_view runner_name = "runner.name";
/// The pieces of a text that was checked before.
std::vector<TemplatePiece> pieces_of(std::string_view text) {
    auto pieces = split_template(text);
    if (auto* const good = std::get_if<std::vector<TemplatePiece>>(&pieces))
        return std::move(*good);
    return {};
}

using Values = std::vector<std::string>;

/// What the names of the job hold, by all patterns that fit it; absent: none does.
std::optional<MatrixValues> values_of_job(const std::vector<std::string>& jobs,
                                          std::string_view name) {
    std::optional<MatrixValues> all;
    if (jobs.empty()) all.emplace();
    for (const std::string& pattern : jobs) {
        const auto values = match_job(pattern, name);
        if (!values) continue;
        if (!all) all.emplace();
        for (const auto& [value_name, texts] : *values) add_values((*all)[value_name], texts);
    }
    return all;
}

MachineId none(std::string why) {
    return {{}, std::move(why)};
}

MachineId ambiguous(const std::string& name, const Values& values) {
    return none(" has a name that can be read in two ways, with " + name + " as " +
                one_line(values[0]) + " and as " + one_line(values[1]) +
                "; make the patterns of the policy's jobs so that one of them fits in one way");
}

}  // namespace

std::optional<TemplateError> check_machine_id(std::string_view text) {
    const auto pieces = split_template(text);
    if (const auto* wrong = std::get_if<TemplateError>(&pieces)) return *wrong;
    for (const TemplatePiece& piece : std::get<std::vector<TemplatePiece>>(pieces)) {
        if (piece.name.empty() || piece.name == runner_name || is_matrix(piece.name) ||
            value_of(piece.name, WorkflowRun(), 1))
            continue;
        const std::string close = did_you_mean(piece.name, std::array{runner_name});
        return TemplateError{piece.name_offset,
                             close.empty() ? explain_unknown_name(piece.name)
                                           : "\"" + piece.name + "\" is not known here" + close};
    }
    return std::nullopt;
}

std::string untold_matrix_value(std::string_view machine_id, const std::vector<std::string>& jobs) {
    for (const TemplatePiece& piece : pieces_of(machine_id)) {
        if (!is_matrix(piece.name)) continue;
        const auto tells = [&piece](const std::string& pattern) {
            const auto inner = pieces_of(pattern);
            return std::any_of(inner.begin(), inner.end(), [&piece](const TemplatePiece& other) {
                return other.name == piece.name;
            });
        };
        if (jobs.empty() || !std::all_of(jobs.begin(), jobs.end(), tells)) return piece.name;
    }
    return {};
}

MachineId machine_id_of(std::string_view machine_id, const std::vector<std::string>& jobs,
                        const WorkflowRun& run, const WorkflowJob& job) {
    if (job.runner_name.empty()) return none(" was given to no runner");
    const bool cut = is_cut(job.name);
    const auto values = values_of_job(jobs, job.name);
    if (!values)
        return none(cut ? " has a name that GitHub cut, which fits none of the policy's jobs"
                        : " is none of the policy's jobs");
    MachineId made;
    for (const TemplatePiece& piece : pieces_of(machine_id)) {
        made.id += piece.literal;
        if (piece.name == runner_name) {
            made.id += job.runner_name;
        } else if (is_matrix(piece.name)) {
            const auto value = values->find(piece.name);
            if (cut)
                return none(
                    " has a name that GitHub cut at 100 characters, which may hold another " +
                    piece.name + "; give the job a shorter name");
            if (value == values->end()) return none(" does not tell its " + piece.name);
            if (value->second.size() > 1) return ambiguous(piece.name, value->second);
            made.id += value->second.front();
        } else {
            made.id += value_of(piece.name, run, job.attempt).value_or("");
        }
    }
    if (made.id.empty()) return none(" has an empty machine id; see the policy's machine_id");
    return made;
}

}  // namespace runs_agent::decide
