// SPDX-License-Identifier: MIT
#include "store/sqlite/searching.hpp"

#include "store/sqlite/deliveries.hpp"

namespace runs_agent::store {

namespace {

constexpr Dialect dialect{.like = "LIKE",
                          .position = "instr",
                          .newline = "char(10)",
                          .last = "x'7f'",
                          .names_indexes = true,
                          .name_portion = 10'000,
                          .is_open = "c.state IN ('pending', 'held')"};

auto looking(sqlite::Database& database) {
    return Looking(database, dialect, find_delivery);
}

}  // namespace

Result<Looked> look_for(sqlite::Database& database, const DeliverySearch& search) {
    return looking(database).look_for(search);
}

Result<DeliveryPage> search(sqlite::Database& database, const DeliverySearch& search) {
    return looking(database).page(search);
}

Result<std::optional<std::string>> payload(sqlite::Database& database, const std::string& guid) {
    return looking(database).payload(guid);
}

}  // namespace runs_agent::store
