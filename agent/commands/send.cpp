// SPDX-License-Identifier: MIT
// `runs-agent send`: signs a delivery and posts it, to test one's own set-up.
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/read_file.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/print_answer.hpp"
#include "agent/version.hpp"
#include "base/encoding.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "webhooks/deliveries/sample.hpp"
#include "webhooks/receiving/signature.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

struct Options {
    webhooks::Sample sample;
    std::string url = "http://127.0.0.1:8080/webhooks/github";
    std::string file;  // a payload to send instead of a sample; "-": standard input
    std::string delivery;
    std::string enterprise_host;
    bool form = false;
    bool print = false;
    bool json = false;
};

Result<std::string> make_body(const Options& options) {
    if (!options.file.empty()) return read_file(options.file);
    return webhooks::make_payload(options.sample, SystemClock().now());
}

net::HttpRequest make_request(const Options& options, std::string payload,
                              const std::string& secret) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = options.url;
    request.body = options.form ? "payload=" + net::percent_encode(payload) : std::move(payload);
    request.headers = {
        {"Content-Type", options.form ? "application/x-www-form-urlencoded" : "application/json"},
        {"X-GitHub-Event", options.sample.event},
        {"X-GitHub-Delivery", options.delivery.empty() ? random_uuid() : options.delivery},
        {"X-Hub-Signature-256", webhooks::sign(secret, request.body)}};
    if (!options.enterprise_host.empty())
        request.headers.add("X-GitHub-Enterprise-Host", options.enterprise_host);
    return request;
}

asio::awaitable<int> post(net::ClientOptions network, net::HttpRequest request, bool json) {
    const auto executor = co_await asio::this_coro::executor;
    net::HttpClient client(executor, std::move(network));
    const std::string url = request.target;
    const auto answer = co_await client.send(std::move(request));
    if (answer.has_error()) co_return report(answer.error());
    print_answer(*answer, json);
    if (answer->status >= 200 && answer->status < 300) co_return Exit::done;
    co_return report(fail(Errc::refused, url + " did not take the delivery: it answered " +
                                             std::to_string(answer->status)));
}

int send(const Options& options) {
    auto payload = make_body(options);
    if (payload.has_error()) return report(payload.error());
    if (options.print) {
        standard_output().data(*payload);
        return Exit::done;
    }
    const auto environment = config::environment_of_command();
    const auto configuration = config::load(environment, {}, {"GITHUB_WEBHOOK_SECRET"});
    if (configuration.has_error()) return report_mistakes(configuration.error());
    if (configuration->webhook_secrets.empty())
        return report_usage(
            "there is no secret to sign with: set GITHUB_WEBHOOK_SECRET, or "
            "GITHUB_WEBHOOK_SECRET_FILE"
            " to a file that holds it");
    const auto network = client_options(environment);
    if (network.has_error()) return report_mistakes(network.error());
    net::HttpRequest request =
        make_request(options, std::move(*payload), configuration->webhook_secrets.front());
    return run_to_end([&] { return post(*network, std::move(request), options.json); });
}

}  // namespace

void add_send(CLI::App& program, Chosen& chosen) {
    CLI::App* const command =
        program.add_subcommand("send", "Sign a delivery and post it, to test a set-up");
    command->footer(
        "The secret is taken from GITHUB_WEBHOOK_SECRET (or _FILE).\n"
        "Example:\n  runs-agent send --repository octo/shop --run-id 1001 --conclusion cancelled");
    const auto options = std::make_shared<Options>();
    webhooks::Sample& sample = options->sample;
    command->add_option("--url", options->url, "Where to post it")->capture_default_str();
    command
        ->add_option("--event", sample.event,
                     "workflow_run, workflow_job, ping, or any with --file")
        ->capture_default_str();
    command->add_option("--action", sample.action, "requested, in_progress or completed")
        ->capture_default_str();
    command->add_option("--conclusion", sample.conclusion, "How a completed run ended")
        ->capture_default_str();
    command->add_option("--repository", sample.repository, "owner/name")->capture_default_str();
    command->add_option("--head-repository", sample.head_repository, "owner/name of a fork");
    command->add_option("--workflow", sample.workflow, "The workflow's name")
        ->capture_default_str();
    command->add_option("--branch", sample.branch, "The head branch")->capture_default_str();
    command->add_option("--run-event", sample.run_event, "What triggered the run")
        ->capture_default_str();
    command->add_option("--actor", sample.actor, "Who started the run")->capture_default_str();
    command->add_option("--run-id", sample.run_id, "The workflow run's id")->capture_default_str();
    command->add_option("--run-attempt", sample.run_attempt, "Its attempt")->capture_default_str();
    command->add_option("--run-number", sample.run_number, "Its number")->capture_default_str();
    command->add_option("--file", options->file, "Send this payload instead; - is standard input");
    command->add_option("--delivery", options->delivery, "The delivery's id; absent: a new one");
    command->add_option("--enterprise-host", options->enterprise_host,
                        "The host of a GitHub Enterprise Server");
    command->add_flag("--form", options->form,
                      "As a form (payload=…), GitHub's other content type");
    command->add_flag("--print", options->print, "Print the payload, send nothing");
    command->add_flag("--json", options->json, "Print the answer's body alone");
    command->callback([&chosen, options] { chosen = [options] { return send(*options); }; });
}

}  // namespace runs_agent::agent
