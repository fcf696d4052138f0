// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/verdict.hpp"

namespace runs_agent::webhooks {

Verdict verdict_of(const Error& error) {
    switch (error.code) {
        case Errc::refused:
            return Verdict::not_permitted;
        case Errc::bad_input:
        case Errc::too_large:
            return Verdict::useless;
        case Errc::network:
        case Errc::tls:
        case Errc::timeout:
        case Errc::stopping:
            return Verdict::unreachable;
        default:
            return Verdict::failed;
    }
}

Verdict verdict_of(int status, bool limited) {
    if (limited) return Verdict::limited;
    if (status >= 200 && status < 300) return Verdict::fine;
    if (status == 401) return Verdict::unauthorized;
    if (status == 403) return Verdict::not_permitted;
    if (status == 404 || status == 410) return Verdict::absent;
    if (status >= 500 || status == 408 || status == 425 || status == 429) return Verdict::failed;
    return Verdict::useless;  // also what has moved: its new name will be heard of
}

}  // namespace runs_agent::webhooks
