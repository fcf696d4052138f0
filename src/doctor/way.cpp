// SPDX-License-Identifier: MIT
#include "doctor/way.hpp"

#include "base/time_text.hpp"
#include "doctor/url.hpp"

#include <string_view>

namespace runs_agent::doctor {

namespace {

constexpr std::chrono::hours soon{14 * 24};
constexpr const char* proxy_docs = "see docs/operations.md, \"Behind a reverse proxy\"";

// A plain request to a listener of TLS ends as if nobody listened.
constexpr const char* own_tls_is_on =
    "The listener speaks TLS (RUNS_AGENT_TLS_CERTIFICATE_FILE): does the proxy pass on by https? ";
constexpr const char* own_tls_may_be_on =
    "With RUNS_AGENT_TLS_CERTIFICATE_FILE it must pass on by https; ";

constexpr const char* red = "GitHub refuses the connection, and shows each delivery as failed";
constexpr const char* from_outside =
    "run this from a machine outside: runs-agent doctor --url …; or see HTTPS_PROXY and NO_PROXY";

std::string days(std::chrono::milliseconds span) {
    const auto count = span / std::chrono::hours(24);
    return std::to_string(count) + (count == 1 ? " day" : " days");
}

bool is_ours(const Answered& answer) {
    return answer.type == "application/json" && member_of(answer, "status") == "refused";
}

bool says(const Answered& answer, std::string_view words) {
    return member_of(answer, "error").find(words) != std::string::npos;
}

Finding broken(std::string what, std::string why, std::string cure, const WaySeen& seen) {
    return wrong(Check::way, std::move(what), std::move(why), std::move(cure), shown_url(seen.url));
}

std::string answered(const Answered& answer) {
    return std::to_string(answer.status) + (answer.type == "text/html" ? " with HTML" : "");
}

/// What stands between the address and the daemon, where no answer of the daemon's came.
Finding judge_stranger(const Answered& answer, const WaySeen& seen) {
    const std::string what = "a delivery to this address is answered " + answered(answer);
    const char* const not_ours = "that is not runs-agent's answer";
    if (answer.status == 404)
        return broken(what, "the path leads to something else than runs-agent",
                      "let the proxy pass /webhooks/github on to the daemon, and end the Payload"
                      " URL in the path that it passes on",
                      seen);
    if (answer.status == 403 || answer.status == 429)
        return broken(what, "a proxy, firewall or bot filter in front refuses it",
                      "let it pass POST requests to this path from GitHub's addresses"
                      " (api.github.com/meta, `hooks`) and from here",
                      seen);
    if (answer.status == 401)
        return broken(what, "a proxy in front asks for a password, or it is another program",
                      "take the authentication off this path: the signature is enough", seen);
    if (answer.status >= 300 && answer.status < 400)
        return broken(
            what + (answer.place.empty() ? "" : ", a redirect to " + shown_url(answer.place)),
            "a delivery ends there", "put the address that it redirects to into the Payload URL",
            seen);
    if (answer.status == 502 || answer.status == 503 || answer.status == 504)
        return broken(what, "the proxy does not reach the daemon",
                      std::string("is it running, and does the proxy pass on to where it listens"
                                  " (RUNS_AGENT_LISTEN)? ") +
                          (seen.own_tls ? own_tls_is_on : own_tls_may_be_on) + proxy_docs,
                      seen);
    return broken(
        what, not_ours,
        std::string("see what listens there, and let it pass deliveries on; ") + proxy_docs, seen);
}

Finding judge_401(const WaySeen& seen) {
    const Answered& answer = *seen.signed_one;
    if (says(answer, "missing") || says(answer, "only X-Hub-Signature"))
        return broken("a signed ping arrives without X-Hub-Signature-256",
                      "a proxy on the way takes the header away",
                      std::string("let it pass all headers on; ") + proxy_docs, seen);
    if (seen.plain_one && seen.plain_one->status == 200)
        return broken("a signed ping arrives with other bytes than were sent",
                      "a proxy or relay on the way writes the JSON anew, so no signature fits",
                      "let it pass the raw body on (docs/github-setup.md, \"A relay in between\")",
                      seen);
    if (seen.local && seen.local->status == 200)
        return broken(
            "a signed ping is refused (401) through this address, and taken at the daemon's"
            " own listener",
            "the address leads to another daemon, with another secret, or something on the"
            " way changes the body",
            "see where the proxy passes it on to, and let it pass the raw body on", seen);
    return broken("a signed ping is refused (401)",
                  "the daemon behind this address has another secret than these settings, or"
                  " something on the way changes the body",
                  "run this on the daemon's machine with its settings; the same secret belongs into"
                  " GITHUB_WEBHOOK_SECRET and the webhook's settings",
                  seen);
}

/// It need not be the length: it was the fourth request within a second or so, and tried twice.
Finding judge_large_by_stranger(const Answered& large, const std::string& what,
                                const WaySeen& seen) {
    if (large.status == 429 || large.status == 503)
        return warning(Check::way, what, "something in front counts requests, or was overloaded",
                       "run this again; let it not count what comes from GitHub's addresses"
                       " (api.github.com/meta, `hooks`)",
                       shown_url(seen.url));
    if (large.status == 403)
        return broken(what, "a firewall or filter in front refuses it, for its length or its words",
                      "let it pass POST requests to this path from GitHub's addresses"
                      " (api.github.com/meta, `hooks`), however long they are",
                      seen);
    if (large.status == 502 || large.status == 504)
        return broken(what, "the proxy did not pass it on to the daemon",
                      std::string("run this again; where it stays so, see the proxy's log, and its"
                                  " limits and buffers of bodies; ") +
                          proxy_docs,
                      seen);
    return broken(what, "that is not runs-agent's answer",
                  std::string("see the proxy's log, and let it pass deliveries on; ") + proxy_docs,
                  seen);
}

/// Short signed pings come through; does one that is as long as deliveries are?
Finding judge_large(const WaySeen& seen) {
    const Answered& large = *seen.large_one;
    if (large.status == 200 && member_of(large, "status") == "pong")
        return ok(Check::way,
                  "signed pings come through as they were sent, an unsigned one is refused",
                  shown_url(seen.url));
    const std::string what =
        "a short signed ping comes through, and one of 48 KiB " +
        (large.status == 0 ? "gets no answer: " + large.error : "is answered " + answered(large));
    if (large.status == 0 || large.status == 401 || large.status == 413)
        return broken(what,
                      "something on the way bounds bodies, or cuts them: deliveries, which are as"
                      " long, are lost",
                      "raise the proxy's limit of bodies to GitHub's 25 MiB: client_max_body_size"
                      " of nginx, request_body max_size of Caddy, or the firewall's for requests",
                      seen);
    if (is_ours(large))
        return broken(what + ": " + member_of(large, "error"), "GitHub's deliveries fare no better",
                      "docs/github-setup.md, \"What the answers mean\", has the cure", seen);
    return judge_large_by_stranger(large, what, seen);
}

/// The daemon, or something that refuses in its words, was reached.
Finding judge_signed(const WaySeen& seen) {
    if (!seen.signed_one && seen.local && seen.local->status == 401)
        return not_looked_at(Check::way,
                             "the daemon is reached; a signed ping was not sent, as the daemon"
                             " refuses what the secret of these settings signs",
                             "mend the daemon's secret first", seen.url);
    if (!seen.signed_one)
        return not_looked_at(Check::way,
                             "the daemon is reached; whether a signed delivery comes through as it"
                             " was sent was not tried, as there is no secret to sign with",
                             "beside a service, run this as root", shown_url(seen.url));
    const Answered& answer = *seen.signed_one;
    const bool came = answer.status == 200 && member_of(answer, "status") == "pong";
    if (came && seen.large_one) return judge_large(seen);
    if (came)
        return ok(Check::way,
                  "a signed ping comes through as it was sent, an unsigned one is refused",
                  shown_url(seen.url));
    if (answer.status == 0)
        return broken("a signed ping got no answer: " + answer.error,
                      "GitHub's deliveries fare no better", "see the proxy's log", seen);
    if (!is_ours(answer)) return judge_stranger(answer, seen);
    if (answer.status == 401) return judge_401(seen);
    if (says(answer, "the header X-GitHub-"))
        return broken("a signed ping arrives without its headers: " + member_of(answer, "error"),
                      "a proxy on the way takes X-GitHub-… headers away",
                      std::string("let it pass all headers on; ") + proxy_docs, seen);
    return broken(
        "a signed ping is answered " + answered(answer) + ": " + member_of(answer, "error"),
        "GitHub's deliveries fare no better",
        "docs/github-setup.md, \"What the answers mean\", has the cure", seen);
}

/// What GitHub refuses the connection for, where it looks at the certificate.
std::optional<Finding> judge_refused(const CertificateSeen& seen, Time now) {
    if (seen.expired && seen.ends && *seen.ends <= now)
        return wrong(
            Check::certificate, "it has expired on " + to_iso8601(*seen.ends).substr(0, 10), red,
            "renew it (certbot renew; Caddy does so by itself) and reload the proxy", seen.host);
    if (seen.expired)
        return wrong(Check::certificate, "it is not valid yet: " + seen.fault, red,
                     "set this machine's clock right, or wait", seen.host);
    if (seen.other_host)
        return wrong(Check::certificate, "it is for another host", red,
                     "let the proxy serve a certificate for " + seen.host, seen.host);
    if (!seen.fault.empty())
        return wrong(Check::certificate, "it is not trusted: " + seen.fault, red,
                     "serve the whole chain of a public authority; where it is your own authority,"
                     " GitHub must know it, and SSL_CERT_FILE names it here",
                     seen.host);
    return std::nullopt;
}

/// An error about a URL may have it whole.
std::string without_secrets(std::string text, const std::string& url) {
    const auto at = text.find(url);
    if (at != std::string::npos) text.replace(at, url.size(), shown_url(url));
    return text;
}

}  // namespace

Finding judge_address(const AddressSeen& seen) {
    if (seen.url.empty())
        return not_looked_at(Check::address, "the address that GitHub posts to is not known here",
                             "give it: --url https://HOST/webhooks/github, or"
                             " RUNS_AGENT_PUBLIC_URL; with access to GitHub it is read from the"
                             " webhook");
    if (seen.holds_password)
        return not_looked_at(Check::address,
                             "it holds a user name or password, which is not sent from here",
                             "see in GitHub's log whether deliveries come through; without them"
                             " the address can be tried with --url",
                             shown_url(seen.url));
    if (!seen.url_error.empty())
        return wrong(Check::address, without_secrets(seen.url_error, seen.url),
                     "GitHub cannot post to it", "write it as https://HOST/webhooks/github",
                     shown_url(seen.url));
    if (!seen.fault.empty())
        return wrong(Check::address, seen.fault, "nobody reaches the daemon by this address",
                     "see that the name is in DNS, the proxy runs, and a firewall lets its port in",
                     shown_url(seen.url));
    if (seen.public_github && seen.all_private)
        return warning(
            Check::address,
            "from here the name stands for " +
                (seen.addresses.empty() ? "a private address" : seen.addresses.front()) +
                ", which github.com cannot reach",
            "outside it may stand for another; from here only the inner one can be tried",
            "run this from a machine outside: runs-agent doctor --url …", shown_url(seen.url));
    if (!seen.https)
        return warning(Check::address, "it is plain http",
                       "payloads can be read on the way, with the names of private branches",
                       "let a reverse proxy speak TLS", shown_url(seen.url));
    if (seen.by_proxy && seen.unproven)
        return not_looked_at(Check::address,
                             "from here it is asked by way of the proxy of HTTPS_PROXY, by which"
                             " nothing came back; GitHub does not use that proxy",
                             from_outside, shown_url(seen.url));
    if (seen.by_proxy)
        return ok(Check::address, "it is asked by way of the proxy of HTTPS_PROXY",
                  shown_url(seen.url));
    return ok(Check::address,
              "it is reached at " +
                  (seen.addresses.empty() ? std::string("its address") : seen.addresses.front()) +
                  (seen.from_hook ? "; it is the webhook's Payload URL" : ""),
              shown_url(seen.url));
}

Finding judge_certificate(const CertificateSeen& seen, Time now) {
    if (seen.by_proxy)
        return not_looked_at(Check::certificate,
                             "through the proxy of HTTPS_PROXY it cannot be seen", from_outside,
                             seen.host);
    if (!seen.no_handshake.empty())
        return wrong(Check::certificate, seen.no_handshake, red,
                     "is it TLS that listens on this port? See the proxy's log", seen.host);
    if (auto refused = judge_refused(seen, now)) {
        if (!seen.not_verified) return std::move(*refused);
        return warning(Check::certificate,
                       refused->says + "; GitHub does not look at it, as SSL verification is off",
                       "whoever is on the way can read the payloads",
                       refused->cure + "; then switch SSL verification on", seen.host);
    }
    if (!seen.ends) return not_looked_at(Check::certificate, "none was seen", "", seen.host);
    const auto left = *seen.ends - now;
    const std::string until = "it is good until " + to_iso8601(*seen.ends).substr(0, 10) + ", " +
                              days(left) + " from now";
    if (left < soon)
        return warning(Check::certificate, until, "then GitHub refuses the connection",
                       "renew it, and see why it was not renewed by itself", seen.host);
    return ok(Check::certificate, until, seen.host);
}

Finding judge_way(const WaySeen& seen) {
    const Answered& first = seen.unsigned_one;
    if (first.status == 0 && seen.by_proxy)
        return not_looked_at(Check::way,
                             "it was not tried: by the proxy of HTTPS_PROXY nothing comes back (" +
                                 first.error + ")",
                             from_outside, shown_url(seen.url));
    if (first.status == 0)
        return broken("a delivery to this address gets no answer: " + first.error,
                      "GitHub shows its deliveries as failed",
                      std::string("see the proxy's log; ") + proxy_docs, seen);
    if (first.status == 404 && is_ours(first))
        return broken("the daemon is reached, and this is not the path for deliveries (404)",
                      "it takes them at /webhooks/github alone, without a slash at its end",
                      "mend the Payload URL, or the path that the proxy passes on", seen);
    if (!is_ours(first)) return judge_stranger(first, seen);
    if (first.status != 401)
        return broken("a ping without a signature is answered " + answered(first) + ": " +
                          member_of(first, "error"),
                      "a 401 was to be expected",
                      "docs/github-setup.md, \"What the answers mean\", has the cure", seen);
    return judge_signed(seen);
}

}  // namespace runs_agent::doctor
