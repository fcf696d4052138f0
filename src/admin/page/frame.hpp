// SPDX-License-Identifier: MIT
// What every screen of the page has around it and in common: head, navigation, foot, the words and
// shapes of states. Screens are pure functions: data in, HTML out. All addresses are relative, so
// that the page works below any prefix of a reverse proxy's.
#pragma once

#include "admin/access.hpp"
#include "admin/page/html.hpp"
#include "store/store.hpp"

#include <string>
#include <string_view>

namespace runs_agent::admin::page {

enum class Screen { none, overview, deliveries, runs, setup };

struct Frame {
    std::string base;  // from this screen's address to the page's root: "", "../", …
    Screen screen = Screen::none;
    std::string title;
    Visitor visitor;
    std::string version;
    Time now{};
    bool dry_run = false;
    bool embedded = false;  // there are recorded runs to look at
    std::string notice;     // what has just been done, above all else
    /// How often the script looks for news, in seconds; 0: never. Of lists it says what is new, of
    /// others it shows it.
    int refresh = 0;
};

/// The whole document.
std::string framed(const Frame& frame, const Html& content);

/// How good that is: a colour, and never that alone.
enum class Tone { good, busy, warn, bad, calm };

/// A word with its shape and colour.
void put_state(Html& html, Tone tone, std::string_view shape, std::string_view word);
/// Where a delivery stands.
void put_standing(Html& html, const store::DeliveryRow& row);
void put_call_state(Html& html, const store::Call& call);
/// A recorded run's, as the Runs API names it.
void put_run_state(Html& html, std::string_view status);

/// A form's hidden fields that each change needs.
void put_form_token(Html& html, const Frame& frame);

/// https://HOST/OWNER/REPO/actions/runs/ID/attempts/N; empty where it is not known.
std::string github_address(const store::DeliveryRow& row);
/// Where this run is on the page, below the root: runs/HOST/OWNER/REPO/ID.
std::string run_address(std::string_view host, std::string_view repository, std::int64_t run_id);
/// "deliveries?q=…"
std::string deliveries_address(std::string_view filter);

/// A line to copy.
void put_command(Html& html, std::string_view command);
/// A value as one word of a POSIX shell.
std::string shell_word(std::string_view value);

/// The rows of a list of deliveries. With `choose`, each can be chosen.
void put_deliveries(Html& html, const Frame& frame, const std::vector<store::DeliveryRow>& rows,
                    std::string_view caption, bool choose = false);

/// What was done by hand, the newest first; `with_what`: and to what.
void put_acts(Html& html, const Frame& frame, const std::vector<store::HandRecord>& acts,
              bool with_what);

/// A page that says one thing: an error, or that there is nothing here.
std::string message(const Frame& frame, std::string_view heading, std::string_view what);
std::string sign_in(const Frame& frame, std::string_view fault);

}  // namespace runs_agent::admin::page
