// SPDX-License-Identifier: MIT
#include "agent/cli/report.hpp"
#include "agent/daemon/private_file.hpp"
#include "agent/setup/made_app.hpp"
#include "agent/setup/patience.hpp"
#include "agent/setup/place.hpp"
#include "agent/setup/plan.hpp"
#include "agent/setup/terminal.hpp"
#include "agent/setup/texts.hpp"
#include "agent/setup/waiting.hpp"
#include "base/encoding.hpp"
#include "github/client.hpp"
#include "github/connecting.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

class WebhookSetup {
public:
    WebhookSetup(const asio::any_io_executor& executor, Plan plan)
        : plan_(std::move(plan)),
          terminal_(plan_.kubernetes),
          http_(executor, plan_.network),
          patience_(executor, clock_, [this] { terminal_.say(stopping); }),
          credentials_([environment = plan_.environment]() -> Result<std::string> {
              auto token = environment.get("GITHUB_TOKEN");
              if (token.has_error()) return token.error();
              return std::move(*token).value_or("");
          }),
          connecting_(http_, clock_, plan_.wish.github.api, credentials_),
          github_(http_, clock_, plan_.wish.github.api, credentials_) {}

    asio::awaitable<int> run() {
        if (plan_.kubernetes)
            if (const auto taken = terminal_.check_data(); taken.has_error())
                co_return report(taken.error());
        const std::string owner = plan_.wish.owner;
        auto hooks = co_await connecting_.list_hooks(owner);
        if (hooks.has_error()) co_return report(hooks.error());
        if (!hooks->value) co_return report(refused(hooks->status, hooks->message));
        const auto same =
            std::find_if(hooks->value->begin(), hooks->value->end(),
                         [&](const github::HookEntry& hook) { return leads_here(hook.url); });
        const std::optional<github::HookEntry> found =
            same == hooks->value->end() ? std::nullopt : std::optional(*same);
        const auto id = co_await make_or_take_up(found);
        if (id.has_error()) co_return report(id.error());
        tell_steps();
        if (!plan_.wait) co_return Exit::done;
        co_return co_await look(*id);
    }

private:
    asio::awaitable<Result<std::int64_t>> make_or_take_up(std::optional<github::HookEntry> found) {
        if (found) co_return co_await take_up(std::move(*found));
        co_return co_await make();
    }

    /// However its address is written: with a slash at its end, or its scheme's own port.
    bool leads_here(const std::string& url) const {
        const auto same = webhook_url(url);
        return same.has_value() && *same == plan_.wish.url;
    }

    /// What to do where GitHub refuses: it says 404 of what the token may not see.
    Error refused(int status, const std::string& message) const {
        const bool is_repository = plan_.wish.owner.find('/') != std::string::npos;
        std::string why =
            "the webhooks of " + printable(plan_.wish.owner) + ": " + in_words(status, message);
        if (status == 401)
            why += "; set GITHUB_TOKEN, or the file of GITHUB_TOKEN_FILE, anew";
        else if (status == 403 || status == 404)
            why += std::string("; see the name, and that the token's owner ") +
                   (is_repository ? "administers the repository" : "owns the organization") +
                   " and the token may manage webhooks (classic: " +
                   (is_repository ? "admin:repo_hook" : "admin:org_hook") +
                   "; fine-grained: Webhooks, read and write)";
        return fail(status == 404 ? Errc::not_found : Errc::refused, why);
    }

    asio::awaitable<Result<std::int64_t>> make() {
        // Written first: a webhook whose secret is lost is of no use, a secret without one is.
        const std::string secret = plan_.secret ? *plan_.secret : random_hex(32);
        if (const auto kept = keep(secret); kept.has_error()) co_return kept.error();
        const std::string owner = plan_.wish.owner;
        const std::string url = plan_.wish.url;
        const std::vector<std::string> events = wanted_events(plan_.wish);
        const auto made = co_await connecting_.create_hook(owner, url, events, secret);
        if (made.has_error()) co_return made.error();
        if (!made->value) co_return refused(made->status, made->message);
        terminal_.say("Webhook " + std::to_string(made->value->id) + " of " + printable(owner) +
                      " is made.\n");
        co_return made->value->id;
    }

    Result<void> keep(const std::string& secret) {
        secret_known_ = true;
        if (plan_.kubernetes) {
            terminal_.say(
                "The Secret that kubectl is given replaces webhook-secret of a Secret "
                "runs-agent that is there; what else that holds stays.\n");
            return terminal_.data(kubernetes_secret({{secret_name, secret}}));
        }
        const std::string file = plan_.place.file(secret_name);
        if (!plan_.secret)
            if (auto written = write_private_file(file, secret + "\n"); written.has_error())
                return written;
        terminal_.say(plan_.secret
                          ? "The webhook's secret is that of " + printable(file) + "\n"
                          : "Written, for its owner's eyes alone:\n  " + printable(file) + "\n");
        return {};
    }

