#include "agent/action/outcome.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

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

Outcome failed(const Error& error) {
    Outcome outcome;
    outcome.happened = error.message;
    outcome.level = Level::error;
    outcome.failure = error.code;
    return outcome;
}

std::vector<std::pair<std::string, std::string>> outputs_of(const Outcome& outcome) {
    return {{"outcome", std::string(to_string(outcome.ending))},
            {"run-id", outcome.run_id},
            {"run-url", outcome.run_url},
            {"status", outcome.status},
            {"extra-pw-flags", outcome.extra_pw_flags},
            // The same flags, for `pwc-p discover`.
            {"extra-discovery-flags", outcome.extra_pw_flags}};
}

std::string to_json(const Outcome& outcome) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.StartObject();
    for (const auto& [name, value] : outputs_of(outcome)) {
        writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
        writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    writer.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace runs_agent::agent::action
