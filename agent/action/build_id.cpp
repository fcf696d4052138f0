#include "agent/action/build_id.hpp"

#include <algorithm>
#include <charconv>

namespace runs_agent::agent::action {

namespace {

using decide::BuildIdTemplate;
using decide::WorkflowRun;

std::int64_t to_number(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

struct Told {
    const char* name;  // as a template writes it
    const char* variable;
    void (*put)(WorkflowRun& run, const std::string& value);
};

constexpr std::array told{
    Told{"github.actor", "GITHUB_ACTOR",
         [](WorkflowRun& run, const std::string& value) { run.actor = value; }},
    Told{"github.event_name", "GITHUB_EVENT_NAME",
         [](WorkflowRun& run, const std::string& value) { run.event = value; }},
    Told{"github.repository", "GITHUB_REPOSITORY",
         [](WorkflowRun& run, const std::string& value) { run.repository = value; }},
    Told{"github.run_number", "GITHUB_RUN_NUMBER",
         [](WorkflowRun& run, const std::string& value) { run.run_number = to_number(value); }},
    Told{"github.workflow", "GITHUB_WORKFLOW",
         [](WorkflowRun& run, const std::string& value) { run.workflow_name = value; }},
};

/// Does `text` name it inside of ${{ }}? Case does not count.
bool names(std::string_view text, std::string_view name) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (auto open = lower.find("${{"); open != std::string::npos;
         open = lower.find("${{", open + 1)) {
        const auto inside = std::string_view(lower).substr(open, lower.find("}}", open) - open);
        if (inside.find(name) != std::string_view::npos) return true;
    }
    return false;
}

Error not_told(const std::string& where, std::string_view name, std::string_view variable) {
    return fail(Errc::bad_input, where + " names " + std::string(name) + ", but " +
                                     std::string(variable) +
                                     " is not set; set it, or give ci-build-id as it is");
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Result<BuildIdTemplate> parse_template(const std::string& text, const std::string& where) {
    auto parsed = BuildIdTemplate::parse(text);
    if (const auto* wrong = std::get_if<decide::TemplateError>(&parsed))
        return fail(Errc::bad_input, where + ", character " + std::to_string(wrong->offset + 1) +
                                         ": " + wrong->message);
    return std::get<BuildIdTemplate>(std::move(parsed));
}

/// Puts the names back that GitHub replaced: the run id as a whole number, and the attempt where it
/// ends the text behind that.
std::string unrendered(const std::string& text, const Attempt& own) {
    const std::string& id = own.github_run_id;
    const std::string attempt = std::to_string(own.number);
    std::string made;
    std::size_t done = 0;
    for (auto at = text.find(id); at != std::string::npos; at = text.find(id, at + 1)) {
        const auto end = at + id.size();
        if (at < done || (at > 0 && is_digit(text[at - 1])) ||
            (end < text.size() && is_digit(text[end])))
            continue;
        made += text.substr(done, at - done) + "${{ github.run_id }}";
        done = end;
        const std::string rest = text.substr(end);
        if (rest.size() == attempt.size() + 1 && rest.substr(1) == attempt) {
            made += rest.substr(0, 1) + "${{ github.run_attempt }}";
            done = text.size();
        }
    }
    return made + text.substr(done);
}

}  // namespace

Result<BuildIdTemplate> build_ids_of_other_runs(const std::string& text, const Attempt& own) {
    if (text.empty() || own.github_run_id.empty()) return BuildIdTemplate::standard();
    const bool is_template = text.find("${{") != std::string::npos;
    auto made = parse_template(is_template ? text : unrendered(text, own), "ci-build-id");
    if (made.has_error()) return made;
    WorkflowRun one;
    one.key.run_id = 1;
    one.run_number = 1;
    WorkflowRun other = one;
    other.key.run_id = 2;
    other.run_number = 2;
    if (made->render(one, 1) == made->render(other, 1)) return BuildIdTemplate::standard();
    return made;
}

std::string default_build_id() {
    return BuildIdTemplate::standard().text();
}

Result<std::string> render_build_id(const std::string& text, const std::string& where,
                                    const Inputs& inputs, const Attempt& attempt) {
    const auto parsed = parse_template(text, where);
    if (parsed.has_error()) return parsed.error();
    WorkflowRun run;
    run.key.run_id = to_number(attempt.github_run_id);
    if (run.key.run_id <= 0 && names(text, "github.run_id"))
        return not_told(where, "github.run_id", "GITHUB_RUN_ID");
    for (const Told& one : told) {
        const auto value = inputs.variable(one.variable);
        if (value.has_error()) return value.error();
        if (value->empty() && names(text, one.name)) return not_told(where, one.name, one.variable);
        one.put(run, *value);
    }
    return parsed->render(run, static_cast<int>(attempt.number));
}

std::string of_previous_attempt(std::string build_id, const Attempt& attempt) {
    if (attempt.number < 2 || attempt.github_run_id.empty()) return build_id;
    const std::string number = std::to_string(attempt.number);
    const std::string ending = attempt.github_run_id + "-" + number;
    if (build_id.size() < ending.size()) return build_id;
    const auto begin = build_id.size() - ending.size();
    const bool longer_id = begin > 0 && is_digit(build_id[begin - 1]);
    if (longer_id || build_id.compare(begin, ending.size(), ending) != 0) return build_id;
    build_id.resize(build_id.size() - number.size());
    return build_id + std::to_string(attempt.number - 1);
}

}  // namespace runs_agent::agent::action
