// SPDX-License-Identifier: MIT
// What is true of a recorded run, whatever the Runs API makes of it: who ran which test, when a
// spec was reset, and so what failed and was not run again since. It knows nothing of how that is
// kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::runs_server::tests {

/// A test as it ran. Several may share a name.
struct RanTest {
    int self = 0;  // which test it is in truth; one of a shared set-up is the same in all parts
    std::string name;
    std::string state;  // passed, failed, pending, skipped
};

/// One machine's report of its part of a spec.
struct RanPart {
    std::string machine;
    int spec = 0;
    int part = 0;
    std::vector<RanTest> tests;
    bool crashed = false;  // an exception; what had not run by then is not listed
    int unlisted = 0;      // failures that are counted and not listed

    bool is_vague() const { return crashed || unlisted > 0; }
};

class SpecTruth {
public:
    void report(const RanPart& ran) {
        reported_ = true;
        reporters.insert(ran.machine);
        std::map<std::string, std::size_t> seen;
        std::set<std::string> failed_then;
        for (const auto& [text, name] : names_)
            if (name.failed_then() > 0) failed_then.insert(text);
        for (const RanTest& test : ran.tests) {
            Name& name = names_[test.name];
            Self& self = selves_[test.self];
            const bool has_run = test.state == "passed" || test.state == "failed";
            // What was not run again failed as it did before.
            if (!has_run && failed_then.contains(test.name)) continue;
            const std::size_t n = seen[test.name]++;
            if (n >= name.now.size()) name.now.push_back(test.state);
            if (weight(test.state) > weight(name.now[n])) name.now[n] = test.state;
            if (!has_run && !self.ran) continue;
            self.failed = (self.failed && self.ran) || test.state == "failed";
            self.ran = true;
        }
        vague = vague || ran.is_vague();
        owed_before_.erase(ran.part);
        if (ran.is_vague()) owed_now_.insert(ran.part);
    }

    void reset() {
        if (!reported_) return;  // nothing has come since the last one
        reported_ = false;
        for (auto& [text, name] : names_) {
            const int failed = name.failed();
            const int skipped = name.skipped();
            name.all = std::max(name.all, static_cast<int>(name.now.size()));
            name.failed_before = failed;
            name.skipped_before = skipped;
            name.now.clear();
        }
        for (auto& [number, self] : selves_) self.ran = false;
        owed_before_.merge(owed_now_);
        owed_now_.clear();
    }

    bool reported() const { return reported_; }

    /// Failures by the rule: the n-th test of a name in a report is the n-th of that name, and of
    /// those that may not have run again a failure is kept before any other.
    int failures() const {
        int sum = 0;
        for (const auto& [text, name] : names_) sum += name.failed();
        return sum;
    }

    /// The fewest failures that may be shown: each test for itself. Of those that share a name, one
    /// machine may list in another order than the next, so the rule may show fewer; but never none.
    int least_failures() const {
        const auto sum = std::count_if(selves_.begin(), selves_.end(),
                                       [](const auto& one) { return one.second.failed; });
        return static_cast<int>(has_namesakes() ? std::min<std::ptrdiff_t>(sum, 1) : sum);
    }

    bool failed() const { return least_failures() > 0 || owes(); }
    /// Whether a part that crashed, or failed without saying where, has not run again since.
    bool owes() const { return !owed_now_.empty() || !owed_before_.empty(); }
    bool owes(int part) const { return owed_now_.contains(part) || owed_before_.contains(part); }

    /// What is to be run again: by name what failed, and what did not run because something did.
    std::set<std::string> to_run_again() const {
        std::set<std::string> found;
        for (const auto& [text, name] : names_)
            if (name.failed() > 0 || name.skipped() > 0) found.insert(text);
        return found;
    }
    bool has_skipped() const {
        return std::any_of(names_.begin(), names_.end(),
                           [](const auto& one) { return one.second.skipped() > 0; });
    }

    bool vague = false;               // it ever crashed or hid a failure: more may be shown
    std::set<std::string> reporters;  // all, whenever

private:
    bool has_namesakes() const {
        return std::any_of(names_.begin(), names_.end(), [](const auto& one) {
            return std::max(one.second.all, static_cast<int>(one.second.now.size())) > 1;
        });
    }

    static int weight(const std::string& state) {
        return state == "failed" ? 2 : state == "skipped" ? 0 : 1;
    }

    struct Name {
        std::vector<std::string> now;  // since the reset; of several reports what holds
        int all = 0;                   // before the reset
        int failed_before = 0;
        int skipped_before = 0;

        int count(const char* state) const {
            return static_cast<int>(std::count(now.begin(), now.end(), state));
        }
        int left() const { return std::max(0, all - static_cast<int>(now.size())); }
        int failed_then() const { return std::min(failed_before, left()); }
        int failed() const { return count("failed") + failed_then(); }
        int skipped() const {
            const int others = left() - std::min(failed_before, left());
            return count("skipped") + std::min(skipped_before, others);
        }
    };
    struct Self {
        bool failed = false;
        bool ran = false;  // since the reset
    };

    bool reported_ = false;
    std::map<std::string, Name> names_;
    std::map<int, Self> selves_;
    std::set<int> owed_now_;  // parts
    std::set<int> owed_before_;
};

}  // namespace runs_agent::runs_server::tests
