// SPDX-License-Identifier: MIT
// A store in which nothing happens but what the test says.
#pragma once

#include "store/store.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

namespace runs_agent::agent {

class QuietStore final : public store::Store {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;

    Result<void> written;  // what check() says
    int checks = 0;
    int counts = 0;
    Result<store::Backlog> waiting{store::Backlog()};
    std::deque<int> to_prune;  // what each prune finds; empty: nothing
    int prunes = 0;
    store::Retention kept;  // what the last prune was told to keep
    int decisions = 0;
    int claims = 0;
    int bugs = 0;                   // so many of the next prunes, decisions and claims throw
    bool deciding_ends = true;      // else decide_next stays under way
    int hooks_asked = 0;            // how often catching up asked for them
    bool on_duty = true;            // what takes_duty() says
    std::function<void()> changed;  // what on_change() was given
    std::optional<store::Decider> decider;  // the one that was handed over last

    Answer<store::Accepted> accept(store::NewDelivery) override {
        co_return store::Accepted::stored;
    }
    Answer<std::vector<store::HeardHook>> hooks(std::string, Time) override {
        ++hooks_asked;
        co_return std::vector<store::HeardHook>();
    }
    Answer<std::vector<std::string>> repositories(std::string, Time) override {
        co_return std::vector<std::string>();
    }
    Answer<std::vector<std::string>> unknown_guids(std::vector<std::string>) override {
        co_return std::vector<std::string>();
    }
    Answer<std::vector<store::HeardAttempt>> heard_attempts(std::string,
                                                            std::vector<std::int64_t>) override {
        co_return std::vector<store::HeardAttempt>();
    }
    Answer<std::vector<store::OpenAttempt>> open_attempts(std::string, Time, int) override {
        co_return std::vector<store::OpenAttempt>();
    }
    Answer<std::optional<Time>> last_look(std::string) override { co_return std::optional<Time>(); }
    Answer<void> record_look(std::string, Time) override { co_return Result<void>(); }
    Answer<bool> takes_duty(std::string) override { co_return on_duty; }
    void on_change(std::function<void()> given) override { changed = std::move(given); }
    Answer<std::vector<store::Decided>> decide_next(store::Decider given, Time, int) override {
        decider = std::move(given);
        if (++decisions <= bugs) throw std::runtime_error("a bug in deciding");
        if (!deciding_ends) {
            boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                            boost::asio::steady_timer::time_point::max());
            co_await never.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
        co_return std::vector<store::Decided>();
    }
    Answer<std::vector<store::Call>> claim_due(Time, Time, int, std::string) override {
        if (++claims <= bugs) throw std::runtime_error("a bug in claiming");
        co_return std::vector<store::Call>();
    }
    Answer<std::optional<Time>> next_due(Time, std::string) override {
        co_return std::optional<Time>();
    }
    Answer<void> record_try(store::Call, store::Try, store::AfterTry) override {
        co_return Result<void>();
    }
    Answer<std::optional<std::string>> not_wanted(std::int64_t) override {
        co_return std::optional<std::string>();
    }
    Answer<int> clock_set_back(Time, Time) override { co_return 0; }
    Answer<int> recover(Time) override { co_return 0; }
    Answer<void> release(std::vector<std::int64_t>, Time) override { co_return Result<void>(); }
    Answer<int> resume_held(Time, std::chrono::milliseconds, int) override { co_return 0; }
    Answer<std::vector<store::DeliveryRow>> list(store::DeliveryFilter) override {
        co_return std::vector<store::DeliveryRow>();
    }
    Answer<store::DeliveryDetail> show(std::string) override { co_return store::DeliveryDetail(); }
    Answer<int> replay(std::string, Time) override { co_return 0; }
    Answer<int> drop(std::string, Time) override { co_return 0; }
    Answer<store::Taken> accept_and_decide(store::NewDelivery, store::Decider, Time) override {
        co_return store::Taken();
    }
    Answer<void> record_pause(std::string, std::chrono::milliseconds, Time) override {
        co_return Result<void>();
    }
    Answer<std::optional<Time>> paused_until(std::string, Time) override {
        co_return std::optional<Time>();
    }
    Answer<store::DeliveryPage> search(store::DeliverySearch) override {
        co_return store::DeliveryPage();
    }
    Answer<store::HandOutcome> act(store::ByHand, store::DeliverySearch, Time) override {
        co_return store::HandOutcome();
    }
    Answer<std::vector<store::HandRecord>> acts(std::string, int) override {
        co_return std::vector<store::HandRecord>();
    }
    Answer<store::Replays> replays_after(std::int64_t) override { co_return store::Replays(); }
    Answer<void> record_act(store::HandRecord) override { co_return Result<void>(); }
    Answer<std::vector<store::Counts>> count(Time, std::chrono::milliseconds, int) override {
        co_return std::vector<store::Counts>();
    }
    Answer<std::optional<std::string>> payload(std::string) override {
        co_return std::optional<std::string>();
    }
    Answer<std::optional<decide::Decision>> consider(std::string, store::Decider) override {
        co_return std::optional<decide::Decision>();
    }
    Answer<store::Backlog> backlog() override {
        ++counts;
        co_return waiting;
    }
    Answer<void> check(Time) override {
        ++checks;
        co_return written;
    }
    Answer<int> name_some() override { co_return 0; }
    Answer<int> prune(Time, store::Retention keep) override {
        kept = keep;
        if (++prunes <= bugs) throw std::runtime_error("a bug in pruning");
        if (to_prune.empty()) co_return 0;
        const int found = to_prune.front();
        to_prune.pop_front();
        co_return found;
    }
};

}  // namespace runs_agent::agent
