// SPDX-License-Identifier: MIT
// The page for people and the HTTP API beside it, behind the admin tokens, on a listener of their
// own. Answers requests; who listens is the caller's business. What is new in its answers is that
// they may be seen by a browser: each carries the headers that keep others' pages and scripts out.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "decide/policy.hpp"
#include "doctor/finding.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class any_io_executor;
}

namespace runs_agent::admin {

struct AdminOptions {
    std::string token;       // RUNS_AGENT_ADMIN_TOKEN, not empty
    std::string read_token;  // RUNS_AGENT_ADMIN_READ_TOKEN; may be empty
    std::string version;
    /// The policy in force.
    std::function<std::shared_ptr<const decide::Policy>()> policy;
    std::string policy_file;  // may be empty
    bool dry_run = false;
    /// What the Runs API is called where pauses are kept (store::Store::paused_until).
    std::function<std::string()> runs_api_service = [] {
        return std::string(store::runs_api_service);
    };
    bool tls = false;      // the listener speaks it
    bool own_api = false;  // calls go to the embedded Runs API
    /// What the daemon knows of its own set-up. Empty: nothing is known of it.
    std::function<Awaitable<doctor::Report>()> checkup;
    /// The same without waiting for anybody, for the Overview. May be empty.
    std::function<Awaitable<doctor::Report>()> glance;
    std::string github_host = "github.com";
    std::vector<std::pair<std::string, std::string>> settings;   // in force, secrets masked
    std::vector<std::pair<std::string, std::string>> listeners;  // what, address
    /// Asks the Runs API of this process, as a request from outside would. Empty: there is none.
    std::function<Awaitable<net::HttpResponse>(net::HttpRequest)> runs_api;
    std::string runs_api_key;
    /// How long a wrong token is waited with; each more of them at once waits longer.
    std::chrono::milliseconds failure_delay{500};
};

class Admin {
public:
    /// Holds references to all it is given. Everything runs on `executor`, which has one thread.
    Admin(const boost::asio::any_io_executor& executor, AdminOptions options, store::Store& store,
          Clock& clock, Log& log);
    ~Admin();
    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;

    /// From now on these tokens are right, and no cookie that others have opened.
    void use(std::string_view token, std::string_view read_token);

    /// Answers any request.
    Awaitable<net::HttpResponse> handle(net::HttpRequest request);

    /// Nobody sends more than a form.
    static bool wants_body(const net::HttpRequest& head);
    static constexpr std::uint64_t max_body = 256ULL * 1024;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The OpenAPI document of the HTTP API.
std::string openapi_document();

}  // namespace runs_agent::admin
