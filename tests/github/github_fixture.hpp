// SPDX-License-Identifier: MIT
// A fake GitHub, the real HTTP client, and a client of ours between them.
#pragma once

#include "github/app_credentials.hpp"
#include "github/client.hpp"
#include "github/credentials.hpp"
#include "net/client/http_client.hpp"
#include "tests/github/fake_app.hpp"
#include "tests/github/fake_github.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {

using namespace std::chrono_literals;

class GitHubTest : public testing::Test {
protected:
    GitHubTest() {
        fake_.access().tokens["good"] = {};
        fake_.add_repository("octo/shop");
    }

    template <class T>
    T run(boost::asio::awaitable<T> body) {
        return tests::run(context_, std::move(body));
    }

    /// The answer that came; throws where none did.
    template <class Value>
    Answer<Value> ask(boost::asio::awaitable<Result<Answer<Value>>> body) {
        Result<Answer<Value>> answer = run(std::move(body));
        if (answer.has_error()) throw std::runtime_error(answer.error().message);
        return std::move(*answer);
    }

    AppCredentials make_app_credentials() {
        return {transport_, clock_, fake_.api_url(), "1234",
                [this]() -> Result<std::string> { return private_key_; }};
    }

    boost::asio::io_context context_;
    tests::ManualClock clock_;
    tests::FakeGitHub fake_{context_, clock_};
    net::HttpClient transport_{context_.get_executor(), net::ClientOptions{}};
    Result<std::string> token_ = std::string("good");
    Result<std::string> private_key_ = tests::app_keys().private_key;
    TokenCredentials credentials_{[this] { return token_; }};
    GitHubClient client_{transport_, clock_, fake_.api_url(), credentials_};
    const Hook hook_{HookTarget::repository, "octo/shop", "1"};
};

}  // namespace runs_agent::github
