// SPDX-License-Identifier: MIT
#include "agent/action/doing/retry.hpp"

#include "agent/action/told/try_again.hpp"
#include "base/time_text.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <random>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using runs_api::Answer;
using runs_api::Meaning;
using std::chrono::milliseconds;

namespace {

bool may_help(const Result<Answer>& answer) {
    // A handshake that broke off cannot be told from a certificate that is wrong, so that is tried
    // again; what is too large stays so for the seconds that a step has.
    if (answer.has_error())
        return runs_api::meaning_of(answer.error()) == Meaning::later &&
               answer.error().code != Errc::too_large;
    return is_tried_again(answer->status);
}

std::string words(const Result<Answer>& answer) {
    if (answer.has_error()) return answer.error().message;
    return std::to_string(answer->status) + (answer->error.empty() ? "" : " " + answer->error);
}

double random_share() {
    std::random_device source;
    return std::uniform_real_distribution<double>(0, 1)(source);
}

}  // namespace

std::optional<milliseconds> wait_before_next(const Result<Answer>& answer, int tries,
                                             milliseconds left, double random,
                                             const RetryLimits& limits) {
    if (!may_help(answer)) return std::nullopt;
    const milliseconds ceiling =
        std::min(limits.longest_wait, limits.first_wait * (1 << std::clamp(tries - 1, 0, 10)));
    // At least half of it, so that a busy service is left alone for a moment; the jobs of a matrix
    // are spread over the rest.
    const milliseconds half = ceiling / 2;
    milliseconds wait =
        half + milliseconds(static_cast<std::int64_t>(static_cast<double>(half.count()) * random));
    if (answer.has_value() && answer->retry_after) wait = std::max(wait, *answer->retry_after);
    if (wait >= left) return std::nullopt;
    return wait;
}

Retrier::Retrier(Clock& clock, Say say, RetryLimits limits)
    : clock_(clock),
      say_(std::move(say)),
      limits_(limits),
      deadline_(clock.now() + limits.in_all) {}

asio::awaitable<Result<Answer>> Retrier::ask_once(Ask ask) {
    using namespace asio::experimental::awaitable_operators;
    const Time now = clock_.now();
    const Time until = std::min(now + limits_.one_try, deadline_);
    if (until <= now)
        co_return fail(Errc::timeout,
                       "the step's time of " + to_words(limits_.in_all) + " is over; run it again");
    auto first = co_await (ask() || clock_.sleep_until(until));
    if (auto* const answer = std::get_if<0>(&first)) co_return std::move(*answer);
    co_return fail(Errc::timeout, "the service did not answer within " + to_words(until - now) +
                                      "; check that it can be reached from this runner");
}

asio::awaitable<Result<Answer>> Retrier::ask(Ask ask, std::string what) {
    for (int tries = 1;; ++tries) {
        Result<Answer> answer = co_await ask_once(ask);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return std::move(answer);
        const auto wait =
            wait_before_next(answer, tries, deadline_ - clock_.now(), random_share(), limits_);
        if (!wait) co_return std::move(answer);
        say_(what + ": " + words(answer) + "; again in " + to_words(*wait));
        co_await clock_.sleep_until(clock_.now() + *wait);
    }
}

}  // namespace runs_agent::agent::action
