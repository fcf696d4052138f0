// SPDX-License-Identifier: MIT
#include "agent/cli/report.hpp"
#include "agent/daemon/private_file.hpp"
#include "agent/setup/door.hpp"
#include "agent/setup/made_app.hpp"
#include "agent/setup/page.hpp"
#include "agent/setup/pasted.hpp"
#include "agent/setup/patience.hpp"
#include "agent/setup/place.hpp"
#include "agent/setup/plan.hpp"
#include "agent/setup/terminal.hpp"
#include "agent/setup/texts.hpp"
#include "agent/setup/trying.hpp"
#include "agent/setup/waiting.hpp"
#include "base/encoding.hpp"
#include "github/app_credentials.hpp"
#include "github/client.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

/// A code works for an hour.
constexpr std::chrono::hours bound_of_button{1};

class AppSetup {
public:
    AppSetup(const asio::any_io_executor& executor, Plan plan)
        : executor_(executor),
          plan_(std::move(plan)),
          terminal_(plan_.kubernetes),
          http_(executor, plan_.network),
          patience_(executor, clock_, [this] { terminal_.say(stopping); }) {}

    asio::awaitable<int> run() {
        if (plan_.kubernetes) {
            if (const auto taken = terminal_.check_data(); taken.has_error())
                co_return report(taken.error());
            terminal_.say(
                "The Secret that kubectl is given replaces webhook-secret and "
                "github-app.pem of a Secret runs-agent that is there; what else that "
                "holds stays.\n");
        }
        const Result<std::string> code = co_await find_code();
        if (code.has_error()) co_return report(code.error());
        const Result<github::App> app = co_await make(*code);
        if (app.has_error()) co_return co_await end(app.error());
        const auto kept = co_await keep(*app);
        if (kept.has_error()) co_return co_await end(kept.error());
        const int exit = co_await go_on(*app);
        co_await close();
        co_return exit;
    }

private:
    // What the browser does.

    asio::awaitable<Result<std::string>> find_code() {
        if (plan_.paste) co_return co_await paste_code(terminal_, patience_, clock_, plan_);
        co_return co_await by_browser();
    }

    asio::awaitable<Result<std::string>> by_browser() {
        door_ = std::make_unique<Door>(
            executor_, plan_.wish, random_hex(16), [this] { patience_.notify(); },
            [this] { tell_of_stranger(); });
        const auto started = door_->start();
        if (started.has_error()) co_return started.error();
        tell_where();
        const SteadyTime end = clock_.steady() + bound_of_button;
        for (;;) {
            // First, whatever else is the matter: there is an App where there is a code.
            if (const auto code = door_->code()) {
                terminal_.say("GitHub sent the browser back; asking for the App's secrets …\n");
                co_return *code;
            }
            if (patience_.over() || clock_.steady() >= end) co_return left_undone(plan_.wish);
            co_await patience_.wait(
                std::chrono::ceil<std::chrono::milliseconds>(end - clock_.steady()));
        }
    }

    void tell_of_stranger() {
        if (!std::exchange(stranger_told_, true))
            terminal_.say(
                "A browser came with an address that GitHub did not make for this set-up; it was "
                "passed over, and so will be others.\n");
    }

    void tell_where() const {
        std::string text;
        const bool far = is_far(plan_.environment);
        if (far)
            text = "Is the browser on another machine? Then there, first (or use --paste):\n  " +
                   printable(tunnel_command(door_->port(), way_to_here(plan_.environment))) +
                   "\nThen open this address in a browser";
        else
            text = "Open this address in a browser";
        text += " that is signed in to " + printable(plan_.wish.github.host) +
                ", and press its button:\n  " + door_->address() + "\n";
        if (far)
            text +=
                "Cannot it open the address that it ends on? Then, on this machine:\n"
                "  curl 'THAT ADDRESS'\n";
        terminal_.say(text);
    }

    // What GitHub is asked.

    asio::awaitable<Result<github::App>> make(std::string code) {
        if (plan_.kubernetes)
            if (const auto taken = terminal_.check_data(); taken.has_error())
                co_return begin_again(taken.error().message, plan_.wish);
        Result<github::App> app = co_await convert(std::move(code));
        if (app.has_error()) co_return app;
        if (const auto good = check_made(*app, plan_.wish); good.has_error())
            co_return good.error();
        co_return app;
    }

