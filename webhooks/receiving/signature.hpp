// SPDX-License-Identifier: MIT
// GitHub's proof that a delivery is GitHub's: an HMAC over the body's raw bytes.
// Source: docs.github.com, "Validating webhook deliveries".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::webhooks {

/// The value of X-Hub-Signature-256 for a body: "sha256=" and 64 hexadecimal digits.
std::string sign(std::string_view secret, std::string_view body);

/// Has the header the form of a signature? Only then is it worth while to read a body.
bool is_signature(std::string_view header);

/// Was `header` (X-Hub-Signature-256) made with one of the secrets? All secrets are tried, and each
/// comparison takes the same time whatever differs, so the time tells nothing about any of them.
bool signature_matches(std::string_view header, std::string_view body,
                       const std::vector<std::string>& secrets);

}  // namespace runs_agent::webhooks
