// SPDX-License-Identifier: MIT
// Is the App that GitHub made the one that was asked for? Pure.
#pragma once

#include "agent/setup/wish.hpp"
#include "base/error.hpp"
#include "github/connecting.hpp"

#include <string>

namespace runs_agent::agent::setup {

/// Has it what it takes to work with it, and is it owned by the organization that was named? Who is
/// no owner of that registers the App under their own account. Errc::refused says what to do.
Result<void> check_made(const github::App& app, const Wish& wish);

/// What it was given less of than asked for, in words; empty: nothing.
std::string lacking(const github::App& app, const Wish& wish);

/// Its settings, to delete or to mend it.
std::string settings_address(const github::App& app, const Wish& wish);

/// `why`, and how to begin again: there may be an App by now whose name is taken.
Error begin_again(const std::string& why, const Wish& wish);
/// It ended before GitHub sent anything back, as far as anybody knows here.
Error left_undone(const Wish& wish);

/// The code and the state of `?code=…&state=…`, at the end of the address that the browser ended
/// on, or alone.
struct Return {
    std::string code;
    std::string state;
};
/// Errc::bad_input where either is missing, or the code cannot be one.
Result<Return> read_return(std::string_view address);

/// Compares in constant time.
bool same_state(const std::string& a, const std::string& b);

/// Is this the message of an answer in HTML, which no API of GitHub's gives?
bool is_html(const std::string& message);
/// What a refusal of GitHub's means, for people: with its words, and whether it was GitHub at all.
std::string in_words(int status, const std::string& message);

}  // namespace runs_agent::agent::setup
