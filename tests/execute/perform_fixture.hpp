// SPDX-License-Identifier: MIT
// A Performer whose network, GitHub and store are the test's.
#pragma once

#include "execute/perform.hpp"
#include "runs_api/client.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

namespace runs_agent::execute {

namespace asio = boost::asio;
using decide::Operation;
using store::Call;
using tests::answer;
using Texts = std::vector<std::string>;

inline bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// A call of attempt 2 of run 1001, in project p1 but where it names none.
inline Call call_for(Operation operation, decide::Rule rule, const std::string& project = "p1") {
    Call call;
    call.id = 11;
    call.repository = "octo/demo";
    call.planned.operation = operation;
    call.planned.rule = rule;
    call.planned.run = {"github.com", 1001};
    call.planned.attempt = 2;
    call.planned.project_id = project;
    call.planned.ci_build_id = "octo/demo-1001-2";
    call.planned.only_if_in_progress = operation == Operation::cancel_ci;
    return call;
}

class PerformFixture : public testing::Test {
protected:
    virtual Result<net::HttpResponse> serve(const net::HttpRequest& request) = 0;

    Performed perform(const Call& call) {
        Performer performer(api_, github_, not_wanted_);
        Performed performed = tests::run(performer.perform(call));
        after_ = judge(call, performed.reply, clock_.now(), 0.5);
        return performed;
    }
    /// "PUT /v1/runs/4f2a/cancel BODY" and the like.
    Texts asked(const std::string& method) const {
        Texts found;
        for (std::size_t i = 0; i < transport_.requests.size(); ++i) {
            const auto& request = transport_.requests[i];
            if (request.method != method) continue;
            found.push_back(transport_.asked(i) + (request.body.empty() ? "" : " " + request.body));
        }
        return found;
    }

    tests::ManualClock clock_;
    tests::QuietGitHub github_;
    tests::ScriptedTransport transport_{
        [this](const net::HttpRequest& request) { return serve(request); }};
    runs_api::RunsApiClient api_{transport_, clock_, "http://api.test/v1",
                                 [] { return Result<std::string>("sk-4711"); }};
    NotWanted not_wanted_;
    store::AfterTry after_;
};

}  // namespace runs_agent::execute
