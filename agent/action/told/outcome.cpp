// SPDX-License-Identifier: MIT
#include "agent/action/told/outcome.hpp"

#include "base/text.hpp"
#include "json/writing.hpp"
#include "observe/printable.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

std::string_view to_string(Ending ending) {
    switch (ending) {
        case Ending::cancelled:
            return "cancelled";
        case Ending::already_cancelled:
            return "already-cancelled";
        case Ending::nothing_to_cancel:
            return "nothing-to-cancel";
        case Ending::reset:
            return "reset";
        case Ending::nothing_to_reset:
            return "nothing-to-reset";
        case Ending::found:
            return "found";
        case Ending::nothing_found:
            return "nothing-found";
        case Ending::failed:
            break;
    }
    return "failed";
}

namespace {

/// The names of specs are anybody's who opens a pull request, and workflows put outputs into
/// scripts: what a shell could read as more than a word is left out.
std::string plain(std::string_view text) {
    constexpr std::string_view marks = " .,:-_/";
    std::string kept(text);
    for (char& c : kept) {
        const bool other_script = static_cast<unsigned char>(c) >= 0x80;
        if (!is_letter_or_digit(c) && !other_script && marks.find(c) == std::string_view::npos)
            c = '_';
    }
    kept = printable(kept);
    std::replace(kept.begin(), kept.end(), '\\', '_');  // of an escape
    return kept;
}

}  // namespace

Outcome failed(const Error& error) {
    Outcome outcome;
    outcome.happened = error.message;
    outcome.level = Level::error;
    outcome.failure = error.code;
    return outcome;
}

std::vector<std::pair<std::string, std::string>> outputs_of(const Outcome& outcome) {
    std::vector<std::pair<std::string, std::string>> outputs{
        {"outcome", std::string(to_string(outcome.ending))},
        {"run-id", outcome.run_id},
        {"run-url", outcome.run_url},
        {"status", outcome.status},
        {"extra-pw-flags", outcome.extra_pw_flags},
        // The same flags, for `pwc-p discover`.
        {"extra-discovery-flags", outcome.extra_pw_flags},
        {"reason", outcome.reason}};
    outputs.back().second = plain(outcome.reason);
    if (outcome.reason.empty()) outputs.pop_back();
    // What a later step prints is read by its runner, too.
    for (auto& [name, value] : outputs) value = inert_line(printable(value));
    return outputs;
}

std::string to_json(const Outcome& outcome) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.StartObject();
    for (const auto& [name, value] : outputs_of(outcome)) json::put(writer, name, value);
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace runs_agent::agent::action
