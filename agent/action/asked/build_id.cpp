// SPDX-License-Identifier: MIT
#include "agent/action/asked/build_id.hpp"

#include "base/text.hpp"

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
    const std::string small = lower(text);
    for (auto open = small.find("${{"); open != std::string::npos;
         open = small.find("${{", open + 1)) {
        const auto inside = std::string_view(small).substr(open, small.find("}}", open) - open);
        if (inside.find(name) != std::string_view::npos) return true;
    }
    return false;
}

Error not_told(const std::string& where, std::string_view name, std::string_view variable) {
    return fail(Errc::bad_input, where + " names " + std::string(name) + ", but " +
                                     std::string(variable) +
                                     " is not set; set it, or give ci-build-id as it is");
}

Result<BuildIdTemplate> parse_template(const std::string& text, const std::string& where) {
    auto parsed = BuildIdTemplate::parse(text);
    if (const auto* wrong = std::get_if<decide::TemplateError>(&parsed))
        return fail(Errc::bad_input, where + ", character " + std::to_string(wrong->offset + 1) +
                                         ": " + wrong->message);
    return std::get<BuildIdTemplate>(std::move(parsed));
}

/// Where `number` stands in `text` from `from` on, with no other digit next to it.
std::size_t find_number(const std::string& text, const std::string& number, std::size_t from) {
    auto at = text.find(number, from);
    for (; at != std::string::npos; at = text.find(number, at + 1)) {
        const auto end = at + number.size();
        if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end])))
            break;
    }
    return at;
}

/// Is `number` in `text` by itself, or behind `run_id_at` after letters ("1001-attempt2")? That it
/// is within a word ("e2e") says nothing.
bool may_name_attempt(const std::string& text, std::size_t run_id_at, const std::string& number) {
    for (auto at = find_number(text, number, 0); at != std::string::npos;
         at = find_number(text, number, at + 1)) {
        const auto end = at + number.size();
        if (end < text.size() && is_letter(text[end])) continue;
        if (at > run_id_at || at == 0 || !is_letter(text[at - 1])) return true;
    }
    return false;
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
    auto made = parse_template(is_template(text) ? text : unrendered(text, own), "ci-build-id");
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

bool is_template(std::string_view text) {
    return text.find("${{") != std::string_view::npos;
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

Result<std::string> of_previous_attempt(std::string build_id, const Attempt& attempt) {
    const std::string& id = attempt.github_run_id;
    if (attempt.number < 2 || id.empty()) return build_id;
    const std::string number = std::to_string(attempt.number);
    std::string made;
    std::size_t done = 0;
    auto last_id = std::string::npos;
    for (auto at = find_number(build_id, id, 0); at != std::string::npos;
         at = find_number(build_id, id, at + 1)) {
        last_id = at;
        const auto second = at + id.size() + 1;  // find_number saw that no digit is between them
        if (find_number(build_id, number, second) != second) continue;
        made += build_id.substr(done, second - done) + std::to_string(attempt.number - 1);
        done = second + number.size();
    }
    if (done > 0) return made + build_id.substr(done);
    if (last_id != std::string::npos && may_name_attempt(build_id, last_id, number))
        return fail(Errc::bad_input,
                    "CURRENTS_CI_BUILD_ID is \"" + build_id +
                        "\", which may name this attempt, and the one before cannot be told from "
                        "it; set previous-ci-build-id to what that was recorded with");
    return build_id;
}

}  // namespace runs_agent::agent::action