    asio::awaitable<Result<github::App>> convert(std::string code) {
        github::NoCredentials nobody;
        github::Connecting github(http_, clock_, plan_.wish.github.api, nobody);
        Tries tries(terminal_, patience_, clock_);
        for (;;) {
            Result<github::Answer<github::App>> answer = co_await github.convert_manifest(code);
            if (answer.has_value() && answer->value) co_return std::move(*answer->value);
            const Outcome outcome = outcome_of(answer);
            const bool more = co_await tries.again(outcome);
            if (more) continue;
            if (answer.has_error()) co_return begin_again(answer.error().message, plan_.wish);
            const bool of_github = !is_html(answer->message);
            if (answer->status != 404 || !of_github)
                co_return begin_again(in_words(answer->status, answer->message), plan_.wish);
            Error unknown = begin_again(
                "GitHub does not know the code that it sent the browser back with: it works once, "
                "and for an hour",
                plan_.wish);
            unknown.code = Errc::not_found;
            co_return unknown;
        }
    }

    /// Writes what must not be lost, and gives GitHub the secret where it made none.
    asio::awaitable<Result<void>> keep(const github::App& app) {
        const bool ours = plan_.secret || app.webhook_secret.empty();
        const std::string secret = plan_.secret                 ? *plan_.secret
                                   : app.webhook_secret.empty() ? random_hex(32)
                                                                : app.webhook_secret;
        private_key_ = app.private_key;
        settings_ = settings_address(app, plan_.wish);
        left_.app_id = std::to_string(app.id);
        left_.api_url = plan_.api_url;
        left_.unit = plan_.place.unit;
        left_.kubernetes = plan_.kubernetes;
        const auto written = plan_.kubernetes ? print(secret) : write(secret);
        if (written.has_error())
            co_return fail(written.error().code,
                           written.error().message +
                               "; the App is made, and its key is lost: delete it at " + settings_ +
                               "/advanced, and begin again");
        credentials_ = std::make_unique<github::AppCredentials>(
            http_, clock_, plan_.wish.github.api, left_.app_id,
            [this]() -> Result<std::string> { return private_key_; });
        connecting_ = std::make_unique<github::Connecting>(http_, clock_, plan_.wish.github.api,
                                                           *credentials_);
        if (ours && secret_kept_) co_await give_secret(secret);
        co_return Result<void>();
    }

    asio::awaitable<void> give_secret(std::string secret) {
        Tries tries(terminal_, patience_, clock_);
        for (;;) {
            const auto told = co_await connecting_->set_app_secret(secret);
            if (told.has_value() && told->ok()) co_return;
            const Outcome outcome = outcome_of(told);
            const bool more = co_await tries.again(outcome);
            if (more) continue;
            const std::string why =
                told.has_error() ? told.error().message : in_words(told->status, told->message);
            undone_.push_back("the secret could not be given to the App: " + why +
                              "; put what webhook-secret holds into its settings by hand, at " +
                              settings_);
            co_return;
        }
    }

    /// Only a key that is nowhere is an error: all else can be mended, and is said with the steps.
    Result<void> write(const std::string& secret) {
        left_.secret_file = plan_.place.file(secret_name);
        left_.key_file = plan_.place.file(key_name);
        left_.settings_file = plan_.place.file(settings_name(plan_.place));
        left_.key_of_api = plan_.place.missing_api_key();
        left_.key_wanted = lacks_api_key(plan_.environment);
        // The key first: GitHub gives it once.
        if (auto written = write_private_file(left_.key_file, private_key_); written.has_error())
            return written;
        std::string list = "  " + printable(left_.key_file) + "\n";
        if (!plan_.secret)
            if (const auto written = write_private_file(left_.secret_file, secret + "\n");
                written.has_error()) {
                secret_kept_ = false;
                undone_.push_back(
                    "the webhook's secret is not written: " + written.error().message +
                    "; write one of your own into " + left_.secret_file +
                    ", and the same into the App's settings at " + settings_);
            }
        if (secret_kept_)
            list += "  " + printable(left_.secret_file) +
                    (plan_.secret ? " (was there, and is the App's now)" : "") + "\n";
        const std::string lines = left_.unit.empty() ? environment_file(left_) : drop_in(left_);
        if (const auto written = write_private_file(left_.settings_file, lines);
            written.has_value()) {
            list += "  " + printable(left_.settings_file) + "\n";
        } else {
            undone_.push_back("the settings are not written: " + written.error().message +
                              "; put the lines below into " + left_.settings_file);
            by_hand_ = "For " + printable(left_.settings_file) + ":\n" + lines;
        }
        terminal_.say("Written, for their owner's eyes alone:\n" + list);
        return {};
    }

