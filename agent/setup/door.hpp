// SPDX-License-Identifier: MIT
// Where the browser comes to and comes back to: a listener on loopback, for as long as setup runs.
#pragma once

#include "agent/setup/wish.hpp"
#include "base/awaitable.hpp"
#include "base/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::agent::setup {

class Door {
public:
    /// `state` is what GitHub is to say again. `on_code` is called once, when the browser brings a
    /// code with it; `on_stranger` each time that one comes without.
    Door(const boost::asio::any_io_executor& executor, Wish wish, std::string state,
         std::function<void()> on_code, std::function<void()> on_stranger);
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// Errors: those of HttpServer::start().
    Result<void> start();

    /// The address to open. Its path cannot be guessed: others on this machine, who could read the
    /// state there, could have an App of their own taken for ours.
    std::string address() const;
    std::string port() const;
    /// Where GitHub sends the browser.
    std::string back() const;

    /// The code; taken once.
    std::optional<std::string> code();

    /// What the browser is shown from now on, which waits for it since it brought the code.
    void show(std::string page);

    /// Lets answers under way finish, within the bound.
    Awaitable<void> stop(std::chrono::milliseconds bound);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::agent::setup
