// SPDX-License-Identifier: MIT
// `runs-agent health`: asks a running daemon how it is. For health checks of containers, where
// there is no curl and no shell.
#include "agent/cli/command.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/print_answer.hpp"
#include "agent/version.hpp"
#include "config/environment.hpp"
#include "config/service.hpp"
#include "net/client/http_client.hpp"
#include "net/listen_address.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

struct Options {
    std::string url;
    bool ready = false;
    bool json = false;
};

/// Where the daemon with this environment answers. Nothing else of its configuration is read: a
/// policy that was broken meanwhile does not make a running daemon ill.
Result<std::string> own_url(bool ready) {
    const auto environment = config::environment_of_command();
    const auto given = environment.get("RUNS_AGENT_LISTEN");
    if (given.has_error()) return given.error();
    auto endpoint = net::parse_listen_address(given->value_or("127.0.0.1:8080"));
    if (endpoint.has_error())
        return fail(Errc::bad_input, "RUNS_AGENT_LISTEN: " + endpoint.error().message);
    if (endpoint->port() == 0)
        return fail(Errc::bad_input,
                    "RUNS_AGENT_LISTEN leaves the port to the system; name the address that the "
                    "daemon's log shows with --url");
    if (endpoint->address().is_unspecified()) {
        if (endpoint->address().is_v4())
            endpoint->address(asio::ip::address_v4::loopback());
        else
            endpoint->address(asio::ip::address_v6::loopback());
    }
    const bool tls = environment.has("RUNS_AGENT_TLS_CERTIFICATE") ||
                     environment.has("RUNS_AGENT_TLS_CERTIFICATE_FILE");
    return (tls ? "https://" : "http://") + net::to_text(*endpoint) +
           (ready ? "/readyz" : "/healthz");
}

net::ClientOptions quick() {
    net::ClientOptions network;
    // In all less than the five seconds after which containers give a health check up.
    network.connect_timeout = std::chrono::seconds(1);
    network.handshake_timeout = std::chrono::seconds(1);
    network.answer_timeout = std::chrono::milliseconds(2500);
    network.user_agent = std::string("runs-agent/") + version;
    return network;
}

asio::awaitable<int> ask(std::string url, bool own, bool json) {
    const auto executor = co_await asio::this_coro::executor;
    net::ClientOptions network = quick();
    network.verify = !own;  // the certificate names the address that GitHub knows
    net::HttpClient client(executor, std::move(network));
    net::HttpRequest request;
    request.method = "GET";
    request.target = url;
    const auto answer = co_await client.send(std::move(request));
    if (answer.has_error()) co_return report(answer.error());
    print_answer(*answer, json);
    if (answer->status == 200) co_return Exit::done;
    co_return report(
        fail(Errc::refused, url + " is not well: it answered " + std::to_string(answer->status)));
}

int health(const Options& options) {
    const bool own = options.url.empty();
    const auto url = own ? own_url(options.ready) : Result<std::string>(options.url);
    if (url.has_error()) return report(url.error());
    return run_to_end([&] { return ask(*url, own, options.json); });
}

}  // namespace

void add_health(CLI::App& program, Chosen& chosen) {
    CLI::App* const command =
        program.add_subcommand("health", "Ask a running daemon whether it is well");
    command->footer(
        "Asks /healthz where RUNS_AGENT_LISTEN says, within 5 seconds. Exits 0 where it answers "
        "200, else 1.\n"
        "Example:\n  runs-agent health --ready");
    const auto options = std::make_shared<Options>();
    CLI::Option* const url = command->add_option("--url", options->url, "Ask this address instead");
    command->add_flag("--ready", options->ready, "Ask /readyz: is it able to work?")->excludes(url);
    command->add_flag("--json", options->json, "Print the answer's body alone");
    command->callback([&chosen, options] { chosen = [options] { return health(*options); }; });
}

}  // namespace runs_agent::agent
