// SPDX-License-Identifier: MIT
// The certificate that the listeners of this process show: what is said of it, and what becomes of
// it when the configuration is read anew.
#pragma once

#include "base/clock.hpp"
#include "net/server/certificate.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace runs_agent::agent {

/// All on one thread.
class OwnCertificate {
public:
    using Listener = std::function<void(const net::ServerCertificate&)>;

    /// Nothing in `first`: the listeners speak plain HTTP. The log and a metric tell until when it
    /// is valid.
    OwnCertificate(const std::optional<net::ServerCertificate>& first, const Clock& clock, Log& log,
                   Metrics& metrics);

    /// `listener` shows it, too, and is given the next ones.
    void shown_by(Listener listener) { listeners_.push_back(std::move(listener)); }

    /// What was read anew. Whether TLS is spoken at all, only a start changes: then the log says
    /// so, and what is shown stays.
    void use(const std::optional<net::ServerCertificate>& read);

private:
    void tell_of(const net::ServerCertificate& certificate);

    const bool is_there_;
    const Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    std::vector<Listener> listeners_;
};

}  // namespace runs_agent::agent
