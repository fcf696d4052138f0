// SPDX-License-Identifier: MIT
// GitHub's REST API as far as the agent uses it, in the test's own process: a real HTTP server on
// 127.0.0.1 that behaves as docs.github.com says (API version 2022-11-28), and misbehaves when
// asked to. Fill it through its members, give api_url() to a client, and look at requests()
// afterwards.
//
//     FakeGitHub github(context, clock);
//     github.access().tokens["good"] = {};
//     github.add_repository("octo/shop");
//     github.put_run("octo/shop", {.id = 7});
#pragma once

#include "github/github.hpp"
#include "net/http_message.hpp"
#include "tests/github/fake_access.hpp"
#include "tests/github/fake_things.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace runs_agent::tests {

class FakeGitHub {
public:
    /// Serves for as long as `context` runs.
    FakeGitHub(boost::asio::io_context& context, const Clock& clock);
    ~FakeGitHub();
    FakeGitHub(const FakeGitHub&) = delete;
    FakeGitHub& operator=(const FakeGitHub&) = delete;

    /// http://127.0.0.1:PORT
    std::string api_url() const;

    /// Tokens, the App, the primary limit.
    FakeAccess& access();
    /// An App with app_keys(), without installations.
    void add_app(const std::string& app_id);
    /// Returns the installation's id. An account that has one already gets a new one instead.
    std::int64_t install_app(const std::string& account,
                             std::vector<std::string> repositories = {});

    FakeRepository& add_repository(const std::string& full_name,
                                   const std::string& default_branch = "main");
    /// The old name answers with 301 from now on.
    void rename_repository(const std::string& old_name, const std::string& new_name);

    /// A new run, a new attempt of one, or a new state of an attempt. Times that are not given are
    /// the clock's.
    void put_run(const std::string& repository, FakeRun run);
    /// The last attempt.
    const FakeRun& run(const std::string& repository, std::int64_t id) const;

    /// Makes the hook where it is new. Its log keeps what was added last first. Returns the entry's
    /// id, which is the next one where none is given.
    std::int64_t add_delivery(const github::Hook& hook, FakeDelivery delivery);
    /// The hook's log, the oldest first.
    const std::vector<FakeDelivery>& deliveries(const github::Hook& hook);
    /// Delivers again what is asked for by POST …/attempts; returns the status that was answered.
    /// Not set: 202.
    std::function<int(const FakeDelivery&)> on_redelivery;

    /// Answers the next requests with this status and GitHub's `message`, whatever they ask for.
    void fail_next(int times, int status, std::string message = "", net::Headers headers = {});
    /// A secondary rate limit; `retry_after` in seconds, below 0: not said.
    void limit_next(int times, int retry_after, int status = 403);
    /// Closes every connection instead of an answer. (A client may send a GET once more where it
    /// was on a kept connection.)
    void drop_next(int times);

    /// All there were, the dropped and failed ones included.
    const std::vector<net::HttpRequest>& requests() const;
    /// "GET /repos/octo/shop"
    std::vector<std::string> asked() const;
    void forget_requests();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::tests
