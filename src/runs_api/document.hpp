// From the text of an answer to a Document, or to the service's words about a failure.
#pragma once

#include "base/error.hpp"
#include "runs_api/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::runs_api {

/// Parses a 2xx answer's body where it lies. Absent where it is empty, or JSON without `data`.
/// Errc::network where it is not JSON: then it is not the Runs API that answered.
Result<std::optional<Document>> read_document(std::string body);

/// The service's words in a failure's body: its `error` or `message`, else its first bytes. Without
/// control characters, valid UTF-8, at most 500 bytes, and with `secret` blotted out.
std::string read_error(std::string body, std::string_view secret);

}  // namespace runs_agent::runs_api