    Result<void> print(const std::string& secret) {
        const std::string text =
            kubernetes_secret({{secret_name, secret}, {key_name, private_key_}});
        const auto printed = terminal_.data(text);
        if (printed.has_value()) return {};
        // GitHub gives the key once.
        const std::string name = "/runs-agent-secret-" + random_hex(4) + ".yaml";
        for (const std::string& folder : folders_of_caller(plan_.environment)) {
            std::string file = folder;
            file += name;
            if (write_private_file(file, text).has_error()) continue;
            std::string kept = "the Secret: " + printed.error().message + "; it is kept in ";
            kept += file;
            kept += ", for its owner's eyes alone: give that to kubectl apply -f, then remove it";
            undone_.push_back(std::move(kept));
            return {};
        }
        return fail(Errc::io, "the Secret: " + printed.error().message +
                                  "; nor can it be kept in a file, in the current folder or in "
                                  "HOME");
    }

    // What is left to do.

    asio::awaitable<int> go_on(const github::App& app) {
        const std::string missing = lacking(app, plan_.wish);
        if (!missing.empty())
            undone_.push_back("The App has less than was asked for (" + missing + "); mend it at " +
                              settings_ + "/permissions");
        std::string trouble;
        for (const std::string& one : undone_) trouble += (trouble.empty() ? "" : " ") + one + ".";
        if (door_) door_->show(made_page(plan_.wish, app, trouble));
        terminal_.say("The App " + printable(app.slug) + " (" + left_.app_id + ") is made.\n");
        for (const std::string& one : undone_) print_message(one);
        const std::string install_at = app.html_url + "/installations/new";
        terminal_.say(by_hand_ + "1. Start the daemon with it; one that runs, anew:\n" +
                      start_commands(left_) + "2. Install the App on your repositories:\n  " +
                      printable(install_at) + "\n");
        if (!undone_.empty()) co_return Exit::failed;
        if (!plan_.wait) co_return Exit::done;
        terminal_.say(
            "Waiting until it is installed and the first delivery is taken, 15 minutes at most; "
            "Ctrl-C leaves all as it is.\n");
        github::GitHubClient github(http_, clock_, plan_.wish.github.api, *credentials_);
        Awaited awaited;
        awaited.hook.kind = github::HookTarget::app;
        awaited.install_at = install_at;
        awaited.url = plan_.wish.url;
        awaited.show = show_command(left_);
        awaited.log_page = settings_ + "/advanced";
        co_return co_await watch(terminal_, patience_, clock_, *connecting_, github,
                                 std::move(awaited));
    }

    asio::awaitable<int> end(Error error) {
        if (door_) door_->show(fault_page(printable(error.message)));
        const int exit = report(error);
        co_await close();
        co_return exit;
    }

    /// The browser gets what it waits for.
    asio::awaitable<void> close() {
        if (door_) co_await door_->stop(std::chrono::seconds(2));
    }

    asio::any_io_executor executor_;
    const Plan plan_;
    const Terminal terminal_;
    SystemClock clock_;
    net::HttpClient http_;
    Patience patience_;
    std::unique_ptr<Door> door_;
    bool stranger_told_ = false;
    std::string private_key_;
    std::string settings_;  // the App's page
    bool secret_kept_ = true;
    Left left_;
    std::vector<std::string> undone_;  // what failed once the key was kept, and how to mend it
    std::string by_hand_;              // lines that could not be written
    std::unique_ptr<github::AppCredentials> credentials_;
    std::unique_ptr<github::Connecting> connecting_;
};

}  // namespace

asio::awaitable<int> make_app(Plan plan) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto work = std::make_unique<AppSetup>(executor, std::move(plan));
    co_return co_await work->run();
}

}  // namespace runs_agent::agent::setup
