#include "agent/commands/deliveries_print.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

TEST(DeliveriesPrint, ACallThatALaterDeliveryPlannedAnewSaysWhereItWent) {
    store::DeliveryDetail detail;
    detail.row.guid = "first";
    detail.calls.resize(2);
    detail.calls[0].call.delivery = "first";
    detail.calls[1].call.delivery = "later";
    const std::string text = describe_delivery(detail);
    EXPECT_EQ(text.find("moved to"), text.rfind("moved to"));
    EXPECT_NE(text.find("moved to  delivery later\n"), std::string::npos) << text;
    EXPECT_NE(to_json(detail).find(R"("delivery": "later")"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
