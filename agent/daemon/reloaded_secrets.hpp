// SPDX-License-Identifier: MIT
// Secrets that are files, read where no delivery waits for them. They are used with every request,
// on the thread that serves everybody, and read anew so that a mended file is picked up; but a file
// may lie on a share that does not answer.
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace runs_agent::agent {

class ReloadedSecrets {
public:
    using Secret = std::function<Result<std::string>()>;

    explicit ReloadedSecrets(std::chrono::milliseconds every = std::chrono::seconds(1));
    /// Does not wait for a file that is being read.
    ~ReloadedSecrets();
    ReloadedSecrets(const ReloadedSecrets&) = delete;
    ReloadedSecrets& operator=(const ReloadedSecrets&) = delete;

    /// The same secret, as it was when it was last read: now (which blocks), and then again and
    /// again on a thread of its own. May be asked on any thread, also after this is gone.
    Secret keep(Secret read) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::agent
