// SPDX-License-Identifier: MIT
#include "agent/setup/trying.hpp"

#include "agent/setup/made_app.hpp"
#include "base/time_text.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{15'000};
constexpr std::chrono::minutes bound{5};
/// Where a limit holds: a code works for an hour.
constexpr std::chrono::minutes bound_of_limits{50};
/// A new App is not known everywhere at once; after half a minute it would be.
constexpr int most_unknown = 6;

}  // namespace

Tries::Tries(const Terminal& terminal, Patience& patience, const Clock& clock)
    : terminal_(terminal),
      patience_(patience),
      clock_(clock),
      begun_(clock.steady()),
      pause_(first_pause) {}

asio::awaitable<bool> Tries::again(Outcome outcome) {
    const bool unknown = outcome.status == 401;
    const bool limited = outcome.retry_after.has_value();
    if (unknown) ++unknown_;
    const bool late = unknown && unknown_ < most_unknown;
    if (!late && !limited && outcome.status < 500 && !outcome.unreached) co_return false;
    const milliseconds pause = std::max(pause_, outcome.retry_after.value_or(milliseconds(0)));
    pause_ = std::min(pause_ * 2, longest_pause);
    const SteadyTime next = clock_.steady() + pause;
    if (next > begun_ + (limited ? bound_of_limits : bound)) co_return false;
    if (!unknown && !said_) {
        said_ = true;
        const std::string why =
            outcome.status == 0 ? outcome.message : in_words(outcome.status, outcome.message);
        terminal_.say(printable(why) + "; waiting, and trying again " +
                      (limited ? "in " + to_words(pause) : "for some minutes") + " …\n");
    }
    while (!patience_.over() && clock_.steady() < next)
        co_await patience_.wait(std::chrono::ceil<milliseconds>(next - clock_.steady()));
    co_return !patience_.over();
}

}  // namespace runs_agent::agent::setup
