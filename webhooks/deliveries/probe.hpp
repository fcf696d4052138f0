// SPDX-License-Identifier: MIT
// A delivery that `runs-agent doctor` sends to see whether signed ones come through as they were
// sent. It is a ping that is answered like one, and of which nothing is kept.
#pragma once

#include "webhooks/deliveries/delivery.hpp"

#include <string>
#include <string_view>

namespace runs_agent::webhooks {

/// Its payload: JSON that reads the same but has other bytes once a relay has written it anew. The
/// signature fits only the bytes.
std::string make_probe();

/// The same without anything that could be written in two ways: a relay changes nothing in it.
std::string make_plain_probe();

/// The same as long as deliveries are, some 48 KiB: what bounds bodies lets the short ones through.
std::string make_large_probe();

/// What X-GitHub-Delivery of one begins with. Anybody may write that: it serves only to keep a
/// probe that was refused from looking like a delivery of GitHub's that was.
constexpr std::string_view probe_guid = "doctor-";

/// Is it one? Only to be asked of what is verified.
bool is_probe(const Delivery& delivery);

}  // namespace runs_agent::webhooks
