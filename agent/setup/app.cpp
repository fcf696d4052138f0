// SPDX-License-Identifier: MIT
#include "agent/cli/report.hpp"
#include "agent/daemon/private_file.hpp"
#include "agent/setup/door.hpp"
#include "agent/setup/made_app.hpp"
#include "agent/setup/page.hpp"
#include "agent/setup/patience.hpp"
#include "agent/setup/plan.hpp"
#include "agent/setup/terminal.hpp"
#include "agent/setup/texts.hpp"
#include "agent/setup/waiting.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "github/app_credentials.hpp"
#include "github/client.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <unistd.h>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;

/// A code works for an hour.
constexpr std::chrono::hours bound_of_button{1};
/// Between tries of what GitHub refuses in passing, as a new App's first requests at times.
constexpr std::array pauses{milliseconds(500), milliseconds(1000), milliseconds(2000),
                            milliseconds(4000), milliseconds(8000)};
/// Where nothing listens: the address that the browser ends on is copied from its address bar.
constexpr const char* nowhere = "http://127.0.0.1:4567/back";

Error begin_again(const std::string& why, const Wish& wish) {
    const std::string apps =
        wish.github.web +
        (wish.owner.empty() ? "" : "/organizations/" + net::percent_encode(wish.owner)) +
        "/settings/apps";
    return fail(Errc::refused,
                why + "; begin again, and delete the App at " + apps + " if one is there already");
}

class AppSetup {
public:
    AppSetup(const asio::any_io_executor& executor, Plan plan)
        : executor_(executor),
          plan_(std::move(plan)),
          terminal_(plan_.kubernetes),
          http_(executor, plan_.network) {}

    asio::awaitable<int> run() {
        Result<std::string> code = fail(Errc::stopping, "");
        if (plan_.paste) code = pasted();  // blocks, and Ctrl-C ends it
        patience_ = std::make_unique<Patience>(executor_, clock_);
        if (!plan_.paste) code = co_await by_browser();
        if (code.has_error()) co_return report(code.error());
        Result<github::App> app = co_await convert(*code);
        if (app.has_value())
            if (const auto good = check_made(*app, plan_.wish); good.has_error())
                app = good.error();
        if (app.has_error()) co_return co_await end(app.error());
        const auto kept = co_await keep(*app);
        if (kept.has_error()) co_return co_await end(kept.error());
        const int exit = co_await go_on(*app);
        co_await close();
        co_return exit;
    }

private:
    // What the browser does.

    asio::awaitable<Result<std::string>> by_browser() {
        door_ = std::make_unique<Door>(
            executor_, plan_.wish, random_hex(16), [this] { patience_->notify(); },
            [this] {
                terminal_.say(
                    "A browser came with an address that GitHub did not make for this "
                    "set-up; it was passed over.\n");
            });
        const auto started = door_->start();
        if (started.has_error()) co_return started.error();
        tell_where();
        const SteadyTime end = clock_.steady() + bound_of_button;
        while (!patience_->over() && clock_.steady() < end) {
            if (const auto code = door_->code()) {
                terminal_.say("GitHub sent the browser back; asking for the App's secrets …\n");
                co_return *code;
            }
            co_await patience_->wait(end - clock_.steady());
        }
        co_return fail(Errc::stopping,
                       "nothing was made, and nothing written; the same command begins again");
    }

    void tell_where() const {
        std::string text = "Open this address in a browser that is signed in to " +
                           printable(plan_.wish.github.host) + ", and press its button:\n  " +
                           door_->address() + "\n";
        const std::string connection = variable("SSH_CONNECTION");
        const bool no_screen = variable("DISPLAY").empty() && variable("WAYLAND_DISPLAY").empty();
        if (!connection.empty() || no_screen) {
            std::array<char, 256> host{};
            if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0')
                host = {'H', 'O', 'S', 'T'};
            const std::string sudo_user = variable("SUDO_USER");
            const std::string user = sudo_user.empty() ? variable("USER") : sudo_user;
            text += "Is the browser on another machine? Then there, first (or use --paste):\n  " +
                    printable(tunnel_command(door_->port(), user, connection, host.data())) + "\n";
        }
        terminal_.say(text);
    }

    std::string variable(const std::string& name) const {
        const auto value = plan_.environment.get(name);
        return value.has_value() && *value ? **value : std::string();
    }

    Result<std::string> pasted() {
        const std::string state = random_hex(16);
        const std::string file = plan_.place.file("setup-" + state.substr(0, 8) + ".html");
        const auto written =
            write_private_file(file, button_page(plan_.wish, manifest(plan_.wish, nowhere), state));
        if (written.has_error()) return written.error();
        terminal_.say(
            "1. Open this file in a browser that is signed in to " +
            printable(plan_.wish.github.host) +
            ", copied to its machine if that is another, and press its button:\n  " +
            printable(file) +
            "\n2. The browser ends on an address that it cannot open, which begins with " +
            nowhere + "\n");
        const auto line = terminal_.ask("   Paste that address");
        ::unlink(file.c_str());
        if (line.has_error()) return line.error();
        const auto back = read_return(*line);
        if (back.has_error()) return back.error();
        if (same_state(back->state, state)) return back->code;
        return begin_again(
            "that address was not made by GitHub for this set-up: its state is "
            "another",
            plan_.wish);
    }

    // What GitHub is asked.

    /// Is it worth another try? A new App is not known everywhere at once.
    template <class Value>
    static bool passing(const Result<github::Answer<Value>>& answer) {
        if (answer.has_error())
            return answer.error().code == Errc::network || answer.error().code == Errc::timeout;
        return answer->status == 401 || answer->status >= 500;
    }

