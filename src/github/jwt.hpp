// SPDX-License-Identifier: MIT
// The signed text by which a GitHub App says who it is (RFC 7519, RS256 of RFC 7518).
// Source: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App".
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>

namespace runs_agent::github {

/// Is this a PEM private key that GitHub Apps sign with? Errc::refused says what it is instead,
/// without repeating it. Line ends may be written "\n", as a variable on one line has them.
Result<void> check_private_key(std::string_view pem);

/// An App's id, or its client id: letters, digits and dots.
Result<void> check_app_id(std::string_view app_id);

/// Valid from a minute before `now`, since clocks differ, for ten minutes in all.
Result<std::string> make_jwt(std::string_view app_id, std::string_view private_key, Time now);

}  // namespace runs_agent::github
