// SPDX-License-Identifier: MIT
// Where distributions keep the certificates of the authorities that they trust, in one file.
#pragma once

#include <array>

namespace runs_agent {

/// The likeliest first.
inline constexpr std::array<const char*, 6> certificate_bundles{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL, Amazon
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 10, CentOS
    "/etc/ssl/ca-bundle.pem",                             // openSUSE, SLES
    "/var/lib/ca-certificates/ca-bundle.pem",             // openSUSE's newer ones
    "/etc/ssl/cert.pem"};                                 // Alpine, OpenWrt

}  // namespace runs_agent
