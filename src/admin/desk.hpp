// SPDX-License-Identifier: MIT
// What the page and the HTTP API work with: the store, what the program was told, and, where there
// is one, the Runs API of this process. Internal to admin/.
#pragma once

#include "admin/access.hpp"
#include "admin/json.hpp"
#include "admin/page/screens.hpp"
#include "admin/server.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "net/http_message.hpp"
#include "store/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::admin {

/// A request that may be answered, taken apart.
struct Asked {
    net::HttpRequest request;
    std::vector<std::string> path;  // its segments, decoded
    net::Parameters query;
    net::Parameters form;
    Visitor visitor;

    bool is_post() const { return request.method == "POST"; }
    /// Of the form where it is a change, else of the address; empty where it is not there.
    std::string value(std::string_view name) const;
    std::vector<std::string> values(std::string_view name) const;
    bool is(std::initializer_list<std::string_view> segments) const;  // "*" stands for any
};

class Desk {
public:
    /// Holds references to all it is given.
    Desk(AdminOptions options, store::Store& with, Clock& by)
        : told(std::move(options)),
          store(with),
          clock(by),
          started_(by.steady()),
          seal_(to_hex(hmac_sha256(told.token, "runs-agent notices"))) {}

    const AdminOptions told;
    store::Store& store;
    Clock& clock;

    /// What was done, to be told by the next screen's address, and read back; nobody else can make
    /// a screen say something, but a replica with the same token. Empty where it is not ours.
    std::string sealed(std::string_view notice) const;
    std::string opened(std::string_view sealed) const;

    std::chrono::milliseconds uptime() const { return clock.steady() - started_; }
    /// The last 24 hours, by the hour. Hours that are over are counted anew every ten minutes.
    Awaitable<Result<std::vector<store::Counts>>> day();
    /// What is wrong with the store; empty: it can be written. Tried once in a second at most.
    Awaitable<std::string> store_fault();
    /// Counted once in a second at most.
    Awaitable<Result<store::Backlog>> backlog();
    /// What is wrong with the set-up, and a Runs API that is away, as far as is known. Looked at
    /// once in five seconds at most, once in a second while services are still being asked.
    Awaitable<doctor::Report> wrong();
    /// What is known of a workflow run; not_found where that is nothing.
    Awaitable<Result<RunStory>> story(std::string host, std::string repository,
                                      std::int64_t run_id);
    /// Does it, and says what came of it.
    Awaitable<Result<store::HandOutcome>> act(store::ByHand by, store::DeliverySearch which);
    /// The same to those that were chosen.
    Awaitable<Result<store::HandOutcome>> act_on(store::ByHand by, std::vector<std::string> ids);
    /// What a replay would be decided as; absent where that is nothing, or cannot be told.
    Awaitable<std::optional<decide::Decision>> consider(std::string guid);

private:
    struct Hour {
        store::Counts counts;
        SteadyTime at;
    };
    SteadyTime started_;
    std::string seal_;  // made of the token: the next screen may be another replica's
    std::map<Time, Hour> hours_;
    std::optional<SteadyTime> checked_at_;
    std::string fault_;
    std::optional<SteadyTime> counted_at_;
    Result<store::Backlog> backlog_{store::Backlog()};
    std::optional<SteadyTime> glance_at_;  // not before
    doctor::Report wrong_;
};

/// Answers below /api/; absent where there is no such address.
Awaitable<std::optional<net::HttpResponse>> answer_api(Desk& desk, Asked asked);
/// Answers with a screen; absent where there is no such address.
Awaitable<std::optional<net::HttpResponse>> answer_page(Desk& desk, Asked asked);
/// The screens of recorded runs.
Awaitable<std::optional<net::HttpResponse>> answer_recorded(Desk& desk, Asked asked);

/// What every screen has around it.
page::Frame frame_of(const Desk& desk, const Asked& asked, page::Screen screen, std::string title);
/// "../" as often as the address is deep.
std::string base_of(const net::HttpRequest& request);
net::HttpResponse html_response(int status, std::string body);
/// Back to a screen after a change (RFC 9110 section 15.4.4); `where` is relative.
net::HttpResponse see(std::string where);
/// An error as a screen.
net::HttpResponse problem(const Desk& desk, const Asked& asked, const Error& error);
int status_of(const Error& error);

/// What somebody did, in words: "replayed 130 deliveries (145 calls), left alone 4".
std::string in_words(const store::ByHand& by, const store::HandOutcome& outcome);

/// The checklist of the Set-up screen, and which rule holds where a repository is asked about.
struct SetUp {
    doctor::Report report;
    std::string repository;
    std::string workflow;
    std::string branch;
    std::string rule;  // in words; empty: no repository was asked about
    std::vector<std::string> does;
    bool ignored = false;
};
Awaitable<SetUp> set_up(Desk& desk, Asked asked);

/// The newest recorded runs of all projects, or those that fit `search`.
Awaitable<std::vector<page::RecordedRow>> recorded_runs(Desk& desk, std::string search, int limit);

}  // namespace runs_agent::admin
