// SPDX-License-Identifier: MIT
// From an HTTP answer to the Runs API's: its Document, or the service's words about a failure.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "runs_api/runs_api.hpp"

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

/// What the service answered, in whole; errors as of read_document(). `secret` was sent along, and
/// a redirect is not followed with it in hand: `address_setting` is what should name its target.
Result<Answer> read_answer(net::HttpResponse response, std::string_view secret, Time now,
                           std::string_view address_setting);

}  // namespace runs_agent::runs_api
