// SPDX-License-Identifier: MIT
// `runs-agent setup`: connects the daemon to GitHub. What is not told by options is asked.
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/setup/plan.hpp"
#include "agent/setup/terminal.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "config/service.hpp"
#include "github/connecting.hpp"
#include "github/request.hpp"
#include "net/url.hpp"
#include "observe/printable.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <memory>
#include <unistd.h>

namespace runs_agent::agent {

namespace {

using namespace setup;  // NOLINT(google-build-using-namespace): this file is its command

struct Options {
    std::string org;
    std::string repository;
    bool own_account = false;
    std::string url;
    std::string host;
    std::string name;
    bool cancel_workflows = false;
    bool jobs = false;
    std::string output;
    bool paste = false;
    bool kubernetes = false;
    bool webhook = false;
    bool no_wait = false;

    bool owner_known() const { return own_account || !org.empty() || !repository.empty(); }
};

std::string missing_options(const Options& options) {
    std::string missing;
    if (!options.owner_known())
        missing =
            options.webhook ? "--org ORG or --repository OWNER/NAME" : "--org ORG or --own-account";
    if (options.url.empty()) missing += (missing.empty() ? "" : ", ") + std::string("--url URL");
    return missing;
}

/// By this machine's own name, where it has one that others may know.
std::string likely_url() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return {};
    const std::string host = name.data();
    return host.find('.') == std::string::npos ? "" : "https://" + host + "/webhooks/github";
}

Result<void> ask_owner(Options& options, const Terminal& terminal) {
    auto answer =
        terminal.ask(options.webhook ? "Organization, or repository as OWNER/NAME"
                                     : "Organization that is to own the App (empty: your account)");
    if (answer.has_error()) return answer.error();
    if (options.webhook && answer->find('/') != std::string::npos)
        options.repository = std::move(*answer);
    else
        options.org = std::move(*answer);
    if (options.org.empty() && options.repository.empty()) options.own_account = true;
    return {};
}

Result<std::string> owner_of(const Options& options) {
    std::string owner = options.repository.empty() ? options.org : options.repository;
    if (owner.empty() && options.webhook)
        return fail(Errc::bad_input,
                    "an account has no webhook of its own; say --repository OWNER/NAME or --org");
    if (owner.empty()) return owner;
    const bool as_repository = owner.find('/') != std::string::npos;
    if (as_repository != !options.repository.empty())
        return fail(Errc::bad_input,
                    "--org takes an organization's login, --repository "
                    "OWNER/NAME");
    if (const auto path = github::hooks_path(owner); path.has_error()) return path.error();
    return owner;
}

/// Asks for what is missing; where nobody can be asked, names it.
Result<void> complete(Options& options) {
    const std::string missing = missing_options(options);
    if (missing.empty()) return {};
    if (!input_is_terminal())
        return fail(Errc::bad_input,
                    "say " + missing + ": there is no terminal to ask at; see setup --help");
    const Terminal terminal(options.kubernetes);
    while (!options.owner_known()) {
        if (const auto asked = ask_owner(options, terminal); asked.has_error()) return asked;
        if (const auto owner = owner_of(options); owner.has_error()) {
            terminal.say(printable(owner.error().message) + "\n");
            options.org.clear();
            options.repository.clear();
            options.own_account = false;
        }
    }
    while (options.url.empty()) {
        auto url = terminal.ask("Address at which GitHub reaches the daemon", likely_url());
        if (url.has_error()) return url.error();
        if (const auto good = webhook_url(*url); good.has_value())
            options.url = std::move(*url);
        else
            terminal.say(printable(good.error().message) + "\n");
    }
    return {};
}

/// --host, else GITHUB_API_URL, else github.com.
Result<Places> find_github(const Options& options, const config::Environment& environment) {
    if (!options.host.empty()) return places_of(options.host);
    const auto told = environment.get("GITHUB_API_URL");
    if (told.has_error()) return told.error();
    if (!*told) return places_of("github.com");
    const auto host = github::host_of_api(**told);
    if (host.has_error()) return fail(Errc::bad_input, "GITHUB_API_URL: " + host.error().message);
    auto places = places_of(((*told)->starts_with("http://") ? "http://" : "") + *host);
    if (places.has_value()) places->api = **told;
    return places;
}

Result<Wish> wish_of(const Options& options, const config::Environment& environment) {
    Wish wish;
    auto places = find_github(options, environment);
    if (places.has_error()) return places.error();
    auto owner = owner_of(options);
    if (owner.has_error()) return owner.error();
    auto url = webhook_url(options.url);
    if (url.has_error()) return url.error();
    wish.github = std::move(*places);
    wish.owner = std::move(*owner);
    wish.url = std::move(*url);
    wish.name = options.name.empty() ? app_name(wish.owner, random_hex(3)) : options.name;
    wish.cancel_workflows = options.cancel_workflows;
    wish.jobs = options.jobs;
    if (const auto good = check_app_name(wish.name); good.has_error()) return good.error();
    return wish;
}

/// However its end is written.
bool same_api(std::string one, std::string other) {
    for (std::string* const url : {&one, &other})
        while (url->ends_with('/')) url->pop_back();
    return equals_ignoring_case(one, other);
}

/// What is set already and would hold against what setup writes: an old App's id with the new one's
/// key. Of a service, EnvironmentFile= holds before Environment=, so no drop-in mends it.
Result<void> check_settings(const Plan& plan, const config::Environment& beside, bool webhook) {
    const std::string where = plan.place.unit.empty()
                                  ? "in this environment"
                                  : "for the service (its environment file, or a drop-in)";
    std::vector<std::string> names{"GITHUB_WEBHOOK_SECRET"};
    if (!webhook)
        names.insert(names.end(),
                     {"GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_PRIVATE_KEY_FILE"});
    for (const std::string& name : names)
        if (beside.has(name)) {
            std::string why = name;
            why += " is set already ";
            why += where;
            why += ", and would hold against what setup writes; take it out there first";
            return fail(Errc::bad_input, std::move(why));
        }
    const auto api = beside.get("GITHUB_API_URL");
    if (webhook || plan.place.unit.empty() || api.has_error() || !*api) return {};
    if (same_api(**api, plan.wish.github.api)) return {};
    return fail(Errc::bad_input, "GITHUB_API_URL is set " + where + " to another GitHub than " +
                                     plan.wish.github.host +
                                     "; change it there first, or give --host the one that it "
                                     "names");
}

/// Everything that can be known to be wrong is, before GitHub is asked for anything.
Result<Plan> plan_of(const Options& options, const config::Environment& environment) {
    auto wish = wish_of(options, environment);
    if (wish.has_error()) return wish.error();
    Result<Place> place = Place();
    if (!options.kubernetes) place = find_place(options.output, environment);
    if (place.has_error()) return place.error();
    Plan plan{std::move(*wish),   std::move(*place), {}, {},         options.paste,
              options.kubernetes, !options.no_wait,  {}, environment};
    if (plan.wish.github.host != "github.com") plan.api_url = plan.wish.github.api;
    if (options.kubernetes) {
        plan.place.unit.clear();
        return plan;
    }
    // The service's own settings, or for files elsewhere those of the shell that will read them.
    const config::Environment beside =
        plan.place.unit.empty() ? config::Environment::of_process() : environment;
    if (beside.has("GITHUB_API_URL")) plan.api_url = plan.wish.github.api;
    if (const auto clear = check_settings(plan, beside, options.webhook); clear.has_error())
        return clear.error();
    auto secret = find_secret(plan.place);
    if (secret.has_error()) return secret.error();
    plan.secret = std::move(*secret);
    if (options.webhook) return plan;
    const std::vector<std::string> names{key_name, settings_name(plan.place)};
    if (const auto free = check_free(plan.place, names); free.has_error()) return free.error();
    return plan;
}

int set_up(Options options) {
    if (options.kubernetes) {
        if (output_is_terminal())
            return report_usage(
                "--kubernetes prints secrets, and this is a terminal; send them on, with "
                "`| kubectl apply -f -` say");
        // Before any file or socket is opened, which would take the number of a closed one.
        if (const auto taken = Terminal(true).check_data(); taken.has_error())
            return report(taken.error());
    }
    const auto environment = config::environment_of_command();
    if (options.webhook) {
        const auto token = environment.get("GITHUB_TOKEN");
        if (token.has_error()) return report(token.error());
        if (!*token)
            return report_usage(
                "--webhook makes the webhook with a token: set GITHUB_TOKEN, or GITHUB_TOKEN_FILE "
                "to a file that holds it");
    }
    const auto network = client_options(environment);
    if (network.has_error()) return report_mistakes(network.error());
    if (const auto whole = complete(options); whole.has_error()) return report(whole.error());
    auto plan = plan_of(options, environment);
    if (plan.has_error()) return report(plan.error());
    plan->network = *network;
    if (const std::string doubt = doubt_of(plan->wish); !doubt.empty()) print_message(doubt);
    Terminal(options.kubernetes).say("Deliveries go to " + printable(plan->wish.url) + "\n");
    return run_to_end([&] { return options.webhook ? make_webhook(*plan) : make_app(*plan); });
}

void add_options(CLI::App& command, Options& options) {
    CLI::Option* const org = command.add_option(
        "--org", options.org, "The organization that is to own the App, or the webhook");
    CLI::Option* const repository = command.add_option(
        "--repository", options.repository, "With --webhook: of this repository, OWNER/NAME");
    command.add_flag("--own-account", options.own_account, "Your own account is to own the App")
        ->excludes(org)
        ->excludes(repository);
    repository->excludes(org);
    command.add_option("--url", options.url,
                       "Where GitHub reaches the daemon: https://HOST, with /webhooks/github where "
                       "no path is given");
    command.add_option("--host", options.host,
                       "GitHub's host, where it is not github.com (else that of GITHUB_API_URL)");
    CLI::Option* const name = command.add_option(
        "--name", options.name, "The App's name; absent: runs-agent- and the organization");
    CLI::Option* const cancel = command.add_flag(
        "--cancel-workflows", options.cancel_workflows,
        "The App may cancel workflow runs, for superseded.cancel_workflow in the policy");
    command.add_flag("--jobs", options.jobs,
                     "Jobs are delivered, too, so that a dead runner's specs go to the others");
    CLI::Option* const output = command.add_option(
        "--output", options.output,
        "The folder for the secrets; absent: the installed service's, or this one");
    CLI::Option* const paste = command.add_flag(
        "--paste", options.paste, "Do not listen: the address that the browser ended on is pasted");
    command
        .add_flag("--kubernetes", options.kubernetes,
                  "Print a Secret for kubectl instead of writing files")
        ->excludes(output);
    CLI::Option* const webhook =
        command
            .add_flag("--webhook", options.webhook,
                      "Make a webhook with GITHUB_TOKEN, and no GitHub App")
            ->excludes(name)
            ->excludes(cancel)
            ->excludes(paste);
    repository->needs(webhook);
    command.add_flag("--no-wait", options.no_wait,
                     "Do not wait until it is installed and the first delivery arrives");
}

}  // namespace

void add_setup(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "setup", "Connect the daemon to GitHub: make a GitHub App in two clicks, or a webhook");
    command->footer(
        "Asks for the organization and the address where they are not given. It writes over no "
        "file.\n"
        "Example:\n  runs-agent setup --org octo --url https://agent.example.com\n"
        "  GITHUB_TOKEN_FILE=token runs-agent setup --webhook --repository octo/shop"
        " --url https://agent.example.com");
    const auto options = std::make_shared<Options>();
    add_options(*command, *options);
    command->callback([&chosen, options] { chosen = [options] { return set_up(*options); }; });
}

}  // namespace runs_agent::agent
