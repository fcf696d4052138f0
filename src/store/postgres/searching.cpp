// SPDX-License-Identifier: MIT
#include "store/postgres/searching.hpp"

#include "store/postgres/deliveries.hpp"

namespace runs_agent::store {

namespace {

constexpr Dialect dialect{.like = "ILIKE",
                          .position = "strpos",
                          .newline = "chr(10)",
                          .last = "chr(127)",
                          .names_indexes = false,
                          .name_portion = 5'000,
                          .is_open = "lower(c.state) IN ('pending', 'held')"};

auto looking(postgres::Connection& connection) {
    return Looking(connection, dialect, find_delivery);
}

}  // namespace

Result<Looked> look_for(postgres::Connection& connection, const DeliverySearch& search) {
    return looking(connection).look_for(search);
}

Result<DeliveryPage> search(postgres::Connection& connection, const DeliverySearch& search) {
    return looking(connection).page(search);
}

Result<std::optional<std::string>> payload(postgres::Connection& connection,
                                           const std::string& guid) {
    return looking(connection).payload(guid);
}

}  // namespace runs_agent::store
