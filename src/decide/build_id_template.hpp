// The CI build id as people write it in a workflow:
// ${{ github.repository }}-${{ github.run_id }}-${{ github.run_attempt }}
#pragma once

#include "decide/facts.hpp"

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
        std::string name;     // "github.run_id"; empty at the end
    };
    std::string text_;
    std::vector<Part> parts_;
};

}  // namespace runs_agent::decide
