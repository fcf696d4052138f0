#include "agent/action/console.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace runs_agent::agent::action {
namespace {

TEST(Console, ShowsASecretOnlyToMaskIt) {
    std::ostringstream out;
    Console console(out, true);
    console.mask("s%3cret");
    console.hide("other");
    console.group("with s%3cret");
    console.line("the s%3cret and the other");
    console.detail("s%3cret");
    console.annotate(Level::error, "s%3cret: refused");
    console.end_group();
    EXPECT_EQ(out.str(),
              "::add-mask::s%253cret\n"
              "::group::with ***\n"
              "the *** and the ***\n"
              "::debug::***\n"
              "::error title=runs-agent::***: refused\n"
              "::endgroup::\n");
}

TEST(Console, ShowsDetailsOnlyWhereAsked) {
    std::ostringstream out;
    Console console(out, false);
    console.detail("x");
    console.mask("");
    console.annotate(Level::notice, "a\nb");
    console.annotate(Level::warning, "c");
    EXPECT_EQ(out.str(), "::notice title=runs-agent::a%0Ab\n::warning title=runs-agent::c\n");
}

}  // namespace
}  // namespace runs_agent::agent::action