    /// One with that address is there; another would deliver everything twice.
    asio::awaitable<Result<std::int64_t>> take_up(github::HookEntry hook) {
        const std::string owner = plan_.wish.owner;
        secret_known_ = plan_.secret.has_value() && !plan_.kubernetes;
        terminal_.say("Webhook " + std::to_string(hook.id) + " of " + printable(owner) +
                      " has this address already; no other is made.\n");
        cure_of_401_ =
            "the daemon has another secret than the webhook, which GitHub shows to "
            "nobody; restart the daemon with it, or delete the webhook at " +
            page_of(hook.id) + " and run this again";
        if (!secret_known_)
            terminal_.say(
                "GitHub shows its secret to nobody: the daemon needs the one that it was made "
                "with. Where that is lost, delete the webhook at " +
                printable(page_of(hook.id)) + " and run this again.\n");
        if (plan_.kubernetes) {
            terminal_.say(
                "No Secret is printed, since its secret is not known here; kubectl has "
                "nothing to apply, and says so.\n");
            terminal_.no_data();
        }
        const auto whole = co_await complete(hook);
        if (whole.has_error()) co_return whole.error();
        // What came before the ping says nothing of today's secret.
        auto log = co_await github_.list_deliveries(hook_of(hook.id), "");
        if (log.has_value() && log->value)
            for (const github::LoggedDelivery& one : log->value->deliveries)
                after_ = std::max(after_, one.id);
        const auto pinged = co_await connecting_.ping_hook(owner, hook.id);
        if (pinged.has_error()) co_return pinged.error();
        if (!pinged->ok()) co_return refused(pinged->status, pinged->message);
        co_return hook.id;
    }

    /// Has it deliver what is wanted, and what it did before.
    asio::awaitable<Result<void>> complete(github::HookEntry hook) {
        const std::vector<std::string> missing = lacked(hook);
        if (missing.empty() && hook.active) co_return Result<void>();
        const std::string owner = plan_.wish.owner;
        std::vector<std::string> events = hook.events;
        events.insert(events.end(), missing.begin(), missing.end());
        const auto changed = co_await connecting_.set_events(owner, hook.id, events);
        if (changed.has_error()) co_return changed.error();
        if (!changed->value) co_return refused(changed->status, changed->message);
        if (!lacked(*changed->value).empty() || !changed->value->active)
            co_return fail(Errc::refused,
                           "GitHub took the change of webhook " + std::to_string(hook.id) +
                               " and did not make it; choose its events, and Active, at " +
                               page_of(hook.id));
        std::string added;
        for (const std::string& event : missing) added += " " + event;
        terminal_.say("It is active, and delivers" +
                      (added.empty() ? " what it did" : added + " as well") + ".\n");
        co_return Result<void>();
    }

    /// Those of the wanted events that it does not deliver.
    std::vector<std::string> lacked(const github::HookEntry& hook) const {
        std::vector<std::string> events = wanted_events(plan_.wish);
        std::erase_if(events, [&](const std::string& event) {
            return std::any_of(hook.events.begin(), hook.events.end(),
                               [&](const std::string& one) { return one == event || one == "*"; });
        });
        return events;
    }

    std::string page_of(std::int64_t id) const {
        const bool repository = plan_.wish.owner.find('/') != std::string::npos;
        return plan_.wish.github.web + (repository ? "/" : "/organizations/") + plan_.wish.owner +
               "/settings/hooks/" + std::to_string(id);
    }

    github::Hook hook_of(std::int64_t id) const {
        github::Hook hook;
        hook.kind = plan_.wish.owner.find('/') == std::string::npos
                        ? github::HookTarget::organization
                        : github::HookTarget::repository;
        hook.owner = plan_.wish.owner;
        hook.id = std::to_string(id);
        return hook;
    }

    Left left() const {
        Left left;
        left.unit = plan_.place.unit;
        left.kubernetes = plan_.kubernetes;
        left.secret_file = plan_.place.file(secret_name);
        left.key_of_api = plan_.place.missing_api_key();
        left.key_wanted = lacks_api_key(plan_.environment);
        if (!secret_known_) left.secret_file.clear();
        return left;
    }

    void tell_steps() const {
        terminal_.say("Start the daemon with it; one that runs, anew:\n" + start_commands(left()));
    }

    asio::awaitable<int> look(std::int64_t id) {
        terminal_.say(
            "Waiting for GitHub's ping, 15 minutes at most; Ctrl-C leaves all as it "
            "is.\n");
        Awaited awaited;
        awaited.hook = hook_of(id);
        awaited.url = plan_.wish.url;
        awaited.show = show_command(left());
        awaited.after = after_;
        awaited.log_page = page_of(id);
        if (!cure_of_401_.empty()) awaited.cure_of_401 = cure_of_401_;
        co_return co_await watch(terminal_, patience_, clock_, connecting_, github_,
                                 std::move(awaited));
    }

    const Plan plan_;
    const Terminal terminal_;
    SystemClock clock_;
    net::HttpClient http_;
    Patience patience_;
    github::TokenCredentials credentials_;
    github::Connecting connecting_;
    github::GitHubClient github_;
    bool secret_known_ = false;
    std::string cure_of_401_;  // where it is another than usual
    std::int64_t after_ = 0;
};

}  // namespace

asio::awaitable<int> make_webhook(Plan plan) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto work = std::make_unique<WebhookSetup>(executor, std::move(plan));
    co_return co_await work->run();
}

}  // namespace runs_agent::agent::setup
