// SPDX-License-Identifier: MIT
#include "net/client/trust_store.hpp"

#include "base/certificate_bundles.hpp"

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
            {certificate_bundles.begin(), certificate_bundles.end()}};
}

std::string other_bundle(const TrustPlaces& places) {
    if (holds_something(places.file) || holds_files(places.folder)) return "";
    for (const std::string& bundle : places.bundles)
        if (holds_something(bundle)) return bundle;
    return "";
}

}  // namespace runs_agent::net
