// SPDX-License-Identifier: MIT
#include "agent/action/step.hpp"

#include "agent/action/asked/addresses.hpp"
#include "agent/action/asked/describe.hpp"
#include "agent/action/doing/find.hpp"
#include "agent/action/doing/interrupt.hpp"
#include "agent/action/doing/operations.hpp"
#include "agent/action/doing/supersede.hpp"
#include "agent/action/told/console.hpp"
#include "agent/action/told/files.hpp"
#include "agent/action/told/summary.hpp"
#include "agent/cli/client_setup.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/cli/stop_signal.hpp"
#include "base/encoding.hpp"
#include "base/time_text.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;

namespace {

/// A step must end while GitHub still waits for it, so no part may take long.
constexpr std::chrono::milliseconds connect_timeout{5'000};

Result<net::ClientOptions> network(const config::Environment& environment) {
    auto options = client_options(environment);
    if (options.has_error()) {
        // A mistake a line, and an annotation is one.
        std::string message = options.error().message;
        for (auto at = message.find('\n'); at != std::string::npos; at = message.find('\n', at))
            message.replace(at, 1, "; ");
        return fail(options.error().code, std::move(message));
    }
    options->connect_timeout = connect_timeout;
    options->handshake_timeout = connect_timeout;
    return options;
}

int carry_out(const Request& request, const net::ClientOptions& options, Console& console,
              Outcome& outcome) {
    return run_to_end([&]() -> asio::awaitable<int> {
        const auto executor = co_await asio::this_coro::executor;
        StopSignal stopping(executor);
        SystemClock clock;
        net::HttpClient http(executor, options);
        runs_api::RunsApiClient api(http, clock, request.api_url,
                                    [&] { return Result<std::string>(request.api_key); });
        github::TokenCredentials credentials(
            [&] { return Result<std::string>(request.github_token); });
        github::GitHubClient github(http, clock, request.github_api_url, credentials);
        const Retrier::Say say = [&](const std::string& text) { console.line(text); };
        Retrier retrier(clock, say);
        const Services services{api, github, http, clock, retrier, say};
        outcome = co_await until_stopped(perform(request, services), stopping.wait(), clock, say);
        co_return Exit::done;
    });
}

void show_details(const Request& request, Console& console) {
    const bool director =
        request.command == Command::cancel && request.cancel_by == CancelBy::record_key;
    const std::string& url = director ? request.director_url : request.api_url;
    console.line("service: " + url);
    console.detail("attempt " + std::to_string(request.attempt.number) + " of GitHub run " +
                   request.attempt.github_run_id + "; " +
                   (director ? "with the record key" : "with the API key"));
    const auto warn = [&](const std::string& secret, const std::string& to) {
        if (is_in_the_clear(to))
            console.annotate(Level::warning, secret + " travels to " + to +
                                                 " over plain HTTP, where others can read it; use "
                                                 "https, but on a trusted network");
    };
    warn("the key", url);
    if (request.github_token.empty()) return;
    console.line("GitHub: " + request.github_api_url);
    warn("GitHub's token", request.github_api_url);
}

/// The file for Playwright. Where nothing may be narrowed there must be none: Playwright runs all
/// tests with --last-failed where the file is missing, and with one that another run left too few.
void write_last_run(const std::string& output, Console& console, Outcome& outcome) {
    if (output.empty()) return;
    if (!outcome.last_run.empty()) {
        const auto written = write_file(output, outcome.last_run + "\n");
        if (written.has_error())
            outcome = failed(written.error());
        else
            console.line("wrote " + output);
        return;
    }
    const auto removed = remove_file(output);
    if (removed.has_error() && !outcome.failure) outcome = failed(removed.error());
    if (removed.has_value() && *removed)
        console.line("removed " + output + ", which another run left");
}

/// What later steps and people read. A failure of the first is the step's, since later steps build
/// on it.
void write_files(const Inputs& inputs, const std::string& command, const std::string& asked,
                 Console& console, Outcome& outcome) {
    const auto file = inputs.variable("GITHUB_OUTPUT");
    if (file.has_value() && !file->empty()) {
        std::string entries;
        for (const auto& [name, value] : outputs_of(outcome))
            entries += output_entry(name, value, random_uuid);
        const auto written = append_to_file(*file, entries);
        if (written.has_error() && !outcome.failure) outcome = failed(written.error());
    }
    const auto page = inputs.variable("GITHUB_STEP_SUMMARY");
    if (!page.has_value() || page->empty()) return;
    const auto written = append_to_file(*page, summary(command, asked, outcome));
    if (written.has_error()) console.annotate(Level::warning, written.error().message);
}

int end(const Outcome& outcome) {
    if (!outcome.failure) return Exit::done;
    return report(fail(*outcome.failure, outcome.happened));
}

}  // namespace

int run_step(bool json) {
    const auto began = std::chrono::steady_clock::now();
    const auto environment = config::Environment::of_process();
    const Inputs inputs(environment);
    const auto debug = inputs.variable("RUNNER_DEBUG");
    // The runner reads commands off both; with --json, standard output is for the JSON alone.
    Console console(json ? standard_error() : standard_output(),
                    debug.has_value() && *debug == "1");
    for (const std::string& secret : inputs.secrets()) console.mask(secret);

    const auto request = read_request(inputs);
    const bool idle = request.has_value() && asks_nothing(*request);
    // What is not used need not be right.
    const auto options =
        idle ? Result<net::ClientOptions>(net::ClientOptions()) : network(environment);
    Outcome outcome;
    std::string asked;
    if (request.has_error()) {
        outcome = failed(request.error());
    } else if (options.has_error()) {
        outcome = failed(options.error());
    } else {
        console.hide(request->api_key);
        console.hide(request->record_key);
        console.hide(request->github_token);
        asked = describe(*request);
        console.group("runs-agent: " + asked);
        if (idle) {
            outcome = request->command == Command::find
                          ? no_earlier_attempt()
                          : nothing_superseded(request->supersedes_nothing);
        } else {
            show_details(*request, console);
            carry_out(*request, *options, console, outcome);
        }
        outcome.happened = console.without_secrets(outcome.happened);
        outcome.reason = console.without_secrets(outcome.reason);
        for (Row& row : outcome.rows) row.happened = console.without_secrets(row.happened);
    }
    const std::string command =
        request.has_value() ? std::string(to_string(request->command)) : "wrong inputs";
    // Also where the inputs are wrong: a job may go on all the same.
    if (request.has_error() || request->pw_last_run)
        write_last_run(last_run_file(inputs), console, outcome);
    write_files(inputs, command, asked.empty() ? "the step's inputs" : asked, console, outcome);
    if (!asked.empty()) console.end_group();
    console.annotate(outcome.level, outcome.happened);
    if (!outcome.run_url.empty()) console.line("run: " + outcome.run_url);
    console.line("took " + to_words(std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::steady_clock::now() - began)));
    if (json && request.has_value()) standard_output().data(to_json(outcome));
    return end(outcome);
}

}  // namespace runs_agent::agent::action
