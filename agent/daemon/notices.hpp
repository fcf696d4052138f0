// SPDX-License-Identifier: MIT
// Tells a person, by one HTTP address, when something needs them, and when it does no more. Alerts
// of Prometheus say more (docs/alerts.md); this is for who has none.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/http_message.hpp"
#include "store/store.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

/// What the daemon sees of itself.
struct Seen {
    Time now{};
    Result<void> store;                     // can it be read and written?
    std::optional<store::Backlog> backlog;  // absent: it could not be counted
    bool reload_succeeded = true;
};

/// Something that needs a person.
struct Trouble {
    std::string key;        // the same as long as it is the same trouble
    std::string text;       // what it is and what mends it
    std::int64_t size = 0;  // grows where it has become worse in a way that is news
};

std::vector<Trouble> troubles_of(const Seen& seen);

/// Decides what is told when. A trouble is told of once it has lasted a minute, again where it has
/// grown, ten minutes later at the earliest, and once when it has been gone for a minute. Pure but
/// for what it remembers.
class Notices {
public:
    explicit Notices(std::string name) : name_(std::move(name)) {}

    /// Takes in how it is now.
    void look(const std::vector<Trouble>& troubles, SteadyTime now);

    /// The next message to send, until sent() is called; absent: there is none.
    std::optional<std::string> next() const;
    void sent();

private:
    struct Known {
        Trouble trouble;
        SteadyTime since{};  // it is there, or gone, since then
        bool there = true;
        std::optional<SteadyTime> told_at;
        std::int64_t told_size = 0;
    };
    void tell(const std::string& what, const std::string& text);
    void take(const Trouble& trouble, SteadyTime now);
    bool leave(Known& known, SteadyTime now);

    std::string name_;
    std::map<std::string, Known> known_;
    std::deque<std::string> waiting_;
};

/// The request that Slack's incoming webhooks, and what understands the same, take.
/// Source: docs.slack.dev, "Sending messages using incoming webhooks" and "Formatting message
/// text".
net::HttpRequest notice_request(const std::string& url, const std::string& text);

}  // namespace runs_agent::agent
