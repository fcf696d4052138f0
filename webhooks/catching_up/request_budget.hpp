// SPDX-License-Identifier: MIT
// How much a round of catching up may ask of GitHub. A bounded number of requests with each token,
// so that others who use it are left their part; none after GitHub asked to wait; and no more of
// whoever does not answer. Knows nothing of what is asked for.
#pragma once

#include "webhooks/catching_up/verdict.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace runs_agent::webhooks {

/// Whom a request is about, and whose budget it is counted on.
struct Subject {
    std::string about;
    std::string owner;
};

class RequestBudget {
public:
    /// With a round every five minutes, 3,000 of the 5,000 that GitHub gives a token in an hour.
    static constexpr int max_requests = 250;

    /// By the owner of what is asked for (github::GitHub::budget_of): the same for those who share
    /// a token.
    using TokenOf = std::function<std::string(const std::string& owner)>;

    /// `stopping` may become true at any time, and then nothing may be asked any more.
    RequestBudget(TokenOf token_of, const bool& stopping)
        : token_of_(std::move(token_of)), stopping_(stopping) {}

    /// A part of the round begins, at whose end `allowed` requests may have been made with a token
    /// since the round began. What troubled the part before is forgotten.
    void begin_part(int allowed);

    bool over() const { return over_ || stopping_; }
    /// May anything be asked of the owner? Counts nothing.
    bool is_open(const std::string& owner);
    /// To be asked before each request. Counts it.
    bool may_ask(const std::string& owner);
    /// As may_ask; and a repository that did not answer is left alone.
    bool may_ask_of(const std::string& repository);
    /// As may_ask_of; but what is begun is brought to its end, though it is one request too many.
    bool may_finish(const std::string& repository);

    /// Notes what an answer means for what may be asked after it; `retry_after` is a limit's. True
    /// where it is no failure of the round.
    bool note(Verdict verdict, const Subject& subject,
              std::optional<std::chrono::milliseconds> retry_after);

    /// Was anything not asked because of it?
    bool cut_short() const { return cut_short_; }
    /// Until the next round: where there is nobody left to ask, until the first limit is over.
    std::chrono::milliseconds pause() const;

private:
    struct OfToken {
        int requests = 0;
        bool closed = false;
        std::optional<std::chrono::milliseconds> wait;  // a limit's
    };

    TokenOf token_of_;
    const bool& stopping_;
    std::map<std::string, OfToken> tokens_;
    int allowed_ = max_requests;  // with a token
    bool over_ = false;
    bool cut_short_ = false;
    int troubled_ = 0;            // subjects in a row that gave no answer to use
    std::string trouble_;         // the last of these
    std::set<std::string> left_;  // those that did not answer
};

}  // namespace runs_agent::webhooks
