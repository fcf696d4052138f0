// SPDX-License-Identifier: MIT
// The CI build id as people write it in a workflow: ${{ github.repository }}-${{ github.run_id
// }}-${{ github.run_attempt }}
#pragma once

#include "decide/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runs_agent::decide {

/// Where and why a template could not be read.
struct TemplateError {
    std::size_t offset = 0;  // in the text, from 0
    std::string message;     // what, why and how to mend it
};

class BuildIdTemplate {
public:
    /// The built-in default, shown above.
    static BuildIdTemplate standard();

    /// Case does not count in names. A name is known only if a workflow_run event tells it as the
    /// workflow sees it, whatever triggered the run: a wrong id would find the wrong run.
    static std::variant<BuildIdTemplate, TemplateError> parse(std::string_view text);

    /// The build id of that attempt of the run.
    std::string render(const WorkflowRun& run, int attempt) const;

    /// Do all attempts of a run share one build id (the template names no run_attempt)?
    bool shared_by_attempts() const;

    /// The text it was read from.
    const std::string& text() const { return text_; }

    bool operator==(const BuildIdTemplate& other) const { return text_ == other.text_; }

private:
    struct Part {
        std::string literal;  // what stands before the name
        std::string name;     // "github.run_id", in lower case; empty at the end
    };
    std::string text_;
    std::vector<Part> parts_;
};

/// Literal text, then a name in lower case; empty where the text ends first.
struct TemplatePiece {
    std::string literal;
    std::string name;
    std::size_t name_offset = 0;
};

/// Takes a text apart at its ${{ NAME }}, whatever the names.
std::variant<std::vector<TemplatePiece>, TemplateError> split_template(std::string_view text);

/// The value of a name that a CI build id may use; absent: it may not.
std::optional<std::string> value_of(std::string_view name, const WorkflowRun& run, int attempt);

/// Why a name cannot be used, and what to write instead.
std::string explain_unknown_name(const std::string& name);

}  // namespace runs_agent::decide
