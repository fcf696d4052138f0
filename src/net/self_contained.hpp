// SPDX-License-Identifier: MIT
// The statically linked program must not load shared libraries of the machine it runs on: they
// would bring a second C library into the process. Two parts of it would, where the machine's
// configuration says so, and are told not to: glibc's name look-ups and OpenSSL.
#pragma once

namespace runs_agent::net {

/// To be called once, before anything else. Does nothing in a dynamically linked program, which
/// follows the machine's configuration.
void forbid_shared_libraries();

}  // namespace runs_agent::net
