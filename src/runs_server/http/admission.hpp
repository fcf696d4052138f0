// SPDX-License-Identifier: MIT
// Who may ask, found out before anything else is done with a request: a key is looked for before a
// body is unpacked or parsed further than that, and neither strangers' keys nor their bodies come
// into the database's queues.
#pragma once

#include "base/awaitable.hpp"
#include "base/encoding.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/signed_url.hpp"
#include "runs_server/http/key_searches.hpp"
#include "runs_server/http/routes.hpp"
#include "runs_server/setup/key_lookup.hpp"

#include <memory>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// What opens the API beside the keys in the database.
struct Secrets {
    Sha256 process_key;  // of a key that is valid as long as this process lives
    UrlSigner signer;
};

/// Who asks; or the answer for somebody who may not.
struct Admitted {
    std::string actor;
    std::optional<net::HttpResponse> refused;
};

/// By the API key of "Authorization: Bearer KEY", in the transaction of what is asked for: it may
/// have been revoked since it was looked up.
Admitted admit_key(sqlite::Database& database, const Secrets& secrets,
                   const net::HttpRequest& request, bool writes);

/// The run that cypress-cloud says its request is of, which has no key: who knows the id was told
/// it for a record key. Empty where it says none, or the address `path` names another run.
std::string run_id_of(const net::HttpRequest& request, std::string_view path);

/// By the record key of "x-currents-key", in the same way.
Admitted admit_reporter(sqlite::Database& database, const net::HttpRequest& request);

class Admission {
public:
    /// Opens a connection of its own. Throws sqlite::SqliteError.
    Admission(const std::string& database_path, std::shared_ptr<const Secrets> secrets);

    /// The answer for who may not do what `route` does; absent where they may. Errc::store.
    Awaitable<Result<std::optional<net::HttpResponse>>> refusal(
        std::shared_ptr<const net::HttpRequest> request, const Route* route, std::string path,
        Time now);

    /// Does the head show a record key that was valid when it was looked up last? For how its
    /// sender is treated until refusal() has been asked.
    bool knows_reporter(const net::HttpRequest& head) const;

    KeySearches::Counts counts() const { return searches_.counts(); }

private:
    using Refusal = std::optional<net::HttpResponse>;

    Awaitable<Result<Refusal>> by_api_key(std::string key, bool writes);
    Awaitable<Result<Refusal>> by_reporter_key(std::string key);
    Awaitable<Result<Refusal>> by_run_id(std::string run_id, std::string path);
    Awaitable<Result<Refusal>> by_record_key(std::shared_ptr<const net::HttpRequest> request);

    std::shared_ptr<const Secrets> secrets_;
    KeyLookup keys_;
    KeySearches searches_;
};

}  // namespace runs_agent::runs_server
