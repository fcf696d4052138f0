// SPDX-License-Identifier: MIT
// Where this machine keeps the certificates of the authorities it trusts. OpenSSL looks where the
// distribution that built it keeps them; a program that carries OpenSSL along comes to others.
#pragma once

#include <string>
#include <vector>

namespace runs_agent::net {

struct TrustPlaces {
    std::string file;                  // where OpenSSL itself looks: a file,
    std::string folder;                // and a folder
    std::vector<std::string> bundles;  // where distributions keep theirs, the likeliest first
};

/// The places of this program's OpenSSL, and of the distributions.
TrustPlaces trust_places();

/// The first bundle there is, where OpenSSL's own places hold nothing; else, or where there is no
/// bundle either, empty.
std::string other_bundle(const TrustPlaces& places);

}  // namespace runs_agent::net
