// SPDX-License-Identifier: MIT
#include "decide/build_id_template.hpp"

#include "decide/suggestion.hpp"
#include "decide/text.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::decide {

namespace {

using Getter = std::string (*)(const WorkflowRun&, int attempt);

struct Name {
    std::string_view name;
    Getter get;
};

constexpr std::string_view attempt_name = "github.run_attempt";

/// The names that a workflow_run event tells exactly as the workflow itself sees them, whatever
/// triggered it. Source: docs.github.com, "Contexts reference", github context.
constexpr std::array names{
    Name{"github.actor", [](const WorkflowRun& run, int) { return run.actor; }},
    Name{"github.event_name", [](const WorkflowRun& run, int) { return run.event; }},
    Name{"github.repository", [](const WorkflowRun& run, int) { return run.repository; }},
    Name{"github.repository_owner",
         [](const WorkflowRun& run, int) {
             return run.repository.substr(0, run.repository.find('/'));
         }},
    Name{attempt_name, [](const WorkflowRun&, int attempt) { return std::to_string(attempt); }},
    Name{"github.run_id",
         [](const WorkflowRun& run, int) { return std::to_string(run.key.run_id); }},
    Name{"github.run_number",
         [](const WorkflowRun& run, int) { return std::to_string(run.run_number); }},
    Name{"github.workflow",
         [](const WorkflowRun& run, int) {
             return run.workflow_name.empty() ? run.workflow_path : run.workflow_name;
         }},
};

/// Names that exist in a workflow but that an event does not tell, with the reason.
struct Untold {
    std::string_view name;
    std::string_view why;
};
constexpr std::array untold{
    Untold{"github.sha", "for a pull request it is the merge commit, which events do not name"},
    Untold{"github.ref", "for a pull request it is the merge ref, which events do not name"},
    Untold{"github.ref_name", "for a pull request it is the merge ref, which events do not name"},
    Untold{"github.ref_type", "events do not tell a tag from a branch"},
    Untold{"github.head_ref", "it is set for some triggers only, and events do not tell which"},
    Untold{"github.base_ref", "events from forks do not name it"},
    Untold{"github.triggering_actor", "it differs between the attempts of a run"},
    Untold{"github.job", "a run has several jobs"},
    Untold{"github.workflow_ref", "events do not name the ref of the workflow file"},
    Untold{"github.workflow_sha", "events do not name the commit of the workflow file"},
    Untold{"github.server_url", "events do not name it"},
};

const Name* find_name(std::string_view name) {
    const auto* found = std::find_if(names.begin(), names.end(),
                                     [name](const Name& known) { return known.name == name; });
    return found == names.end() ? nullptr : found;
}

}  // namespace

std::string explain_unknown_name(const std::string& name) {
    if (name.empty()) return "there is no name between ${{ and }}; write ${{ github.run_id }}";
    const std::string quoted = "\"" + name + "\"";
    for (const Untold& other : untold)
        if (other.name == name)
            return quoted + " cannot be used here: " + std::string(other.why) +
                   "; build the id from github.run_id and github.run_attempt instead";
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") != std::string::npos)
        return quoted +
               " is an expression; only single names, such as github.run_id, are "
               "understood here";
    std::array<std::string_view, names.size()> all;
    std::transform(names.begin(), names.end(), all.begin(),
                   [](const Name& known) { return known.name; });
    std::string message = quoted + " is not known here";
    const std::string close = did_you_mean(name, all);
    if (!close.empty()) return message + close;
    message += "; use";
    for (std::size_t i = 0; i < all.size(); ++i)
        message += (i == 0 ? " " : i + 1 == all.size() ? " or " : ", ") + std::string(all[i]);
    return message;
}

std::variant<std::vector<TemplatePiece>, TemplateError> split_template(std::string_view text) {
    std::vector<TemplatePiece> pieces;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find("${{", at);
        if (open == std::string_view::npos) {
            pieces.push_back({std::string(text.substr(at)), {}, 0});
            break;
        }
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos)
            return TemplateError{open, "this ${{ is never closed; write ${{ NAME }}"};
        const std::string_view inside = text.substr(open + 3, close - open - 3);
        const std::string_view name = trimmed(inside);
        const std::size_t before = name.empty() ? 0 : inside.find(name);
        pieces.push_back({std::string(text.substr(at, open - at)), lower(name), open + 3 + before});
        if (name.empty()) return TemplateError{open, explain_unknown_name("")};
        at = close + 2;
    }
    return pieces;
}

std::optional<std::string> value_of(std::string_view name, const WorkflowRun& run, int attempt) {
    const Name* const known = find_name(name);
    if (known == nullptr) return std::nullopt;
    return known->get(run, attempt);
}

BuildIdTemplate BuildIdTemplate::standard() {
    return std::get<BuildIdTemplate>(
        parse("${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}"));
}

std::variant<BuildIdTemplate, TemplateError> BuildIdTemplate::parse(std::string_view text) {
    if (trimmed(text).empty())
        return TemplateError{0, "the CI build id is empty; leave the setting out for the default"};
    auto pieces = split_template(text);
    if (const auto* wrong = std::get_if<TemplateError>(&pieces)) return *wrong;
    BuildIdTemplate made;
    made.text_ = text;
    for (TemplatePiece& piece : std::get<std::vector<TemplatePiece>>(pieces)) {
        if (!piece.name.empty() && find_name(piece.name) == nullptr)
            return TemplateError{piece.name_offset, explain_unknown_name(piece.name)};
        made.parts_.push_back({std::move(piece.literal), std::move(piece.name)});
    }
    return made;
}

std::string BuildIdTemplate::render(const WorkflowRun& run, int attempt) const {
    std::string text;
    for (const Part& part : parts_) {
        text += part.literal;
        if (!part.name.empty()) text += find_name(part.name)->get(run, attempt);
    }
    return text;
}

bool BuildIdTemplate::shared_by_attempts() const {
    return std::none_of(parts_.begin(), parts_.end(),
                        [](const Part& part) { return part.name == attempt_name; });
}

}  // namespace runs_agent::decide
