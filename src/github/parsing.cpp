// SPDX-License-Identifier: MIT
#include "github/parsing.hpp"

#include "json/reading.hpp"

namespace runs_agent::github {

namespace {

/// Deeper than any payload of GitHub's; writing goes one call deeper for each.
constexpr std::size_t max_depth = 128;

}  // namespace

Result<rapidjson::Document> parse_answer(const std::string& body) {
    constexpr unsigned flags =
        rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    rapidjson::Document document;
    std::string wrong(json::fault_of(body, max_depth));
    if (wrong.empty()) wrong = json::fault_of(document.Parse<flags>(body.data(), body.size()));
    if (wrong.empty()) return document;
    return fail(Errc::network, "GitHub's answer is not the JSON it should be: " + wrong +
                                   " Check that GITHUB_API_URL is the address of GitHub's API");
}

Error lacks(std::string_view what) {
    return fail(Errc::bad_input, "GitHub's answer holds no " + std::string(what));
}

}  // namespace runs_agent::github
