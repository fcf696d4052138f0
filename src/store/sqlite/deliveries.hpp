// SPDX-License-Identifier: MIT
// Deliveries: taken in, listed, shown, and forgotten in time.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

struct FoundDelivery {
    std::int64_t id;
    std::string guid;
};
/// By its GUID or an unambiguous beginning of it.
Result<FoundDelivery> find_delivery(sqlite::Database& database, const std::string& guid);

/// What was decided before the delivery was there, as decide_next() records it.
struct Conclusion {
    Time at{};
    decide::Rule rule = decide::Rule::none;
    std::string reason;
    std::string policy;
};
bool is_known(sqlite::Database& database, const std::string& guid);
/// The new row's id; absent: the delivery is a duplicate.
std::optional<std::int64_t> insert(sqlite::Database& database, const NewDelivery& delivery,
                                   const std::optional<Conclusion>& conclusion);
Accepted accept(sqlite::Database& database, const NewDelivery& delivery);
Result<std::vector<DeliveryRow>> list(sqlite::Database& database, const DeliveryFilter& filter);
Result<DeliveryDetail> show(sqlite::Database& database, const std::string& guid);
/// A small step of it; says how much went.
int prune(sqlite::Database& database, Time now, const Retention& retention);

}  // namespace runs_agent::store
