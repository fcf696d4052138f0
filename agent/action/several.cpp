#include "agent/action/several.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

/// Each once.
void add(std::string& list, const std::string& separator, const std::string& text) {
    const bool there =
        (separator + list + separator).find(separator + text + separator) != std::string::npos;
    if (text.empty() || there) return;
    list += (list.empty() ? "" : separator) + text;
}

/// From what was wanted most to what was not: it decides for all of them.
bool weighs_more(const Outcome& one, const Outcome& other) {
    if (one.failure.has_value() != other.failure.has_value()) return one.failure.has_value();
    return one.ending < other.ending;  // in that order, for each command
}

}  // namespace

Outcome of_several(const std::vector<Part>& parts) {
    const auto first = std::min_element(
        parts.begin(), parts.end(),
        [](const Part& a, const Part& b) { return weighs_more(a.outcome, b.outcome); });
    Outcome all;
    all.ending = first->outcome.ending;
    all.level = first->outcome.level;
    all.failure = first->outcome.failure;
    all.status = first->outcome.status;
    for (const Part& part : parts) {
        const Outcome& one = part.outcome;
        const std::string name = part.name.empty() ? "" : part.name + ": ";
        add(all.happened, "; ", name + one.happened);
        add(all.run_id, ",", one.run_id);
        add(all.run_url, ",", one.run_url);
        all.rows.push_back({part.name, one.happened, one.run_id, one.run_url});
    }
    return all;
}

}  // namespace runs_agent::agent::action
