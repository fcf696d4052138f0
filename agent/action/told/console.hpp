// SPDX-License-Identifier: MIT
// What a step shows in the job's log: lines, groups and annotations, with no secret and no command
// that somebody else wrote. Each is shown at once: a step may be killed.
#pragma once

#include "agent/cli/output.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::action {

enum class Level { notice, warning, error };

class Console {
public:
    /// Details are shown only where `debug` is set.
    Console(Output out, bool debug) : out_(out), debug_(debug) {}

    /// Tells the runner to hide `secret` in every log from now on: the only line that holds it.
    void mask(const std::string& secret);
    /// Blots `secret` out of all that is shown from now on.
    void hide(const std::string& secret);

    void group(std::string_view name);
    void end_group();
    void line(std::string_view text);
    void detail(std::string_view text);
    void annotate(Level level, std::string_view text);

    /// `text` without the hidden secrets.
    std::string without_secrets(std::string_view text) const;

private:
    Output out_;
    bool debug_;
    std::vector<std::string> secrets_;
};

}  // namespace runs_agent::agent::action
