// SPDX-License-Identifier: MIT
// How many files and sockets this process may have open.
#pragma once

#include <cstddef>

namespace runs_agent::agent {

/// Raises the soft limit to the hard one: the usual soft limit of 1024 is less than the connections
/// that the webhook listener takes, and files and outgoing connections come on top.
void raise_descriptor_limit();

/// How many connections each of so many listeners may have: `wanted`, or what the limit leaves
/// them.
std::size_t connections_for(std::size_t wanted, std::size_t listeners);

}  // namespace runs_agent::agent
