// SPDX-License-Identifier: MIT
#include "net/self_contained.hpp"

#ifdef RUNS_AGENT_STATIC
#include <openssl/crypto.h>

#include <nss.h>
#endif

namespace runs_agent::net {

void forbid_shared_libraries() {
#ifdef RUNS_AGENT_STATIC
    // /etc/nsswitch.conf may name services such as mdns4_minimal, which are libraries; files and
    // dns are built in (glibc 2.34 and later).
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("services", "files");
    __nss_configure_lookup("passwd", "files");
    // openssl.cnf may name providers and engines, which are libraries.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
#endif
}

}  // namespace runs_agent::net
