// SPDX-License-Identifier: MIT
// Plays a made-up recording through the embedded API's entry points, in an order of its own, and
// holds what the API shows against what is true.
#pragma once

#include "runs_server/recording/record.hpp"
#include "runs_server/recording/rows.hpp"
#include "runs_server/runs/reset.hpp"
#include "runs_server/runs/run_json.hpp"
#include "tests/manual_clock.hpp"
#include "tests/runs_server/recording/recording_check.hpp"
#include "tests/runs_server/recording/recording_world.hpp"

#include <optional>
#include <utility>

namespace runs_agent::runs_server::tests {

class Play {
public:
    Play(sqlite::Database& database, std::uint64_t seed)
        : database_(database),
          chance_(seed),
          build_("b" + std::to_string(seed)),
          suite_(make_suite(chance_)),
          truth_(suite_.specs.size()) {}

    void play() {
        first_jobs();
        for (int steps = 15 + chance_.under(25); steps > 0 && breaches.empty(); --steps) step();
        while (breaches.empty() && send_any()) {
        }
        ++kinds[truth_fails() ? "ends with failures" : "ends without failures"];
    }

    std::vector<std::string> breaches;
    std::vector<std::string> story;
    std::map<std::string, int> kinds;  // of what happened, to see that the world holds it

private:
    // --- what happens ---
    void first_jobs() {
        std::vector<Part> parts;
        for (const auto& spec : suite_.specs) parts.insert(parts.end(), spec.begin(), spec.end());
        const int machines = 1 + chance_.under(4);
        std::vector<std::vector<Part>> shares(static_cast<std::size_t>(machines));
        for (const Part& part : parts) {
            any(shares).push_back(part);
            if (chance_.percent(15)) any(shares).push_back(part);  // as in a matrix
        }
        for (const auto& share : shares) add_job("m" + std::to_string(++machines_), share, false);
    }

    void step() {
        const int kind = chance_.under(100);
        if (kind < 72) {
            send_any();
        } else if (kind < 82) {
            reset();
        } else if (kind < 90 && !sent_.empty()) {
            ++kinds["doubled"];
            Message again = any(sent_);  // on its way twice, however late
            tell("again: " + again.told);
            answer_to(again, build_);
            check();
        } else if (kind < 94) {
            // The whole suite again, as a second system or a second attempt does.
            std::vector<Part> parts;
            for (const auto& spec : suite_.specs)
                parts.insert(parts.end(), spec.begin(), spec.end());
            ++kinds["suite again"];
            add_job(fresh_or_known(), parts, false);
        } else if (kind == 94 && run()) {
            ++kinds["cancelled"];
            tell("is cancelled");
            database_.prepare("UPDATE runs SET canceled_at = ? WHERE id = ?")
                .bind(now_)
                .bind(run()->id)
                .run();
            check();
        } else if (kind == 95) {
            tell("an hour without reports");
            now_ += std::chrono::hours(1);
            if (run()) check();
        }
    }

    template <class T>
    T& any(std::vector<T>& list) {
        return list[static_cast<std::size_t>(chance_.under(static_cast<int>(list.size())))];
    }

    std::string fresh_or_known() {
        return "m" +
               std::to_string(chance_.percent(50) ? ++machines_ : 1 + chance_.under(machines_));
    }

    RanPart execute(const std::string& machine, const Part& part, bool failed_alone) {
        const char* const states[] = {"passed", "passed", "passed", "failed", "pending", "skipped"};
        RanPart ran{machine, part.spec, part.number, {}, false, 0};
        const SpecTruth& truth = truth_[static_cast<std::size_t>(part.spec)];
        // What went wrong without a name is run again as a whole.
        const bool narrow = failed_alone && !truth.owes(part.number);
        for (RanTest test : part.tests) {
            if (narrow && chance_.percent(50)) continue;
            test.state = chance_.percent(55) ? "passed" : states[chance_.under(6)];
            ran.tests.push_back(test);
        }
        if (ran.tests.empty()) ran.tests = {part.tests.front()}, ran.tests[0].state = "passed";
        if (chance_.percent(30))  // reporters list tests in any order
            for (std::size_t i = ran.tests.size() - 1; i > 0; --i)
                std::swap(
                    ran.tests[i],
                    ran.tests[static_cast<std::size_t>(chance_.under(static_cast<int>(i) + 1))]);
        if (chance_.percent(4)) {
            ran.crashed = true;
            const RanTest first = part.tests.front();
            ran.tests.resize(
                static_cast<std::size_t>(chance_.under(static_cast<int>(ran.tests.size()) + 1)));
            // Of two parts that have no test listed nobody can tell which is which.
            const bool whole = suite_.specs[static_cast<std::size_t>(part.spec)].size() == 1;
            if (!whole && ran.tests.empty())
                ran.tests.push_back(first), ran.tests[0].state = "passed";
            std::erase_if(ran.tests,
                          [](const RanTest& test) { return test.name.ends_with("setup"); });
        } else if (chance_.percent(3)) {
            ran.unlisted = 1;
        }
        return ran;
    }

