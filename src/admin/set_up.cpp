// SPDX-License-Identifier: MIT
// What the Set-up screen and GET /api/setup tell.
#include "admin/desk.hpp"
#include "base/text.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::admin {

namespace asio = boost::asio;

asio::awaitable<SetUp> set_up(Desk& desk, Asked asked) {
    SetUp known;
    known.repository = std::string(trimmed(asked.value("repository")));
    known.workflow = std::string(trimmed(asked.value("workflow")));
    known.branch = std::string(trimmed(asked.value("branch")));
    if (!known.repository.empty()) {
        const auto policy = desk.told.policy();
        const bool is_path = known.workflow.starts_with(".github/");
        const auto match = policy->match(known.repository, is_path ? "" : known.workflow,
                                         is_path ? known.workflow : "", known.branch);
        known.rule = page::rule_in_words(*policy, match, desk.told.policy_file);
        known.does = page::settings_in_words(*match.settings);
        known.ignored = match.settings->ignore;
    }
    if (desk.told.checkup)
        known.report = co_await desk.told.checkup();
    else
        known.report.at = desk.clock.now();
    co_return known;
}

}  // namespace runs_agent::admin
