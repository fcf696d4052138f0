#include "agent/action/last_run.hpp"

#include <rapidjson/document.h>

namespace runs_agent::agent::action {

std::optional<std::size_t> count_failed_tests(std::string_view json) {
    rapidjson::Document document;
    document.Parse(json.data(), json.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    const auto failed = document.FindMember("failedTests");
    if (failed == document.MemberEnd() || !failed->value.IsArray()) return 0;
    return failed->value.Size();
}

}  // namespace runs_agent::agent::action
