// SPDX-License-Identifier: MIT
#include "net/client/trust_store.hpp"

#include <openssl/x509.h>

#include <filesystem>

namespace runs_agent::net {

namespace fs = std::filesystem;

namespace {

bool holds_something(const std::string& file) {
    std::error_code failure;
    const auto size = fs::file_size(file, failure);
    return !failure && size > 0;
}

bool holds_files(const std::string& folder) {
    std::error_code failure;
    return fs::directory_iterator(folder, failure) != fs::directory_iterator();
}

}  // namespace

TrustPlaces trust_places() {
    return {X509_get_default_cert_file(),
            X509_get_default_cert_dir(),
            {"/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo
             "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL, Amazon
             "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 10, CentOS
             "/etc/ssl/ca-bundle.pem",                             // openSUSE, SLES
             "/var/lib/ca-certificates/ca-bundle.pem",             // openSUSE's newer ones
             "/etc/ssl/cert.pem"}};                                // Alpine, OpenWrt
}

std::string other_bundle(const TrustPlaces& places) {
    if (holds_something(places.file) || holds_files(places.folder)) return "";
    for (const std::string& bundle : places.bundles)
        if (holds_something(bundle)) return bundle;
    return "";
}

}  // namespace runs_agent::net
