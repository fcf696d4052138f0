// SPDX-License-Identifier: MIT
#include "agent/setup/waiting.hpp"

#include "agent/cli/report.hpp"
#include "agent/setup/made_app.hpp"
#include "base/time_text.hpp"
#include "json/reading.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::chrono::minutes bound{15};
constexpr std::chrono::seconds between_looks{2};
/// Between two times that a failed delivery is sent again: longer each time.
constexpr std::chrono::seconds longest_pause{30};
/// Between what another answered and its being sent again, each time, and how long the last of
/// these may take. No more of it: what answers for itself, as a relay does, goes on doing so.
constexpr std::array<std::chrono::seconds, 3> pauses_of_anothers{4s, 10s, 6s};
constexpr std::size_t shown_repositories = 10;
constexpr std::size_t shown_of_answer = 60;  // bytes

/// Why a delivery was not taken, and what to do, by what was answered to it.
std::string cure(int status, const std::string& url, const std::string& of_401) {
    const std::string answered = "answered with " + std::to_string(status);
    switch (status) {
        case 0:
            return "nobody answered: is the daemon started, and does GitHub reach " + url + "?";
        case 401:
            return answered + ": " + of_401;
        case 404:
        case 405:
            return answered + ": something else answers at " + url +
                   "; see the proxy's path and the daemon's /webhooks/github";
        case 502:
        case 503:
        case 504:
            return "not taken (" + std::to_string(status) +
                   "): the daemon, or the proxy before it, is not reached at " + url +
                   "; is it started?";
        default:
            return answered + "; docs/github-setup.md says what that means";
    }
}

/// Is that the answer of this program to the delivery? It names it (docs/github-setup.md).
bool is_ours(const std::string& answer, const std::string& guid) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(answer.data(), answer.size());
    return !document.HasParseError() && json::text(document, "delivery") == guid;
}

class Watch {
public:
    Watch(const Terminal& terminal, Patience& patience, const Clock& clock,
          github::Connecting& connecting, github::GitHub& github, Awaited awaited)
        : terminal_(terminal),
          patience_(patience),
          clock_(clock),
          connecting_(connecting),
          github_(github),
          awaited_(std::move(awaited)),
          installed_(awaited_.install_at.empty()) {}

    asio::awaitable<int> run() {
        const SteadyTime end = clock_.steady() + bound;
        while (!patience_.over() && !is_hidden() && clock_.steady() < end) {
            if (!installed_ && !held()) co_await look_for_installation();
            if (!taken_ && !held()) co_await look_for_delivery();
            if (installed_ && taken_) {
                terminal_.say(
                    "GitHub is connected. Cancel a workflow run, and see what came of it:\n  " +
                    awaited_.show + "\n");
                co_return Exit::done;
            }
            const SteadyTime now = clock_.steady();
            const SteadyTime next = std::min(std::max(now + between_looks, held_until_), end);
            co_await patience_.wait(std::chrono::ceil<milliseconds>(next - now));
        }
        tell_how_to_go_on();
        co_return Exit::failed;
    }

private:
    asio::awaitable<void> look_for_installation() {
        auto found = co_await connecting_.list_installations();
        if (!understood(found)) co_return;
        for (const github::Installation& one : *found->value) {
            const std::string account = one.account;
            std::string line = "Installed on " + printable(account);
            if (one.suspended) {
                say_once(line + ", and suspended: nothing is delivered from there\n");
                continue;
            }
            auto repositories = co_await connecting_.list_repositories(one.id);
            if (repositories.has_value() && repositories->value)
                line += (one.all_repositories ? ", on all its repositories: " : ": ") +
                        names(*repositories->value);
            terminal_.say(line + "\n");
            installed_ = true;
        }
        if (installed_ && !taken_) terminal_.say("Waiting for the first delivery …\n");
    }

    asio::awaitable<void> look_for_delivery() {
        auto log = co_await github_.list_deliveries(awaited_.hook, "");
        if (!understood(log)) co_return;
        const github::LoggedDelivery* failed = nullptr;
        for (const github::LoggedDelivery& one : log->value->deliveries) {  // the newest first
            if (one.id <= awaited_.after) continue;
            if (one.status_code >= 200 && one.status_code < 300) {
                const bool by_another = co_await is_anothers(one);
                taken_ = !by_another;
            }
            if (taken_) {
                terminal_.say("GitHub's " + printable(one.event) + " was answered with " +
                              std::to_string(one.status_code) + " at " + printable(awaited_.url) +
                              ".\n");
                co_return;
            }
            if (failed == nullptr) failed = &one;
        }
        if (failed == nullptr) co_return;
        const std::string why = why_not_taken(*failed);
        say_once("A " + printable(failed->event) + " was " + why + "\n");
        hidden_ = false;
        if (anothers_.contains(failed->id))
            co_await send_anothers_again(failed->id);
        else
            co_await send_again(failed->id);
    }

    std::string why_not_taken(const github::LoggedDelivery& failed) const {
        const std::string url = printable(awaited_.url);
        const auto others = anothers_.find(failed.id);
        if (others == anothers_.end()) return cure(failed.status_code, url, awaited_.cure_of_401);
        return "answered with " + std::to_string(failed.status_code) + ", but not by runs-agent (" +
               printable(others->second) + "): something else answers at " + url +
               "; see the proxy's path and the daemon's /webhooks/github. Where that is a relay,"
               " which passes on what it took, " +
               awaited_.show + " shows whether it came";
    }

