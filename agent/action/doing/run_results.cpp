// SPDX-License-Identifier: MIT
#include "agent/action/doing/run_results.hpp"

#include "json/reading.hpp"
#include "runs_api/types.hpp"

#include <map>
#include <optional>

namespace runs_agent::agent::action {

namespace {

using json::member;
using rapidjson::Value;
using runs_api::CompletionState;
using runs_api::RunStatus;

/// A counter; absent where there is none. What is no count at all is -1, which agrees with nothing.
std::optional<std::int64_t> count(const Value* object, std::string_view name) {
    const Value* const found = member(object, name);
    if (found == nullptr || found->IsNull()) return std::nullopt;
    if (found->IsInt64() && found->GetInt64() >= 0) return found->GetInt64();
    return -1;
}

/// Is there anything but null, an empty text or an empty object?
bool says_something(const Value* value) {
    if (value == nullptr || value->IsNull() || value->IsFalse()) return false;
    if (value->IsString()) return value->GetStringLength() > 0;
    if (value->IsObject()) return value->MemberCount() > 0;
    return !value->IsArray() || !value->Empty();
}

std::string quoted(std::string_view name) {
    return name.empty() ? "without a name" : std::string(name);
}

/// What the tests of a spec or a group came to.
struct Tally {
    std::int64_t passes = 0;
    std::int64_t failures = 0;
    std::int64_t pending = 0;
    std::int64_t skipped = 0;

    std::int64_t all() const { return passes + failures + pending + skipped; }
    void add(const Tally& other) {
        passes += other.passes;
        failures += other.failures;
        pending += other.pending;
        skipped += other.skipped;
    }
};

/// The four outcomes of tests; what is not told counts as none. Absent: one is no count.
std::optional<Tally> read_tally(const Value* counters) {
    Tally tally{count(counters, "passes").value_or(0), count(counters, "failures").value_or(0),
                count(counters, "pending").value_or(0), count(counters, "skipped").value_or(0)};
    constexpr std::int64_t most = 1'000'000'000;
    for (const std::int64_t number : {tally.passes, tally.failures, tally.pending, tally.skipped})
        if (number < 0 || number > most) return std::nullopt;
    return tally;
}

/// How many tests there are, if that is told.
std::optional<std::int64_t> all_tests(const Value* counters) {
    const auto overall = count(counters, "overall");
    return overall ? overall : count(counters, "tests");
}

class Reader {
public:
    explicit Reader(const Value& run) : run_(run) {}

    RunResults read() {
        read_state();
        read_specs();
        read_groups();
        compare();
        known_.failures = all_.failures;
        known_.skipped = all_.skipped;
        known_.status = status();
        return std::move(known_);
    }

private:
    /// The first reason is kept.
    void doubt(const std::string& why) {
        if (known_.unknown.empty()) known_.unknown = why;
    }

    void read_state() {
        state_ = runs_api::parse_completion_state(json::text(run_, "completionState"));
        said_ = runs_api::parse_run_status(json::text(run_, "status"));
        // Either is enough, whatever the other says.
        const Value* const late = member(member(&run_, "timeout"), "isTimeout");
        if (late != nullptr && late->IsTrue()) state_ = CompletionState::timeout;
        if (says_something(member(run_, "cancellation"))) state_ = CompletionState::canceled;
        if (state_ == CompletionState::canceled) {
            doubt("it was cancelled before its end");
        } else if (state_ == CompletionState::timeout) {
            doubt("it ran into its time-out before its end");
        } else if (state_ == CompletionState::in_progress) {
            doubt("it is still in progress");
        } else if (!state_) {
            doubt("it does not say that it is complete");
        }
    }

    void read_specs() {
        const Value* const specs = member(run_, "specs");
        if (specs == nullptr || !specs->IsArray() || specs->Empty())
            return doubt("it lists no specs");
        for (const Value& spec : specs->GetArray()) read_spec(spec);
    }

