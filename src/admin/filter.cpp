// SPDX-License-Identifier: MIT
#include "admin/filter.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"

#include <algorithm>
#include <vector>

namespace runs_agent::admin {

namespace {

constexpr std::size_t max_filter = 2'000;    // bytes
constexpr std::ptrdiff_t max_wildcards = 8;  // of a pattern: each more costs a look at all there is

struct Term {
    std::string key;  // empty: a word
    std::string value;
    std::string written;
};

/// Words between blanks; within double quotes a blank is none.
std::vector<Term> terms_of(std::string_view text) {
    std::vector<Term> terms;
    std::size_t at = 0;
    while (at < text.size()) {
        Term term;
        bool quoted = false;
        bool was_quoted = false;
        std::string current;
        for (; at < text.size(); ++at) {
            const char c = text[at];
            const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
            if (!quoted && blank) break;
            term.written += c;
            if (c == '"') {
                quoted = !quoted;
                was_quoted = true;
            } else if (c == ':' && !quoted && !was_quoted && term.key.empty() &&
                       std::ranges::all_of(current, is_letter) && !current.empty()) {
                term.key = lower(current);
                current.clear();
            } else {
                current += c;
            }
        }
        ++at;
        term.value = std::move(current);
        if (!term.written.empty()) terms.push_back(std::move(term));
    }
    return terms;
}

std::string quoted(std::string_view value) {
    const bool plain = value.find_first_of(" \t\"") == std::string_view::npos;
    std::string text(value);
    std::erase(text, '"');
    return plain ? text : "\"" + text + "\"";
}

Error wrong(const Term& term, const std::string& may) {
    return fail(Errc::bad_input, "\"" + term.written + "\" is not understood: " + may);
}

Result<void> read_term(const Term& term, store::DeliverySearch& search, Time now) {
    const std::string& value = term.value;
    if (term.key.empty()) {
        search.text.push_back(value);
        return {};
    }
    if (value.empty()) return wrong(term, "a value must follow the colon");
    if (std::ranges::count_if(value, [](char c) { return c == '*' || c == '?'; }) > max_wildcards)
        return wrong(term, "a pattern has eight * or ? at most");
    const auto moment = [&](std::optional<Time>& time) -> Result<void> {
        const auto parsed = parse_moment(value, now);
        if (parsed.has_error()) return wrong(term, parsed.error().message);
        time = *parsed;
        return {};
    };
    if (term.key == "repo" || term.key == "repository") {
        search.repository = value;
    } else if (term.key == "host") {
        search.host = value;
    } else if (term.key == "workflow") {
        search.workflow = value;
    } else if (term.key == "branch") {
        search.branch = value;
    } else if (term.key == "actor") {
        search.actor = value;
    } else if (term.key == "conclusion") {
        search.conclusion = value;
    } else if (term.key == "id" || term.key == "delivery") {
        search.id = value;
    } else if (term.key == "rule") {
        if (value.size() != 2 || lower(value[0]) != 'r' || value[1] < '1' || value[1] > '6')
            return wrong(term, "rule: takes R1 to R6");
        search.rule = std::string("R") + value[1];
    } else if (term.key == "state") {
        search.standing = store::parse_standing(lower(value));
        if (!search.standing)
            return wrong(term,
                         "state: takes undecided, nothing, open, held, dead, dropped or done");
    } else if (term.key == "did") {
        search.did = store::parse_did(lower(value));
        if (!search.did) return wrong(term, "did: takes cancelled or reopened");
    } else if (term.key == "run") {
        search.run_id = parse_number<std::int64_t>(value);
        if (!search.run_id) return wrong(term, "run: takes the number of a workflow run");
    } else if (term.key == "since") {
        return moment(search.since);
    } else if (term.key == "until") {
        return moment(search.until);
    } else {
        return wrong(
            term,
            "a filter knows repo:, workflow:, branch:, actor:, conclusion:, rule:, state:, "
            "did:, run:, since:, until:, host: and id:, and words; put a word with a colon "
            "in double quotes");
    }
    return {};
}

}  // namespace

Result<Time> parse_moment(std::string_view text, Time now) {
    const std::string may =
        "give a span such as 30m, 24h or 7d, or a time such as 2026-11-27T08:00:00Z";
    if (text.size() > 1) {
        const auto number = parse_number<std::int64_t>(text.substr(0, text.size() - 1));
        const char unit = lower(text.back());
        const auto length = unit == 's'   ? std::chrono::seconds(1)
                            : unit == 'm' ? std::chrono::minutes(1)
                            : unit == 'h' ? std::chrono::hours(1)
                            : unit == 'd' ? std::chrono::hours(24)
                                          : std::chrono::seconds(0);
        if (number && length.count() > 0 && *number >= 0 && *number <= 1'000'000)
            return now - *number * std::chrono::milliseconds(length);
    }
    if (const auto time = parse_iso8601(text)) return *time;
    if (const auto day = parse_iso8601(std::string(text) + "T00:00:00Z")) return *day;
    return fail(Errc::bad_input, may);
}

Result<store::DeliverySearch> parse_filter(std::string_view text, Time now) {
    if (text.size() > max_filter)
        return fail(Errc::bad_input, "the filter is longer than 2000 bytes");
    store::DeliverySearch search;
    for (const Term& term : terms_of(text))
        if (const auto read = read_term(term, search, now); read.has_error()) return read.error();
    return search;
}

std::string with_term(std::string_view text, std::string_view key, std::string_view value) {
    std::string made;
    for (const Term& term : terms_of(text))
        if (term.key != key) made += (made.empty() ? "" : " ") + term.written;
    if (value.empty()) return made;
    return made + (made.empty() ? "" : " ") + std::string(key) + ":" + quoted(value);
}

std::string term_of(std::string_view text, std::string_view key) {
    for (const Term& term : terms_of(text))
        if (term.key == key) return term.value;
    return {};
}

}  // namespace runs_agent::admin
