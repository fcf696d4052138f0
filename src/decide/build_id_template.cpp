#include "decide/build_id_template.hpp"

#include <algorithm>
#include <array>

namespace runs_agent::decide {

namespace {

using Getter = std::string (*)(const WorkflowRun&, int attempt);

struct Name {
    std::string_view name;
    Getter get;
};

/// The names that a workflow_run event tells exactly as the workflow itself sees them.
/// Source: docs.github.com, "Contexts reference", github context.
constexpr std::array names{
    Name{"github.actor", [](const WorkflowRun& run, int) { return run.actor; }},
    Name{"github.event_name", [](const WorkflowRun& run, int) { return run.event; }},
    Name{"github.head_ref",
         [](const WorkflowRun& run, int) {
             // Set for pull_request and pull_request_target only.
             return run.event.rfind("pull_request", 0) == 0 ? run.head_branch : std::string();
         }},
    Name{"github.repository", [](const WorkflowRun& run, int) { return run.repository; }},
    Name{"github.repository_owner",
         [](const WorkflowRun& run, int) {
             return run.repository.substr(0, run.repository.find('/'));
         }},
    Name{"github.run_attempt",
         [](const WorkflowRun&, int attempt) { return std::to_string(attempt); }},
    Name{"github.run_id",
         [](const WorkflowRun& run, int) { return std::to_string(run.key.run_id); }},
    Name{"github.run_number",
         [](const WorkflowRun& run, int) { return std::to_string(run.run_number); }},
    Name{"github.workflow",
         [](const WorkflowRun& run, int) {
             return run.workflow_name.empty() ? run.workflow_path : run.workflow_name;
         }},
};

constexpr std::string_view attempt_name = "github.run_attempt";

/// Names that exist in a workflow but that an event cannot tell, with the reason.
struct Untold {
    std::string_view name;
    std::string_view why;
};
constexpr std::array untold{
    Untold{"github.sha", "for a pull request it is the merge commit, which events do not name"},
    Untold{"github.ref", "for a pull request it is the merge ref, which events do not name"},
    Untold{"github.ref_name", "for a pull request it is the merge ref, which events do not name"},
    Untold{"github.triggering_actor", "it differs between the attempts of a run"},
    Untold{"github.job", "a run has several jobs"},
};

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

const Name* find_name(std::string_view name) {
    const auto* found = std::find_if(names.begin(), names.end(),
                                     [name](const Name& known) { return known.name == name; });
    return found == names.end() ? nullptr : found;
}

std::string explain_unknown(std::string_view name) {
    const std::string quoted = "\"" + std::string(name) + "\"";
    for (const Untold& other : untold)
        if (other.name == name)
            return quoted + " cannot be used here: " + std::string(other.why) +
                   "; build the id from github.run_id and github.run_attempt instead";
    if (name.find_first_of("()|&=!'<>") != std::string_view::npos)
        return quoted + " is an expression; only names such as github.run_id are understood here";
    std::string all;
    for (const Name& known : names) all += (all.empty() ? "" : ", ") + std::string(known.name);
    return quoted + " is not a name that is known here; use one of " + all;
}

}  // namespace

BuildIdTemplate BuildIdTemplate::standard() {
    return std::get<BuildIdTemplate>(
        parse("${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}"));
}

std::variant<BuildIdTemplate, TemplateError> BuildIdTemplate::parse(std::string_view text) {
    BuildIdTemplate made;
    made.text_ = text;
    if (trim(text).empty())
        return TemplateError{0, "the CI build id is empty; leave the setting out for the default"};
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find("${{", at);
        Part part;
        part.literal = text.substr(at, open == std::string_view::npos ? open : open - at);
        if (open == std::string_view::npos) {
            made.parts_.push_back(std::move(part));
            break;
        }
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos)
            return TemplateError{open, "this ${{ is never closed; write ${{ NAME }}"};
        const std::string_view inside = text.substr(open + 3, close - open - 3);
        const std::string_view name = trim(inside);
        if (find_name(name) == nullptr) {
            const auto spaces = name.empty() ? 0 : inside.find(name);
            return TemplateError{open + 3 + spaces, explain_unknown(name)};
        }
        part.name = name;
        made.parts_.push_back(std::move(part));
        at = close + 2;
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
