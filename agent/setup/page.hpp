// SPDX-License-Identifier: MIT
// The one page of setup, for the browser that GitHub knows: data in, HTML out. It looks like the
// daemon's page, needs no script, and brings all along: setup may have ended when the browser is
// still at it, and with --paste it is a file.
#pragma once

#include "agent/setup/wish.hpp"
#include "github/connecting.hpp"

#include <string>

namespace runs_agent::agent::setup {

/// What is about to be made, and the button whose form posts `manifest`.
std::string button_page(const Wish& wish, const std::string& manifest, const std::string& state);

/// It is made: where it is installed. `trouble`: what is to be done about it first; may be empty.
std::string made_page(const Wish& wish, const github::App& app, const std::string& trouble);

/// It is not, and why.
std::string fault_page(const std::string& why);

/// What keeps a browser from doing with these pages what others want: nothing is loaded, and the
/// style that they bring is known by its digest. A form may be sent to any address of GitHub's
/// scheme, since browsers hold redirects of its answer against this as well, and who signs in by
/// their company's server is sent there.
/// Source: W3C Content Security Policy Level 3, "style-src", "form-action".
std::string content_policy(const Wish& wish);

}  // namespace runs_agent::agent::setup
