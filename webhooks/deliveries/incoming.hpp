// SPDX-License-Identifier: MIT
// From a delivery, however it came here, to what the store keeps of it: the receiver and the
// catch-up both ask here, so that a delivery means the same however late it is.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "store/store.hpp"
#include "webhooks/deliveries/delivery.hpp"

namespace runs_agent::webhooks {

/// Errc::bad_input where the payload cannot be read.
Result<store::NewDelivery> make_delivery(Delivery delivery, Time received_at);

}  // namespace runs_agent::webhooks
