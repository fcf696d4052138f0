// SPDX-License-Identifier: MIT
// Every address of the embedded Runs API: who may use it, and what answers.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/log_lines.hpp"
#include "runs_server/notifying/targets.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "runs_server/reporting/announced_body.hpp"
#include "sqlite/database.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::runs_server {

/// What a request must bring.
enum class Access {
    open,        // nothing; answered without the database
    api_key,     // Authorization: Bearer, of a key that may write where the method does
    record_key,  // a record key in its body, which the operation checks itself
    reporter,    // a record key in its header x-currents-key
    run_id,     // the id of its run in x-cypress-run-id, and in its address that run's or a claim's
    signature,  // a signed URL (signed_url.hpp)
};

/// A request that may do what it asks for.
struct RoutedRequest {
    sqlite::Database& database;
    Time now;
    std::vector<std::string> ids;  // what the address has in place of {…}, in its order
    net::Parameters query;
    const net::Headers& headers;
    std::string body;                          // unpacked
    std::shared_ptr<AnnouncedBody> announced;  // in its place, where the route names a suite
    std::string actor;                         // "api:" and the key's name
    ArtifactUrls urls;
    std::shared_ptr<net::MemoryBudget> memory;  // for answers that may be large
    LogLines& log;
    const HookTargets& hook_targets;
};

struct Route {
    std::string_view method;
    std::string_view path;  // below /v1, or, of the director, whole, as in the OpenAPI document
    Access access;
    net::HttpResponse (*operation)(RoutedRequest& call);  // null where the access is open
    // Does an answer that was given before, by its number, still hold where the request comes again
    // (once.hpp)? Null where it always does.
    bool (*still_holds)(RoutedRequest& call, std::int64_t answer) = nullptr;
    // What the body calls the full test suite that it announces: it is read before the operation is
    // asked (AnnouncedBody). Empty where the operation reads its body itself.
    std::string_view suite = {};
};

/// The route of a request, with the ids of its address; or what to say where there is none.
struct Match {
    const Route* route = nullptr;
    std::vector<std::string> ids;
    std::string allow;  // where only the method was wrong: those there are
};

/// `path` is below /v1 and decoded. HEAD counts as GET.
Match match(std::string_view method, std::string_view path);

/// The same of the addresses without a version, which reporters know as the director's.
Match match_director(std::string_view method, std::string_view path);

/// The first of these that fits.
Match match_in(std::span<const Route> among, std::string_view method, std::string_view path);

}  // namespace runs_agent::runs_server