    asio::awaitable<Result<github::App>> convert(std::string code) {
        github::NoCredentials nobody;
        github::Connecting github(http_, clock_, plan_.wish.github.api, nobody);
        Result<github::Answer<github::App>> answer = co_await github.convert_manifest(code);
        for (const milliseconds pause : pauses) {
            if (!passing(answer) || patience_->over()) break;
            co_await patience_->wait(pause);
            answer = co_await github.convert_manifest(code);
        }
        if (answer.has_error()) co_return begin_again(answer.error().message, plan_.wish);
        if (answer->value) co_return std::move(*answer->value);
        Error refused = begin_again(in_words(answer->status, answer->message), plan_.wish);
        if (answer->status == 404) {
            refused = begin_again(
                "GitHub does not know the code that it sent the browser back with: it works once, "
                "and for an hour",
                plan_.wish);
            refused.code = Errc::not_found;
        }
        co_return refused;
    }

    /// Writes what must not be lost, and gives GitHub the secret where it made none.
    asio::awaitable<Result<void>> keep(const github::App& app) {
        const bool ours = plan_.secret || app.webhook_secret.empty();
        const std::string secret = plan_.secret                 ? *plan_.secret
                                   : app.webhook_secret.empty() ? random_hex(32)
                                                                : app.webhook_secret;
        app_id_ = std::to_string(app.id);
        private_key_ = app.private_key;
        left_.app_id = app_id_;
        left_.slug = app.slug;
        left_.api_url = plan_.api_url;
        left_.unit = plan_.place.unit;
        const auto written = plan_.kubernetes ? print(secret) : write(secret);
        if (written.has_error())
            co_return fail(written.error().code,
                           written.error().message + "; the App is made: delete it at " +
                               settings_address(app, plan_.wish) + "/advanced, and begin again");
        credentials_ = std::make_unique<github::AppCredentials>(
            http_, clock_, plan_.wish.github.api, app_id_,
            [this]() -> Result<std::string> { return private_key_; });
        connecting_ = std::make_unique<github::Connecting>(http_, clock_, plan_.wish.github.api,
                                                           *credentials_);
        if (!ours) co_return Result<void>();
        Result<github::Answer<github::NoValue>> told = co_await connecting_->set_app_secret(secret);
        for (const milliseconds pause : pauses) {
            if (!passing(told) || patience_->over()) break;
            co_await patience_->wait(pause);
            told = co_await connecting_->set_app_secret(secret);
        }
        if (told.has_value() && told->ok()) co_return Result<void>();
        const std::string why =
            told.has_error() ? told.error().message : in_words(told->status, told->message);
        co_return fail(Errc::refused,
                       "the secret could not be given to the App: " + why +
                           "; put what webhook-secret holds into its settings by hand, at " +
                           settings_address(app, plan_.wish));
    }

    Result<void> write(const std::string& secret) {
        left_.secret_file = plan_.place.file("webhook-secret");
        left_.key_file = plan_.place.file("github-app.pem");
        left_.settings_file =
            plan_.place.file(left_.unit.empty() ? "github-app.env" : "github-app.conf");
        left_.key_of_api = plan_.place.missing_api_key();
        left_.key_wanted = lacks_api_key(plan_.environment);
        // The key first: GitHub gives it once.
        auto written = write_private_file(left_.key_file, private_key_);
        if (written.has_value() && !plan_.secret)
            written = write_private_file(left_.secret_file, secret + "\n");
        if (written.has_value())
            written = write_private_file(
                left_.settings_file, left_.unit.empty() ? environment_file(left_) : drop_in(left_));
        if (written.has_error()) return written;
        terminal_.say("Written, for their owner's eyes alone:\n  " + printable(left_.key_file) +
                      "\n  " + printable(left_.secret_file) +
                      (plan_.secret ? " (was there, and is the App's now)" : "") + "\n  " +
                      printable(left_.settings_file) + "\n");
        return {};
    }

    Result<void> print(const std::string& secret) {
        terminal_.data(
            kubernetes_secret({{"webhook-secret", secret}, {"github-app.pem", private_key_}}));
        return {};
    }

    // What is left to do.

    asio::awaitable<int> go_on(const github::App& app) {
        const std::string missing = lacking(app, plan_.wish);
        std::string trouble;
        if (!missing.empty())
            trouble = "The App has less than was asked for (" + missing + "); mend it at " +
                      settings_address(app, plan_.wish) + "/permissions";
        if (door_) door_->show(made_page(plan_.wish, app, trouble));
        terminal_.say("The App " + printable(app.slug) + " (" + app_id_ + ") is made.\n");
        if (!trouble.empty()) print_message(trouble);
        const std::string install_at = app.html_url + "/installations/new";
        terminal_.say("1. Start the daemon with it:\n" +
                      (plan_.kubernetes ? start_on_kubernetes(left_) : start_commands(left_)) +
                      "2. Install the App on your repositories:\n  " + printable(install_at) +
                      "\n");
        if (!trouble.empty() || !plan_.wait) co_return trouble.empty() ? Exit::done : Exit::failed;
        terminal_.say("Waiting for both, 15 minutes at most; Ctrl-C leaves all as it is.\n");
        github::GitHubClient github(http_, clock_, plan_.wish.github.api, *credentials_);
        Awaited awaited;
        awaited.hook.kind = github::HookTarget::app;
        awaited.install_at = install_at;
        awaited.url = plan_.wish.url;
        awaited.show = show_command(left_.unit);
        awaited.log_page = settings_address(app, plan_.wish) + "/advanced";
        co_return co_await watch(terminal_, *patience_, clock_, *connecting_, github,
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
    std::unique_ptr<Patience> patience_;
    std::unique_ptr<Door> door_;
    std::string app_id_;
    std::string private_key_;
    Left left_;
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
