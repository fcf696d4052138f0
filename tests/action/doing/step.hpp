// SPDX-License-Identifier: MIT
// A step against a service that answers what the test says, on a clock that moves whenever nothing
// else can happen.
#pragma once

#include "agent/action/doing/operations.hpp"
#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <stdexcept>

namespace runs_agent::agent::action {

/// Runs `body` to its end; while it only waits, the time moves on to its next wake-up.
template <class T>
T run_in_jumps(tests::ManualClock& clock, boost::asio::awaitable<T> body) {
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(body), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result.emplace(std::move(value));
    });
    for (int step = 0; step < 10'000 && !result; ++step) {
        context.restart();
        if (context.poll() > 0 || result) continue;
        if (clock.next() == Time::max()) break;
        clock.advance(clock.next() - clock.now());
    }
    if (!result) throw std::runtime_error("the coroutine did not end");
    return std::move(*result);
}

class Step {
public:
    explicit Step(tests::ScriptedTransport::Script script) : transport(std::move(script)) {}

    Outcome perform(Request request) {
        request.api_url = "http://api.test/v1";
        if (request.director_url.empty()) request.director_url = "http://director.test/v1";
        runs_api::RunsApiClient api(transport, clock, request.api_url,
                                    [&] { return Result<std::string>(request.api_key); });
        Retrier retrier(clock, [this](const std::string& text) { said.push_back(text); });
        const Retrier::Say say = [this](const std::string& text) { said.push_back(text); };
        const Services services{api, github ? *github : no_github, transport, clock, retrier, say};
        return run_in_jumps(clock, action::perform(request, services));
    }

    github::GitHub* github = nullptr;  // absent: one that refuses everything
    tests::QuietGitHub no_github;
    tests::ManualClock clock;
    tests::ScriptedTransport transport;
    std::vector<std::string> said;
};

}  // namespace runs_agent::agent::action
