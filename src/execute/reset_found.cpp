// SPDX-License-Identifier: MIT
#include "execute/reset_found.hpp"

#include "runs_api/machines.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <numeric>

namespace runs_agent::execute {

namespace asio = boost::asio;
using runs_api::Answer;
using store::Call;

namespace {

/// Why no machine is reset.
std::string no_machine(const runs_api::Run& run, const std::string& machine_id) {
    if (machine_id.empty()) return "nothing to reset: no machine holds failed or unfinished specs";
    const bool known = std::any_of(
        run.specs.begin(), run.specs.end(),
        [&](const runs_api::SpecSummary& spec) { return spec.machine_id == machine_id; });
    if (known) return "nothing to reset: machine " + machine_id + " holds no unfinished spec";
    return "nothing to reset: no machine has recorded as " + machine_id +
           " (where the job did run specs, set CURRENTS_MACHINE_ID in the workflow to what the "
           "policy's machine_id makes, or machine_id to what the reporter uses)";
}

/// What is to be reset, and how many specs that opens again for each.
struct Machines {
    std::vector<std::string> ids;
    std::vector<std::int64_t> specs;

    /// Of so many from there on.
    std::int64_t specs_of(std::size_t first, std::size_t count) const {
        const auto from = specs.begin() + static_cast<std::ptrdiff_t>(first);
        return std::accumulate(from, from + static_cast<std::ptrdiff_t>(count), std::int64_t{0});
    }
};

asio::awaitable<Performed> reset_machines(runs_api::RunsApi& api, NotWanted not_wanted,
                                          const Call& call, std::string run_id, Machines machines,
                                          std::string log) {
    Performed performed;
    performed.log = std::move(log);
    const std::string all =
        std::to_string(machines.ids.size()) + (machines.ids.size() == 1 ? " machine" : " machines");
    std::vector<runs_api::ResetRun> parts = runs_api::in_reset_parts(machines.ids);
    std::size_t done = 0;
    for (runs_api::ResetRun& part : parts) {
        if (auto instead = co_await in_place_of_request(not_wanted, call.id)) {
            performed.reply = std::move(*instead);
            if (done > 0)
                performed.reply.text.append("; " + std::to_string(done) + " of ")
                    .append(all + " of run ")
                    .append(run_id + " had been reset");
            performed.log += "; " + performed.reply.text;
            co_return performed;
        }
        // What the contract says that is opened; the answer says nothing of it that is promised.
        const std::int64_t expected = machines.specs_of(done, part.machine_ids.size());
        done += part.machine_ids.size();
        const Result<Answer> answer = co_await api.reset_run(run_id, std::move(part));
        performed.reply = to_reply(answer);
        performed.log += "; " + describe("PUT /runs/" + run_id + "/reset", performed.reply);
        // What was reset already holds nothing that failed: trying again goes on from here.
        if (performed.reply.kind != Reply::Kind::answered || !answer->ok()) co_return performed;
        const auto told = answer->data ? answer->data->count("resetSpecs") : std::nullopt;
        performed.specs = performed.specs.value_or(0) + told.value_or(expected);
    }
    performed.reply.run_id = std::move(run_id);
    performed.reply.text = all;
    co_return performed;
}

}  // namespace

asio::awaitable<Performed> reset_found(runs_api::RunsApi& api, NotWanted not_wanted,
                                       const Call& call, Lookup found) {
    if (found.cancelled)
        co_return nothing_to_do("nothing to reset, as a cancellation cannot be undone", found);
    const bool dead_runner = !call.planned.machine_id.empty();
    if (dead_runner && !found.in_progress) co_return nothing_to_do("nothing to reset", found);

    Performed performed;
    Machines machines;
    std::string why_none;
    {
        // A whole run may be long: it is let go before anything is sent.
        const Result<Answer> got = co_await api.get_run(found.run_id);
        performed.reply = to_reply(got);
        performed.log = describe("GET /runs/" + found.run_id, performed.reply);
        if (performed.reply.kind != Reply::Kind::answered || !got->ok()) co_return performed;
        runs_api::ResetScope scope;
        scope.machine_id = call.planned.machine_id;
        if (call.planned.claimed_before != Time())
            scope.claimed_before = call.planned.claimed_before;
        runs_api::Run run;
        if (got->data) run = got->data->run();
        machines.ids = runs_api::machines_to_reset(run, scope);
        machines.specs = runs_api::specs_to_reset(run, machines.ids);
        if (machines.ids.empty()) why_none = no_machine(run, scope.machine_id);
    }
    if (machines.ids.empty()) co_return nothing_to_do(why_none, found);
    co_return co_await reset_machines(api, not_wanted, call, std::move(found.run_id),
                                      std::move(machines), std::move(performed.log));
}

}  // namespace runs_agent::execute