    void read_spec(const Value& spec) {
        const std::string name = "spec " + quoted(json::text(spec, "spec"));
        const Value* const results = member(spec, "results");
        const Value* const completed = member(spec, "completedAt");
        const Value* const stats = member(results, "stats");
        ++specs_of_[std::string(json::text(spec, "groupId"))];
        if (results == nullptr || !results->IsObject()) return doubt(name + " has no results");
        if (completed != nullptr && !says_something(completed))
            doubt(name + " has results, but was not finished");
        if (says_something(member(results, "exception")))
            doubt(name + " ended with an exception, so not all of its tests need have run");
        const auto tally = read_tally(stats);
        if (!tally || !count(stats, "failures"))
            return doubt(name + " does not say how its tests ended");
        if (tally->all() == 0) doubt(name + " has results of no test");
        if (const auto overall = all_tests(stats); overall && *overall != tally->all())
            doubt(name + " has " + std::to_string(*overall) + " tests and " +
                  std::to_string(tally->all()) + " results");
        all_.add(*tally);
        group_of_[std::string(json::text(spec, "groupId"))].add(*tally);
        if (tally->failures == 0 && tally->skipped == 0) return;
        known_.open.push_back({std::string(json::text(spec, "spec")),
                               std::string(json::text(spec, "instanceId")), tally->failures,
                               tally->skipped});
    }

    /// Groups count what their specs hold; where a test never ran, they alone may know of it.
    void read_groups() {
        const Value* const groups = member(run_, "groups");
        if (groups == nullptr || !groups->IsArray()) return;
        for (const Value& group : groups->GetArray()) read_group(group);
    }

    void read_group(const Value& group) {
        const std::string id(json::text(group, "groupId"));
        const std::string name = "group " + quoted(id);
        const Value* const instances = member(group, "instances");
        const Value* const tests = member(group, "tests");
        const auto specs = count(instances, "overall");
        if (specs && *specs != specs_of_[id])
            doubt(name + " has " + std::to_string(*specs) + " specs, of which " +
                  std::to_string(specs_of_[id]) + " are listed");
        if (const auto complete = count(instances, "complete");
            specs && complete && *complete != *specs)
            doubt(name + " has " + std::to_string(*specs) + " specs, of which " +
                  std::to_string(*complete) + " are complete");
        if (tests == nullptr || !tests->IsObject()) return;
        const auto tally = read_tally(tests);
        if (!tally) return doubt(name + " does not say how its tests ended");
        if (const auto overall = all_tests(tests); overall && *overall != tally->all())
            doubt(name + " has " + std::to_string(*overall) + " tests and " +
                  std::to_string(tally->all()) + " results");
        compare(name, "failed", count(tests, "failures"), group_of_[id].failures);
        compare(name, "skipped", count(tests, "skipped"), group_of_[id].skipped);
    }

    void compare(const std::string& name, const char* what, std::optional<std::int64_t> of_group,
                 std::int64_t of_specs) {
        if (of_group && *of_group != of_specs)
            doubt(name + " counts " + std::to_string(*of_group) + " " + what +
                  " tests, its specs " + std::to_string(of_specs));
    }

    void compare() {
        if (state_ != CompletionState::complete) return;
        const bool failed = all_.failures > 0;
        if (said_ == RunStatus::passed && failed)
            doubt("it is said to have passed, with failed tests");
        else if (said_ == RunStatus::failed && !failed)
            doubt("it is said to have failed, without a failed test");
        else if (said_ != RunStatus::passed && said_ != RunStatus::failed)
            doubt("it does not say whether it passed");
        else if (!failed && all_.skipped > 0)
            doubt("tests were skipped as if another had failed, but none has");
        else if (!failed && all_.passes == 0)
            doubt("none of its tests was run");
    }

    std::string status() const {
        const bool failed =
            said_ == RunStatus::failed || said_ == RunStatus::failing || all_.failures > 0;
        if (state_ == CompletionState::in_progress) return failed ? "FAILING" : "RUNNING";
        if (state_ && state_ != CompletionState::complete) return std::string(to_string(*state_));
        if (failed) return "FAILED";
        return known_.unknown.empty() ? "PASSED" : "UNKNOWN";
    }

    const Value& run_;
    RunResults known_;
    std::optional<CompletionState> state_;
    std::optional<RunStatus> said_;
    Tally all_;
    std::map<std::string, std::int64_t> specs_of_;
    std::map<std::string, Tally> group_of_;
};

}  // namespace

RunResults read_run_results(std::string_view json) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    if (document.HasParseError()) document.SetObject();
    return Reader(document).read();
}

}  // namespace runs_agent::agent::action