    /// Was it answered by something else than this program? A proxy's own page is a 200, too. Where
    /// GitHub does not say what was answered, nobody can tell, and it counts as ours.
    asio::awaitable<bool> is_anothers(github::LoggedDelivery one) {
        if (anothers_.contains(one.id)) co_return true;
        const auto kept = co_await github_.get_delivery(awaited_.hook, one.id);
        if (kept.has_error() || !kept->value || kept->value->answer.empty()) co_return false;
        const std::string& answer = kept->value->answer;
        if (is_ours(answer, one.guid)) co_return false;
        anothers_.emplace(one.id, answer.substr(0, shown_of_answer));
        co_return true;
    }

    asio::awaitable<void> send_again(std::int64_t delivery) {
        if (clock_.steady() < send_again_at_) co_return;
        pause_ = std::min<milliseconds>(std::max<milliseconds>(pause_ * 2, between_looks),
                                        longest_pause);
        send_again_at_ = clock_.steady() + pause_;
        co_await redeliver(delivery);
    }

    asio::awaitable<void> send_anothers_again(std::int64_t delivery) {
        const SteadyTime now = clock_.steady();
        if (anothers_due_ && now < *anothers_due_) co_return;
        if (anothers_pauses_ == pauses_of_anothers.size()) {
            hidden_ = true;
            co_return;
        }
        const bool first = !anothers_due_.has_value();
        anothers_due_ = now + pauses_of_anothers[anothers_pauses_++];
        if (!first) co_await redeliver(delivery);
    }

    /// Is all seen that can be, as something in between answers?
    bool is_hidden() const { return hidden_ && installed_ && !taken_; }

    asio::awaitable<void> redeliver(std::int64_t delivery) {
        const github::Hook hook = awaited_.hook;
        const auto asked = co_await connecting_.redeliver(hook, delivery);
        (void)understood(asked);
    }

    /// Says what is wrong with an answer, once; a later one may be better.
    template <class Value>
    bool understood(const Result<github::Answer<Value>>& answer) {
        if (answer.has_error())
            say_once(printable(answer.error().message) + "\n");
        else if (answer->retry_after)
            hold(*answer->retry_after);
        else if (!answer->ok())
            say_once(printable(in_words(answer->status, answer->message)) + "\n");
        return answer.has_value() && answer->value;
    }

    /// GitHub bans who goes on asking while a limit holds. How long that is differs each time.
    void hold(milliseconds pause) {
        held_until_ = std::max(held_until_, clock_.steady() + pause);
        if (!std::exchange(held_told_, true))
            terminal_.say("GitHub's API has a rate limit, which is reached; looking again in " +
                          to_words(pause) + ".\n");
    }

    bool held() const { return clock_.steady() < held_until_; }

    void say_once(const std::string& line) {
        if (said_.insert(line).second) terminal_.say(line);
    }

    static std::string names(const github::RepositoryNames& repositories) {
        std::string text;
        const std::size_t shown = std::min(repositories.names.size(), shown_repositories);
        for (std::size_t i = 0; i < shown; ++i)
            text += (i == 0 ? "" : ", ") + printable(repositories.names[i]);
        const std::int64_t more = repositories.total - static_cast<std::int64_t>(shown);
        if (more > 0) text += " and " + std::to_string(more) + " more";
        return text.empty() ? "none yet" : text;
    }

    void tell_how_to_go_on() {
        if (is_hidden()) {
            terminal_.say(
                "GitHub's deliveries are answered by something in between, so that from here it is"
                " not seen whether they come. What was made and written stays.\n  " +
                awaited_.show +
                " shows what arrived: where GitHub's is there, it is connected\n  else mend what"
                " answers, and redeliver at " +
                printable(awaited_.log_page) + "\n");
            return;
        }
        std::string text = patience_.over() ? "Stopped." : "15 minutes are over.";
        text += " What was made and written stays. To go on:\n";
        if (!installed_) text += "  install the App at " + printable(awaited_.install_at) + "\n";
        if (!taken_)
            text += "  start the daemon, and see what GitHub was answered at " +
                    printable(awaited_.log_page) + "\n";
        terminal_.say(text + "  " + awaited_.show + " shows what arrived\n");
    }

    const Terminal& terminal_;
    Patience& patience_;
    const Clock& clock_;
    github::Connecting& connecting_;
    github::GitHub& github_;
    const Awaited awaited_;
    bool installed_;
    bool taken_ = false;
    std::set<std::string> said_;
    std::map<std::int64_t, std::string> anothers_;  // deliveries, and how their answers begin
    bool held_told_ = false;
    SteadyTime held_until_{};
    SteadyTime send_again_at_{};
    milliseconds pause_{0};
    std::size_t anothers_pauses_ = 0;
    std::optional<SteadyTime> anothers_due_;
    bool hidden_ = false;
};

}  // namespace

asio::awaitable<int> watch(const Terminal& terminal, Patience& patience, const Clock& clock,
                           github::Connecting& connecting, github::GitHub& github,
                           Awaited awaited) {
    Watch watching(terminal, patience, clock, connecting, github, std::move(awaited));
    co_return co_await watching.run();
}

}  // namespace runs_agent::agent::setup
