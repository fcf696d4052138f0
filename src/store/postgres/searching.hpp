// SPDX-License-Identifier: MIT
// store/searching.hpp in PostgreSQL. Names are columns of the rows, which lie in the order of their
// ids; a row of long facts is no wider for that. Runs as jobs of a postgres::Pool: throws
// PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/searching.hpp"

namespace runs_agent::store {

Result<Looked> look_for(postgres::Connection& connection, const DeliverySearch& search);
/// Store::search.
Result<DeliveryPage> search(postgres::Connection& connection, const DeliverySearch& search);
/// Store::payload.
Result<std::optional<std::string>> payload(postgres::Connection& connection,
                                           const std::string& guid);

}  // namespace runs_agent::store