    void add_job(const std::string& machine, const std::vector<Part>& parts, bool again) {
        Job job{machine, {}, false};
        const bool announces = chance_.percent(80);
        bool at_once =
            announces && !parts.empty() && chance_.percent(10);  // suite and results in one request
        if (announces && !at_once) job.messages.push_back(announcement(machine));
        for (std::size_t at = 0; at < parts.size();) {
            if (chance_.percent(20)) job.messages.push_back(claim(machine, parts[at].spec));
            Message message;
            std::string instances;
            std::set<int> specs;  // of one spec a reporter sends one instance
            const std::size_t most = at + 1 + static_cast<std::size_t>(chance_.under(3));
            for (; at < std::min(most, parts.size()) && !specs.contains(parts[at].spec); ++at) {
                specs.insert(parts[at].spec);
                message.results.push_back(
                    execute(machine, parts[at], again && chance_.percent(40)));
                const RanPart& ran = message.results.back();
                if (!instances.empty()) instances += ',';
                instances += json_of(ran, ++serial_, suite_.by_id);
                message.told += told(ran);
            }
            message.announces = std::exchange(at_once, false);
            std::string members;
            if (message.announces) members = R"("fullTestSuite":)" + json_of(suite_) + ',';
            message.body = body(machine, members.append(R"("instances":[)" + instances + "]"));
            if (message.announces) message.told += " with its suite";
            job.messages.push_back(std::move(message));
        }
        if (announces && chance_.percent(10)) job.messages.push_back(announcement(machine));
        if (announces && chance_.percent(10)) std::swap(job.messages.front(), job.messages.back());
        jobs_.push_back(std::move(job));
    }

    Message announcement(const std::string& machine) {
        Message message;
        message.body = body(machine, R"("fullTestSuite":)" + json_of(suite_));
        message.told = machine + " announces";
        message.announces = true;
        return message;
    }
    Message claim(const std::string& machine, int spec) {
        Message message;
        message.body = body(machine, R"("instances":[)" + json_of_claim(spec) + "]");
        message.told = machine + " begins " + spec_name(spec);
        return message;
    }

    static std::string told(const RanPart& ran) {
        std::string text = " " + ran.machine + " reports " + spec_name(ran.spec) + " part " +
                           std::to_string(ran.part) + ":";
        for (const RanTest& test : ran.tests)
            text += " " + test.name + "(" + std::to_string(test.self) + ") " + test.state;
        if (ran.crashed) text += " CRASHED";
        if (ran.unlisted > 0) text += " and an unlisted failure";
        return text;
    }

    static std::string body(const std::string& machine, const std::string& members) {
        return R"({"recordKey":"foo","projectId":"p1","machineId":")" + machine + "\"," + members;
    }

    bool send_any() {
        std::erase_if(jobs_, [](const Job& job) { return job.messages.empty(); });
        if (jobs_.empty()) return false;
        send(any(jobs_));
        check();
        return true;
    }

