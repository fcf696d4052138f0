// SPDX-License-Identifier: MIT
// `runs-agent explain`: which rule fires for each delivery, which calls would be made, and why,
// with no network and no database.
#include "agent/cli/command.hpp"
#include "agent/cli/explain_input.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/read_file.hpp"
#include "agent/cli/report.hpp"
#include "base/time_text.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "decide/decide.hpp"
#include "json/writing.hpp"
#include "observe/printable.hpp"
#include "webhooks/deliveries/facts.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace runs_agent::agent {

using decide::Decision;
using decide::Operation;
using decide::PlannedCall;
using json::put_or_null;

namespace {

struct Options {
    config::Flags flags;
    std::string file;
    bool json = false;
};

Decision explain(const ExplainedDelivery& delivery, const decide::Policy& policy,
                 decide::History& history) {
    Decision decision;
    const auto facts = webhooks::read_facts(delivery.event, delivery.host, delivery.payload);
    if (const auto* const ignored = std::get_if<webhooks::Ignored>(&facts)) {
        decision.reason = ignored->because;
        return decision;
    }
    const auto& event = std::get<decide::Event>(facts);
    if (const auto* const job = std::get_if<decide::WorkflowJob>(&event)) {
        decision = decide::decide(*job, policy, history.known_of(*job));
        history.record(decision);
    } else {
        const auto& run = std::get<decide::WorkflowRun>(event);
        decision = decide::decide(run, policy, history.known_of(run));
        history.record(run, decision);
    }
    return decision;
}

std::string to_json(const ExplainedDelivery& delivery, const Decision& decision) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    put_or_null(json, "delivery", delivery.guid);
    put_or_null(json, "rule", decide::to_string(decision.rule));
    json.Key("calls");
    json.StartArray();
    for (const PlannedCall& call : decision.calls) {
        json.StartObject();
        put_or_null(json, "operation", decide::to_string(call.operation));
        put_or_null(json, "rule", decide::to_string(call.rule));
        put_or_null(json, "githubRunId", std::to_string(call.run.run_id));
        json.Key("githubRunAttempt");
        json.Int(call.attempt);
        put_or_null(json, "projectId", call.project_id);
        if (call.only_if_in_progress) {
            json.Key("onlyIfInProgress");
            json.Bool(true);
        }
        if (call.only_if_in_progress || call.operation == Operation::reset_run)
            put_or_null(json, "ciBuildId", call.ci_build_id);
        if (!call.machine_id.empty()) put_or_null(json, "machineId", call.machine_id);
        if (call.delay.count() > 0) {
            json.Key("delaySeconds");
            json.Int64(call.delay.count() / 1000);
        }
        put_or_null(json, "reason", call.reason);
        json.EndObject();
    }
    json.EndArray();
    json.Key("withdrawn");
    json.StartArray();
    for (const decide::Withdrawal& withdrawal : decision.withdrawn) {
        json.StartObject();
        put_or_null(json, "operation", decide::to_string(withdrawal.operation));
        put_or_null(json, "githubRunId", std::to_string(withdrawal.run.run_id));
        json.Key("githubRunAttempt");
        json.Int(withdrawal.attempt);
        put_or_null(json, "projectId", withdrawal.project_id);
        put_or_null(json, "reason", withdrawal.reason);
        json.EndObject();
    }
    json.EndArray();
    put_or_null(json, "reason", decision.reason);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

/// What a call is, or one that is taken back was.
template <class Call>
std::string named(const Call& call) {
    std::string name = std::string(decide::to_string(call.operation)) + " run " +
                       std::to_string(call.run.run_id) + " attempt " + std::to_string(call.attempt);
    return call.project_id.empty() ? name : name + " project " + printable(call.project_id);
}

std::string to_text(const ExplainedDelivery& delivery, const Decision& decision) {
    std::string text = delivery.guid.empty() ? std::string() : printable(delivery.guid) + "  ";
    text +=
        std::string(decide::to_string(decision.rule)) + "  " + printable(decision.reason) + "\n";
    for (const PlannedCall& call : decision.calls) {
        text += "    " + named(call);
        if (call.only_if_in_progress)
            text += ", only if the run " + printable(call.ci_build_id) + " is found in progress";
        if (call.operation == Operation::reset_run)
            text += ", the run " + printable(call.ci_build_id) +
                    (call.machine_id.empty() ? ": the machines with failed or unfinished specs"
                                             : ": machine " + printable(call.machine_id) +
                                                   ", if it holds unfinished specs");
        if (call.delay.count() > 0) text += ", after " + to_words(call.delay);
        text += "\n";
    }
    for (const decide::Withdrawal& withdrawal : decision.withdrawn)
        text += "    taken back: " + named(withdrawal) + ": " + printable(withdrawal.reason) + "\n";
    if (decision.calls.empty()) text += "    no call\n";
    return text;
}

int run(const Options& options) {
    const auto configuration = config::load(config::environment_of_command(), options.flags);
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const auto text = read_file(options.file);
    if (text.has_error()) return report(text.error());
    const auto deliveries = read_explained(*text);
    if (deliveries.has_error()) return report(deliveries.error());
    decide::History history;
    std::string told;
    for (const ExplainedDelivery& delivery : *deliveries) {
        const Decision decision = explain(delivery, configuration->policy, history);
        told += options.json ? to_json(delivery, decision) + "\n" : to_text(delivery, decision);
    }
    if (options.json)
        standard_output().data(told);
    else
        standard_output().text(told);
    return Exit::done;
}

}  // namespace

void add_explain(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "explain", "Say which rule fires for a delivery, which calls would be made, and why");
    command->footer(
        "FILE holds one payload, or one delivery a line:\n"
        "  {\"event\":\"workflow_run\",\"delivery\":\"<guid>\",\"payload\":{…}}\n"
        "Example:\n  runs-agent send --print --conclusion timed_out | runs-agent explain --event "
        "-");
    const auto options = std::make_shared<Options>();
    command->add_option("--event", options->file, "The file; - is standard input")->required();
    command->add_option("--config", options->flags.config_file,
                        "The policy file (RUNS_AGENT_CONFIG)");
    command->add_flag("--json", options->json, "Print one JSON object a line");
    command->callback([&chosen, options] { chosen = [options] { return run(*options); }; });
}

}  // namespace runs_agent::agent
