// SPDX-License-Identifier: MIT
// What both halves of a round do with an answer of GitHub's, and with a delivery that they were
// given or made up: the one is judged, and noted where it went wrong; the other is stored as if it
// had come.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "github/github.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/memory.hpp"
#include "webhooks/catching_up/outcome.hpp"
#include "webhooks/catching_up/request_budget.hpp"
#include "webhooks/catching_up/verdict.hpp"
#include "webhooks/deliveries/delivery.hpp"

#include <functional>
#include <optional>
#include <string>

namespace runs_agent::webhooks {

/// What came of one delivery.
enum class Recovery {
    stored,
    unrecoverable,  // it will never be had
    later,          // a later round asks again
    store_failed,   // and nothing else can be stored either
};

class Intake {
public:
    /// `on_accepted` is called when something that is to be decided was stored. All must live as
    /// long.
    Intake(store::Store& store, const Clock& clock, Log& log,
           const std::function<void()>& on_accepted, CatchUpMemory& memory, RequestBudget& budget)
        : store_(store),
          clock_(clock),
          log_(log),
          on_accepted_(on_accepted),
          memory_(memory),
          budget_(budget) {}

    /// Of the round so far.
    CatchUpOutcome& outcome() { return outcome_; }

    /// Says what went wrong, and is not the round's failure.
    void complain(const std::string& key, const std::string& words);
    void fail_with(const std::string& key, const std::string& words);
    void fail_with(const Error& error) { fail_with("the store", error.message); }

    template <class Value>
    static std::string key_of(const std::string& about,
                              const Result<github::Answer<Value>>& answer) {
        return about + " " +
               (answer.has_error() ? std::string(to_string(answer.error().code))
                                   : std::to_string(answer->status));
    }
    /// Notes an answer. Returns its verdict: what of it ends the round or makes it fail anyway is
    /// done, the rest is the caller's.
    template <class Value>
    Verdict take(const Subject& subject, const Result<github::Answer<Value>>& answer) {
        const Verdict verdict = verdict_of(answer);
        const bool known =
            budget_.note(verdict, subject, answer.has_value() ? answer->retry_after : std::nullopt);
        if (!known) fail_about(subject.about, answer);
        return verdict;
    }
    template <class Value>
    void fail_about(const std::string& about, const Result<github::Answer<Value>>& answer) {
        fail_with(key_of(about, answer), about + ": " + words_of(answer));
    }

    /// Absent: it will never be had.
    std::optional<store::NewDelivery> made_of(Delivery delivery);
    Recovery give_up_on(const std::string& guid, const std::string& why);
    Awaitable<Recovery> accept(store::NewDelivery delivery);
    /// The look of that name saw all that there was then.
    Awaitable<void> record_look(std::string name, Time at);
    /// As record_look(), for this process alone.
    void seen(const std::string& name, Time at) { memory_.seen[name] = at; }

private:
    store::Store& store_;
    const Clock& clock_;
    Log& log_;
    const std::function<void()>& on_accepted_;
    CatchUpMemory& memory_;
    RequestBudget& budget_;
    CatchUpOutcome outcome_;
};

}  // namespace runs_agent::webhooks