    net::HttpResponse answer_to(const Message& message, const std::string& build) {
        now_ += std::chrono::seconds(1);
        return record(database_, message.body + R"(,"ciBuildId":")" + build + "\"}", urls_, now_);
    }

    void send(Job& job) {
        Message& message = job.messages.front();
        const net::HttpResponse answer = answer_to(message, build_);
        tell(message.told + ": " + std::to_string(answer.status) +
             (answer.status == 200 ? "" : " " + answer.body));
        if (answer.status != 200) return refused(job, answer);
        take(job);
    }

    void take(Job& job) {
        Message& message = job.messages.front();
        job.at_work = true;
        if (!message.delivered)
            for (const RanPart& ran : message.results)
                truth_[static_cast<std::size_t>(ran.spec)].report(ran);
        message.delivered = true;
        sent_.push_back(message);
        if (chance_.percent(12)) {
            ++kinds["answer lost"];
            tell("  but the answer is lost");
            return;  // and the same is sent once more
        }
        job.messages.erase(job.messages.begin());
    }

    /// No result is lost by a refusal, and what it advises helps.
    void refused(Job& job, const net::HttpResponse& answer) {
        ++kinds["refused"];
        Message& message = job.messages.front();
        const bool timed_out = answer.body.find("timed out") != std::string::npos;
        const bool cancelled = answer.body.find("cancelled") != std::string::npos;
        if (answer.status != 422) breach("an answer of " + std::to_string(answer.status));
        if (job.at_work && !timed_out && !cancelled) breach("a machine at work was refused");
        if (message.announces && !timed_out) breach("an announcement was refused");
        if (cancelled && !message.results.empty())
            breach("results of a cancelled run were refused");
        for (const RanPart& ran : message.results) {
            SpecTruth with = truth_[static_cast<std::size_t>(ran.spec)];
            with.report(ran);
            const SpecTruth& without = truth_[static_cast<std::size_t>(ran.spec)];
            const bool news =
                with.failures() > without.failures() || (ran.is_vague() && !without.owes());
            if (news && !message.delivered) breach("a failure was refused");
        }
        if (answer_to(message, build_ + "-" + std::to_string(++serial_)).status != 200)
            breach("another build id is refused");
        const std::string asks = "reset machine ";
        const auto at = answer.body.find(asks);
        if (timed_out || at != std::string::npos) {
            const auto from = at + asks.size();
            reset_machines({timed_out
                                ? "nobody"
                                : answer.body.substr(from, answer.body.find(' ', from) - from)});
            if (answer_to(message, build_).status != 200) breach("after the reset it is refused");
            return take(job);
        }
        job.messages.clear();
    }

    void reset() {
        if (!run() || run()->facts.canceled_at) return;
        std::set<std::string> machines;
        for (int n = 1 + chance_.under(3); n > 0; --n)
            machines.insert("m" + std::to_string(1 + chance_.under(machines_)));
        for (const int spec : reset_machines(machines)) {
            ++kinds["spec reset"];
            std::vector<Part> parts;
            for (const Part& part : suite_.specs[static_cast<std::size_t>(spec)])
                if (chance_.percent(80)) parts.push_back(part);
            const bool one_machine = chance_.percent(40);
            if (one_machine) add_job(fresh_or_known(), parts, true);
            if (!one_machine)
                for (const Part& part : parts) add_job(fresh_or_known(), {part}, true);
        }
        check();
    }

    /// The specs that are open since.
    std::vector<int> reset_machines(const std::set<std::string>& machines) {
        const auto before = shown_specs();
        std::string list;
        for (const std::string& machine : machines)
            list += (list.empty() ? "\"" : ",\"") + machine + "\"";
        now_ += std::chrono::seconds(1);
        const auto answer =
            reset_run(database_, run()->id, R"({"machineId":[)" + list + "]}", log_, now_);
        tell("reset of " + list + ": " + std::to_string(answer.status));
        const auto after = shown_specs();
        std::vector<int> opened;
        for (int spec = 0; spec < static_cast<int>(truth_.size()); ++spec) {
            SpecTruth& truth = truth_[static_cast<std::size_t>(spec)];
            const bool was =
                before.contains(spec_name(spec)) && before.at(spec_name(spec)).complete;
            const bool is = was && after.at(spec_name(spec)).complete;
            const bool theirs = std::any_of(machines.begin(), machines.end(), [&](const auto& one) {
                return truth.reporters.contains(one);
            });
            if (was && is && theirs && truth.failed()) breach(spec_name(spec) + " was not reset");
            if (was && !is && !truth.failed() && !truth.vague) {
                if (truth.failures() == 0) breach(spec_name(spec) + " was reset and had passed");
            }
            if (!was || is) continue;
            truth.reset();
            opened.push_back(spec);
        }
        return opened;
    }

    std::optional<RunRow> run() { return find_by_build_id(database_, "p1", build_); }

    std::map<std::string, ShownSpec> shown_specs() { return specs_of(shown()); }

    /// `data` of what GET /runs/find answers.
    rapidjson::Document shown() {
        const auto answer = parsed(full_run(database_, *run(), urls_, true, nullptr, now_).body);
        rapidjson::Document data;
        data.CopyFrom(answer["data"], data.GetAllocator());
        return data;
    }

    bool truth_fails() const {
        return std::any_of(truth_.begin(), truth_.end(),
                           [](const SpecTruth& one) { return one.failed(); });
    }

    void check() {
        if (!run()) return;
        const rapidjson::Document now = shown();
        rapidjson::Document last;
        last.CopyFrom(now["pwLastRun"], last.GetAllocator());
        for (const std::string& what : compare(truth_, suite_.by_id, now, last)) breach(what);
    }

    void tell(const std::string& what) { story.push_back(what); }
    void breach(const std::string& what) { breaches.push_back("BREACH: " + what); }

    sqlite::Database& database_;
    runs_agent::tests::ManualClock clock_;
    LogLines log_;  // nobody reads it
    Chance chance_;
    std::string build_;
    Suite suite_;
    std::vector<SpecTruth> truth_;
    std::vector<Job> jobs_;
    std::vector<Message> sent_;
    int machines_ = 0;
    int serial_ = 0;
    Time now_{std::chrono::hours(490'000)};
    UrlSigner signer_{"key"};
    ArtifactUrls urls_{"http://127.0.0.1/v1", signer_};
};

}  // namespace runs_agent::runs_server::tests
