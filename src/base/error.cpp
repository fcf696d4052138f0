// SPDX-License-Identifier: MIT
#include "base/error.hpp"

#include <stdexcept>

namespace runs_agent {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::bad_input:
            return "bad_input";
        case Errc::not_found:
            return "not_found";
        case Errc::refused:
            return "refused";
        case Errc::timeout:
            return "timeout";
        case Errc::network:
            return "network";
        case Errc::tls:
            return "tls";
        case Errc::too_large:
            return "too_large";
        case Errc::busy:
            return "busy";
        case Errc::store:
            return "store";
        case Errc::io:
            return "io";
        case Errc::stopping:
            return "stopping";
    }
    return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error("an error was taken for a value: " + error.message);
}

}  // namespace runs_agent
