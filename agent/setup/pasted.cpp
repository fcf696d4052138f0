// SPDX-License-Identifier: MIT
#include "agent/setup/pasted.hpp"

#include "agent/setup/made_app.hpp"
#include "agent/setup/page.hpp"
#include "agent/setup/place.hpp"
#include "agent/setup/texts.hpp"
#include "base/encoding.hpp"
#include "observe/printable.hpp"

#include <boost/asio/awaitable.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

namespace {

/// The address that the browser ends on is copied from its address bar. Nothing listens there: the
/// port is one that nobody was given, and where only root could listen. No browser refuses it.
constexpr const char* nowhere = "http://127.0.0.1:4/back";
constexpr std::chrono::milliseconds between_looks{50};
constexpr std::chrono::hours bound{1};

/// For the browser's user, who is another than root where sudo is: the page holds no secret.
class PageFile {
public:
    PageFile() = default;
    ~PageFile() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;

    Result<void> write(const std::vector<std::string>& folders, const std::string& name,
                       const std::string& text) {
        constexpr mode_t for_all = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
        for (const std::string& folder : folders) {
            std::string path = folder;
            path.append("/").append(name);
            const int file =
                ::open(path.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, for_all);
            if (file < 0) continue;
            path_ = path;
            const bool whole =
                ::fchmod(file, for_all) == 0 &&
                ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
            ::close(file);
            if (whole) return {};
            ::unlink(path_.c_str());
            path_.clear();
        }
        return fail(Errc::io,
                    "the page cannot be written into the current folder, nor into HOME; run setup "
                    "in a folder that is writable");
    }

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void tell(const Terminal& terminal, const Plan& plan, const std::string& file) {
    std::string text = "1. Open this file in a browser that is signed in to " +
                       printable(plan.wish.github.host) + ", and press its button:\n  " +
                       printable(file) + "\n";
    if (is_far(plan.environment))
        text += "   Is the browser on another machine? Then fetch the file there first:\n  " +
                printable(copy_command(file, way_to_here(plan.environment))) + "\n";
    terminal.say(text +
                 "2. The browser ends on an address that it cannot open, which begins with " +
                 nowhere + "\n");
}

}  // namespace

asio::awaitable<Result<std::string>> paste_code(const Terminal& terminal, Patience& patience,
                                                const Clock& clock, const Plan& plan) {
    const std::string state = random_hex(16);
    PageFile page;
    const auto written =
        page.write(folders_of_caller(plan.environment), "setup-" + state.substr(0, 8) + ".html",
                   button_page(plan.wish, manifest(plan.wish, nowhere), state));
    if (written.has_error()) co_return written.error();
    tell(terminal, plan, page.path());
    terminal.prompt("   Paste that address");
    TypedLines typed;
    const SteadyTime end = clock.steady() + bound;
    while (!patience.over() && clock.steady() < end) {
        auto line = typed.next();
        if (line.has_error()) break;
        if (!*line) {
            co_await patience.wait(between_looks);
            continue;
        }
        const auto back = read_return(**line);
        if (back.has_value() && same_state(back->state, state)) co_return back->code;
        terminal.say(back.has_error() ? "   No: " + printable(back.error().message) + "\n"
                                      : "   No: GitHub did not make that address for this set-up; "
                                        "its state is another\n");
        terminal.prompt("   Paste that address");
    }
    terminal.say("\n");
    co_return left_undone(plan.wish);
}

}  // namespace runs_agent::agent::setup
