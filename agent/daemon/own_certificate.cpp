// SPDX-License-Identifier: MIT
#include "agent/daemon/own_certificate.hpp"

#include "base/time_text.hpp"

namespace runs_agent::agent {

OwnCertificate::OwnCertificate(const std::optional<net::ServerCertificate>& first,
                               const Clock& clock, Log& log, Metrics& metrics)
    : is_there_(first.has_value()), clock_(clock), log_(log), metrics_(metrics) {
    if (first) tell_of(*first);
}

void OwnCertificate::tell_of(const net::ServerCertificate& certificate) {
    constexpr std::chrono::hours soon{7 * 24};
    metrics_.certificate_end = certificate.not_after;
    const std::string until = to_iso8601(certificate.not_after);
    const Time now = clock_.now();
    if (const auto valid = net::check_time(certificate, now); valid.has_error())
        log_.warn("tls.certificate", {{"until", until}, {"error", valid.error().message}});
    else if (certificate.not_after < now + soon)
        log_.warn(
            "tls.certificate",
            {{"until", until}, {"note", "it ends soon; renew it, then send SIGHUP or restart"}});
    else
        log_.info("tls.certificate", {{"until", until}});
}

void OwnCertificate::use(const std::optional<net::ServerCertificate>& read) {
    if (read.has_value() != is_there_) {
        log_.warn("config.restart_needed",
                  {{"note", "whether the listeners speak TLS changes with a restart alone"}});
        return;
    }
    if (!read) return;
    tell_of(*read);
    for (const Listener& listener : listeners_) listener(*read);
}

}  // namespace runs_agent::agent
