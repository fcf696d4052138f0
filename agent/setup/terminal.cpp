// SPDX-License-Identifier: MIT
#include "agent/setup/terminal.hpp"

#include "agent/cli/output.hpp"
#include "base/text.hpp"
#include "observe/printable.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace runs_agent::agent::setup {

namespace {

constexpr std::size_t longest_line = 16UL * 1024;

}  // namespace

void Terminal::say(std::string_view lines) const {
    Output out = data_on_output_ ? standard_error() : standard_output();
    out.text(lines);
}

Result<void> Terminal::check_data() const {
    pollfd output{STDOUT_FILENO, 0, 0};
    // A pipe whose reader has ended is POLLERR, a socket's or a terminal's other end POLLHUP.
    // Source: poll(2).
    if (::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return fail(Errc::io,
                    "nobody takes what is printed: what standard output leads to has ended, or "
                    "is closed");
    return {};
}

Result<void> Terminal::data(std::string_view text) const {
    errno = 0;
    standard_output().data(text);
    bool whole = std::cout.good();
    int code = errno;
    // A file's bytes may be refused as late as here; a pipe has nothing to wait for (EINVAL).
    if (whole && ::fsync(STDOUT_FILENO) != 0 && (errno == EIO || errno == ENOSPC)) {
        whole = false;
        code = errno;
    }
    no_data();
    if (whole) return {};
    return fail(Errc::io, std::string("it could not be printed: ") +
                              (code == 0 ? "standard output failed" : std::strerror(code)));
}

void Terminal::no_data() const {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    ::dup2(nowhere, STDOUT_FILENO);
    ::close(nowhere);
}

void Terminal::prompt(const std::string& question, const std::string& otherwise) const {
    say(question + (otherwise.empty() ? "" : " [" + printable(otherwise) + "]") + ": ");
}

Result<std::string> Terminal::ask(const std::string& question, const std::string& otherwise) const {
    prompt(question, otherwise);
    std::string line;
    if (!std::getline(std::cin, line))
        return fail(Errc::bad_input, "the input ended before the question was answered");
    line = trimmed(line);
    return line.empty() ? otherwise : line;
}

Result<std::optional<std::string>> TypedLines::next() {
    std::array<char, 4096> piece{};
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (!ended_ && typed_.find('\n') == std::string::npos && ::poll(&input, 1, 0) > 0) {
        const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) break;
        ended_ = count <= 0 || typed_.size() > longest_line;
        if (count > 0) typed_.append(piece.data(), static_cast<std::size_t>(count));
    }
    const auto end = typed_.find('\n');
    if (end == std::string::npos && !ended_) return std::optional<std::string>();
    if (typed_.empty())
        return fail(Errc::bad_input, "the input ended before the question was answered");
    std::string line(trimmed(std::string_view(typed_).substr(0, end)));
    typed_.erase(0, end == std::string::npos ? end : end + 1);
    return std::optional<std::string>(std::move(line));
}

bool input_is_terminal() {
    return ::isatty(STDIN_FILENO) == 1;
}

bool output_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace runs_agent::agent::setup
