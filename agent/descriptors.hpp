// How many files and sockets this process may have open.
#pragma once

namespace runs_agent::agent {

/// Raises the soft limit to the hard one. The usual soft limit of 1024 is as many as the
/// connections that the webhook listener takes, and files and outgoing connections come on top.
void raise_descriptor_limit();

}  // namespace runs_agent::agent
