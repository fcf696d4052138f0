// SPDX-License-Identifier: MIT
// Deliveries: taken in, listed, shown, and forgotten in time.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

struct FoundDelivery {
    std::int64_t id;
    std::string guid;
};
/// By its GUID or an unambiguous beginning of it.
Result<FoundDelivery> find_delivery(postgres::Connection& connection, const std::string& guid);

/// The payload as it is kept; empty: it is not.
std::string packed_body(const NewDelivery& delivery);
Accepted accept(postgres::Connection& connection, const NewDelivery& delivery,
                const std::string& packed);
Result<std::vector<DeliveryRow>> list(postgres::Connection& connection,
                                      const DeliveryFilter& filter);
Result<DeliveryDetail> show(postgres::Connection& connection, const std::string& guid);
/// A small step of it, by one replica at a time; says how much went.
int prune(postgres::Connection& connection, std::int64_t salt, Time now,
          const Retention& retention);

}  // namespace runs_agent::store
