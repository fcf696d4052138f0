// SPDX-License-Identifier: MIT
// How this program carries errors: every operation that can fail returns Result<T>, and an Error
// says in one sentence what went wrong, why, and how to mend it. Its code is for decisions, its
// message for people. Exceptions are left to bugs and to start-up. A message never holds a secret.
#pragma once

#include <boost/system/result.hpp>

#include <source_location>
#include <string>
#include <string_view>

namespace runs_agent {

enum class Errc {
    bad_input,  // what the user, a file or a peer gave breaks a rule
    not_found,  // the thing asked for does not exist
    refused,    // a peer understood and said no
    timeout,    // a peer did not answer within its time
    network,    // a name could not be resolved, or a connection not made or kept
    tls,        // no trusted, encrypted connection could be agreed on
    too_large,  // more bytes than the limit allows
    busy,       // a bounded queue is full; later may be better
    store,      // the database failed, or holds what it should not
    io,         // a file or a socket of our own could not be opened, read or written
    stopping,   // the program is on its way down
};

/// The code's name as logs print it, e.g. "bad_input".
std::string_view to_string(Errc code);

struct Error {
    Errc code;
    std::string message;  // what, why and how to mend it
    std::source_location where;
};

/// A value, or the Error that took its place. Who drops it unread is told so by the compiler, also
/// where it was awaited.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
public:
    using boost::system::result<T, Error>::result;
};

/// Makes an Error that remembers the line it was made on.
inline Error fail(Errc code, std::string message,
                  std::source_location where = std::source_location::current()) {
    return Error{code, std::move(message), where};
}

/// Called by Result::value() on an error: reaching it is a bug, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace runs_agent
