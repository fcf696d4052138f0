// SPDX-License-Identifier: MIT
#include "agent/setup/made_app.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "github/jwt.hpp"
#include "net/http_message.hpp"
#include "observe/printable.hpp"

#include <algorithm>

namespace runs_agent::agent::setup {

namespace {

constexpr std::size_t longest_code = 200;

/// "write" holds "read", too.
bool grants(const std::string& granted, const std::string& wanted) {
    return granted == wanted || granted == "admin" || (granted == "write" && wanted == "read");
}

std::string all_apps(const Wish& wish) {
    return wish.github.web +
           (wish.owner.empty() ? "" : "/organizations/" + net::percent_encode(wish.owner)) +
           "/settings/apps";
}

bool may_be_code(std::string_view code) {
    return !code.empty() && code.size() <= longest_code &&
           std::all_of(code.begin(), code.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

std::string settings_address(const github::App& app, const Wish& wish) {
    const bool own = wish.owner.empty() || !equals_ignoring_case(app.owner, wish.owner);
    const std::string owner = own ? "" : "/organizations/" + net::percent_encode(app.owner);
    return wish.github.web + owner + "/settings/apps/" + net::percent_encode(app.slug);
}

Error begin_again(const std::string& why, const Wish& wish) {
    return fail(Errc::refused, why + "; begin again, and delete the App at " + all_apps(wish) +
                                   " if one is there already");
}

Error left_undone(const Wish& wish) {
    return fail(Errc::stopping,
                "nothing was written. If Create GitHub App was pressed, the App is there, and its "
                "key was given to nobody: delete it at " +
                    all_apps(wish) + ", then begin again");
}

Result<void> check_made(const github::App& app, const Wish& wish) {
    if (!wish.owner.empty() && !equals_ignoring_case(app.owner, wish.owner))
        return fail(Errc::refused,
                    "GitHub registered the App under " + printable(app.owner) + ", not under " +
                        printable(wish.owner) +
                        ", as it does where who presses the button is no owner of the "
                        "organization; delete it at " +
                        settings_address(app, wish) +
                        "/advanced, and let an owner of the organization begin again");
    if (const auto key = github::check_private_key(app.private_key); key.has_error())
        return fail(Errc::refused,
                    "GitHub made the App and gave no private key that can sign; make one on its "
                    "page " +
                        settings_address(app, wish) + ", or delete it there and begin again");
    return {};
}

std::string lacking(const github::App& app, const Wish& wish) {
    std::string missing;
    const auto add = [&missing](std::initializer_list<std::string_view> parts) {
        if (!missing.empty()) missing += ", ";
        for (const std::string_view part : parts) missing += part;
    };
    for (const auto& [name, wanted] : wanted_permissions(wish)) {
        const auto found = app.permissions.find(name);
        const std::string granted = found == app.permissions.end() ? "none" : found->second;
        if (!grants(granted, wanted))
            add({"permission ", name, ": ", printable(granted), ", not ", wanted});
    }
    for (const std::string& event : wanted_events(wish))
        if (std::find(app.events.begin(), app.events.end(), event) == app.events.end())
            add({"no event ", event});
    return missing;
}

Result<Return> read_return(std::string_view address) {
    const auto mark = address.find('?');
    const std::string_view query =
        trimmed(mark == std::string_view::npos ? address : address.substr(mark + 1));
    const auto parameters = net::parse_form(query.substr(0, query.find('#')));
    Return found;
    found.code = net::find(parameters, "code").value_or("");
    found.state = net::find(parameters, "state").value_or("");
    if (may_be_code(found.code) && !found.state.empty()) return found;
    return fail(Errc::bad_input,
                "there is no code and state in that address; give the whole of the address that "
                "the browser ended on, with ?code=…&state=…");
}

bool same_state(const std::string& a, const std::string& b) {
    return equal_in_constant_time(sha256(a), sha256(b));
}

bool is_html(const std::string& message) {
    return trimmed(message).starts_with('<');
}

std::string in_words(int status, const std::string& message) {
    const std::string code = std::to_string(status);
    if (is_html(message))
        return "what answered (" + code +
               ", in HTML) is not GitHub's API but a proxy or a gateway in between; let requests "
               "to the API through there, or set HTTPS_PROXY to the proxy that does";
    if (status >= 300 && status < 400)
        return "it answers with a redirect (" + code +
               "); give the host that this leads to as --host";
    return "GitHub says: " + message + " (" + code + ")";
}

}  // namespace runs_agent::agent::setup
