// SPDX-License-Identifier: MIT
// The CI build id of the run that a job recorded, made of what the job's environment says.
#pragma once

#include "agent/action/asked/inputs.hpp"
#include "decide/build_id_template.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::agent::action {

/// Which attempt of a workflow run is meant.
struct Attempt {
    std::string github_run_id;
    std::int64_t number = 1;
};

/// Renders `text`, which may name ${{ github.run_id }} and the like, with the job's GITHUB_*
/// variables and `attempt`. `where` names the setting in errors. Errc::bad_input where the template
/// is wrong, or names what the environment does not say.
Result<std::string> render_build_id(const std::string& text, const std::string& where,
                                    const Inputs& inputs, const Attempt& attempt);

/// The text of the default template.
std::string default_build_id();

/// Does it hold ${{ }}?
bool is_template(std::string_view text);

/// `build_id`, as GitHub rendered it for this attempt, of the attempt before: where the run's id is
/// followed by one character and the attempt ("…-1001-2", "1001_2-e2e"). One that does not name
/// both is left as it is: all attempts share it. Errc::bad_input where it names both in another
/// way, since what this attempt recorded is never what the one before left.
Result<std::string> of_previous_attempt(std::string build_id, const Attempt& attempt);

/// The template that `text`, as GitHub rendered it for this run's attempt, must have come from:
/// "octo/shop-1001-2" in attempt 2 of run 1001 is one of repository, run id and attempt. A text
/// with
/// ${{ }} is a template already. The default one where `text` is empty or tells other runs apart by
/// nothing: what is looked up for another run must never be this one's. Errc::bad_input as above.
Result<decide::BuildIdTemplate> build_ids_of_other_runs(const std::string& text,
                                                        const Attempt& own);

}  // namespace runs_agent::agent::action
