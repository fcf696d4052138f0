// SPDX-License-Identifier: MIT
// A store that keeps what it is given in memory, and fails when the test says so. Only accepting is
// what receivers do, so all else fails.
#pragma once

#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace runs_agent::webhooks {

class FakeStore final : public store::Store {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;

    std::vector<store::NewDelivery> accepted;
    std::optional<Error> failure;  // of every accept to come

    Answer<store::Accepted> accept(store::NewDelivery delivery) override {
        if (failure) co_return *failure;
        const bool seen = std::any_of(accepted.begin(), accepted.end(), [&](const auto& other) {
            return other.guid == delivery.guid;
        });
        if (seen) co_return store::Accepted::duplicate;
        accepted.push_back(std::move(delivery));
        co_return store::Accepted::stored;
    }

    /// Leaves deciding to others.
    Answer<store::Taken> accept_and_decide(store::NewDelivery delivery, store::Decider,
                                           Time) override {
        const auto stored = co_await accept(std::move(delivery));
        if (stored.has_error()) co_return stored.error();
        co_return store::Taken{*stored, std::nullopt};
    }

    Answer<std::vector<store::HeardHook>> hooks(std::string, Time) override { co_return unasked(); }
    Answer<std::vector<std::string>> repositories(std::string, Time) override {
        co_return unasked();
    }
    Answer<std::vector<std::string>> unknown_guids(std::vector<std::string>) override {
        co_return unasked();
    }
    Answer<std::vector<store::HeardAttempt>> heard_attempts(std::string,
                                                            std::vector<std::int64_t>) override {
        co_return unasked();
    }
    Answer<std::vector<store::OpenAttempt>> open_attempts(std::string, Time, int) override {
        co_return unasked();
    }
    Answer<std::optional<Time>> last_look(std::string) override { co_return unasked(); }
    Answer<void> record_look(std::string, Time) override { co_return unasked(); }
    Answer<std::vector<store::Decided>> decide_next(store::Decider, Time, int) override {
        co_return unasked();
    }
    Answer<std::vector<store::Call>> claim_due(Time, Time, int, std::string) override {
        co_return unasked();
    }
    Answer<std::optional<Time>> next_due(Time, std::string) override { co_return unasked(); }
    Answer<void> record_try(store::Call, store::Try, store::AfterTry) override {
        co_return unasked();
    }
    Answer<std::optional<std::string>> not_wanted(std::int64_t) override { co_return unasked(); }
    Answer<int> clock_set_back(Time, Time) override { co_return unasked(); }
    Answer<int> recover(Time) override { co_return unasked(); }
    Answer<void> release(std::vector<std::int64_t>, Time) override { co_return unasked(); }
    Answer<int> resume_held(Time, std::chrono::milliseconds, int) override { co_return unasked(); }
    Answer<int> drop(std::string, Time) override { co_return unasked(); }
    Answer<void> check(Time) override { co_return unasked(); }
    Answer<std::vector<store::DeliveryRow>> list(store::DeliveryFilter) override {
        co_return unasked();
    }
    Answer<store::DeliveryDetail> show(std::string) override { co_return unasked(); }
    Answer<int> replay(std::string, Time) override { co_return unasked(); }
    Answer<void> record_pause(std::string, std::chrono::milliseconds, Time) override {
        co_return unasked();
    }
    Answer<std::optional<Time>> paused_until(std::string, Time) override { co_return unasked(); }
    Answer<store::DeliveryPage> search(store::DeliverySearch) override { co_return unasked(); }
    Answer<store::HandOutcome> act(store::ByHand, store::DeliverySearch, Time) override {
        co_return unasked();
    }
    Answer<std::vector<store::HandRecord>> acts(std::string, int) override { co_return unasked(); }
    Answer<store::Replays> replays_after(std::int64_t) override { co_return unasked(); }
    Answer<void> record_act(store::HandRecord) override { co_return unasked(); }
    Answer<std::vector<store::Counts>> count(Time, std::chrono::milliseconds, int) override {
        co_return unasked();
    }
    Answer<std::optional<std::string>> payload(std::string) override { co_return unasked(); }
    Answer<std::optional<decide::Decision>> consider(std::string, store::Decider) override {
        co_return unasked();
    }
    Answer<store::Backlog> backlog() override { co_return unasked(); }
    Answer<int> name_some() override { co_return unasked(); }
    Answer<int> prune(Time, store::Retention) override { co_return unasked(); }

private:
    static Error unasked() { return fail(Errc::store, "a receiver does not ask for this"); }
};

}  // namespace runs_agent::webhooks
