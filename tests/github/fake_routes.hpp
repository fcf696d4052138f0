// SPDX-License-Identifier: MIT
// What a fake GitHub answers to whom: its data and its routes, without a network.
#pragma once

#include "github/github.hpp"
#include "net/http_message.hpp"
#include "tests/github/fake_access.hpp"
#include "tests/github/fake_things.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace runs_agent::tests {

class FakeRoutes {
public:
    explicit FakeRoutes(const Clock& clock) : access(clock), clock_(clock) {}

    net::HttpResponse answer(const net::HttpRequest& request);

    FakeAccess access;
    std::string api_url;
    std::map<std::string, FakeRepository> repositories;          // by full name
    std::map<std::string, std::string> moved;                    // old name to new
    std::map<std::string, std::vector<FakeDelivery>> hook_logs;  // by the log's path
    std::function<int(const FakeDelivery&)> on_redelivery;
    std::int64_t last_id = 1000;  // of deliveries and installations

    /// "/repos/octo/shop/hooks/1/deliveries"
    static std::string log_path(const github::Hook& hook);

private:
    using Caller = FakeAccess::Caller;
    struct Asked {
        std::string method;
        std::vector<std::string> path;  // its segments
        net::Parameters query;
        std::string without_query;
    };

    net::HttpResponse route(const Asked& asked, const Caller& caller);
    net::HttpResponse route_app(const Asked& asked, const Caller& caller);
    net::HttpResponse route_repository(const Asked& asked, const Caller& caller);
    /// Of one workflow; 0: of all.
    static net::HttpResponse workflow(const FakeRepository& repository, std::int64_t id);
    net::HttpResponse list_runs(const Asked& asked, const FakeRepository& repository,
                                std::int64_t workflow_id) const;
    net::HttpResponse run(const Asked& asked, const Caller& caller, FakeRepository& repository);
    net::HttpResponse cancel(std::vector<FakeRun>& attempts, bool force) const;
    net::HttpResponse log(const Asked& asked, std::size_t segments);
    net::HttpResponse list_deliveries(const Asked& asked,
                                      const std::vector<FakeDelivery>& deliveries) const;
    std::string link(const Asked& asked, const std::string& name, const std::string& value,
                     const std::string& relation) const;

    const Clock& clock_;
};

net::HttpResponse failure(int status, const std::string& message);

}  // namespace runs_agent::tests
