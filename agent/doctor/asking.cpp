// SPDX-License-Identifier: MIT
#include "agent/doctor/asking.hpp"

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "doctor/url.hpp"
#include "net/client/certificate.hpp"
#include "net/client/proxy.hpp"
#include "net/url.hpp"
#include "webhooks/deliveries/probe.hpp"
#include "webhooks/receiving/signature.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace runs_agent::agent {

namespace asio = boost::asio;
using doctor::Answered;
using doctor::Findings;

namespace {

/// An answer of /metrics has some 100 KB.
constexpr std::size_t longest = 1024UL * 1024;

Answered answered(const Result<net::HttpResponse>& response) {
    Answered made;
    if (response.has_error()) {
        made.error = response.error().message;
        return made;
    }
    made.status = response->status;
    made.type = net::media_type(response->headers);
    made.body = response->body;
    made.place = response->headers.find("Location").value_or("");
    return made;
}

doctor::AddressSeen address_of(const Outside& outside) {
    doctor::AddressSeen seen;
    seen.url = outside.url;
    seen.from_hook = outside.from_hook;
    seen.public_github = outside.public_github;
    return seen;
}

doctor::CertificateSeen certificate_of(const std::string& host, const net::PeerSeen& peer) {
    doctor::CertificateSeen seen;
    seen.host = host;
    seen.ends = peer.ends;
    seen.no_handshake = peer.handshake_fault;
    seen.fault = peer.certificate_fault;
    seen.expired = peer.not_valid_now;
    seen.other_host = peer.other_host;
    return seen;
}

asio::awaitable<doctor::WaySeen> look_at_way(net::HttpTransport& http, Outside outside) {
    doctor::WaySeen seen;
    seen.url = outside.url;
    seen.own_tls = outside.own_tls;
    seen.unsigned_one = co_await ask_with_ping(http, outside.url, webhooks::make_probe(), "");
    if (outside.local.status != 0) seen.local = outside.local;
    // A daemon counts what does not fit, and an alert pages somebody: one is sent at most.
    const bool refused = outside.local.status == 401;
    if (outside.secret.empty() || refused || seen.unsigned_one.status != 401) co_return seen;
    seen.plain_one =
        co_await ask_with_ping(http, outside.url, webhooks::make_plain_probe(), outside.secret);
    if (seen.plain_one->status == 401)
        seen.signed_one = seen.plain_one;
    else
        seen.signed_one =
            co_await ask_with_ping(http, outside.url, webhooks::make_probe(), outside.secret);
    if (seen.signed_one->status != 200) co_return seen;
    seen.large_one =
        co_await ask_with_ping(http, outside.url, webhooks::make_large_probe(), outside.secret);
    if (seen.large_one->status != 429 && seen.large_one->status != 503) co_return seen;
    // It was the fourth at once; what counts requests does so by the second.
    SystemClock clock;
    co_await clock.sleep_until(clock.now() + std::chrono::seconds(1));
    seen.large_one =
        co_await ask_with_ping(http, outside.url, webhooks::make_large_probe(), outside.secret);
    co_return seen;
}

}  // namespace

asio::awaitable<Answered> ask(net::HttpTransport& http, std::string url) {
    net::HttpRequest request;
    request.method = "GET";
    request.target = std::move(url);
    request.max_answer = longest;
    const auto response = co_await http.send(std::move(request));
    co_return answered(response);
}

asio::awaitable<Answered> ask_with_ping(net::HttpTransport& http, std::string url,
                                        std::string payload, std::string secret) {
    net::HttpRequest request;
    request.method = "POST";
    request.target = std::move(url);
    request.max_answer = longest;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("X-GitHub-Event", "ping");
    request.headers.add("X-GitHub-Delivery", std::string(webhooks::probe_guid) + random_uuid());
    if (!secret.empty())
        request.headers.add("X-Hub-Signature-256", webhooks::sign(secret, payload));
    request.body = std::move(payload);
    const auto response = co_await http.send(std::move(request));
    co_return answered(response);
}

asio::awaitable<Findings> look_from_outside(net::ClientOptions options, Outside outside) {
    const auto executor = co_await asio::this_coro::executor;
    doctor::AddressSeen address = address_of(outside);
    const auto url = net::parse_url(outside.url);
    if (!outside.url.empty() && url.has_error()) address.url_error = url.error().message;
    address.holds_password = doctor::has_userinfo(outside.url);
    if (url.has_error()) co_return Findings{doctor::judge_address(address)};
    address.https = url->scheme == "https";
    address.by_proxy = address.https && !options.https_proxy.empty() &&
                       !net::bypasses_proxy(options.no_proxy, url->host, url->port);
    Findings found;
    bool trusted = true;
    if (!address.by_proxy) {
        const auto peer = co_await net::look_at_peer(url->host, url->port, address.https,
                                                     options.ca_file, look_bound);
        if (peer.has_error()) {
            address.fault = peer.error().message;
            co_return Findings{doctor::judge_address(address)};
        }
        address.addresses = peer->addresses;
        address.all_private = peer->all_private;
        if (address.https) {
            doctor::CertificateSeen certificate = certificate_of(url->host, *peer);
            certificate.not_verified = outside.insecure_ssl;
            found.push_back(doctor::judge_certificate(certificate, outside.now));
            trusted = found.back().verdict != doctor::Verdict::wrong;
        }
    } else {
        doctor::CertificateSeen certificate;
        certificate.host = url->host;
        certificate.by_proxy = true;
        found.push_back(doctor::judge_certificate(certificate, outside.now));
    }
    if (!trusted) {
        found.push_back(doctor::not_looked_at(
            doctor::Check::way, "nothing is sent over a connection that is not trusted",
            "mend the certificate first", doctor::shown_url(outside.url)));
    } else {
        options.verify = options.verify && !outside.insecure_ssl;
        net::HttpClient http(executor, std::move(options));
        doctor::WaySeen way = co_await look_at_way(http, std::move(outside));
        way.by_proxy = address.by_proxy;
        address.unproven = way.unsigned_one.status == 0;
        found.push_back(doctor::judge_way(way));
    }
    found.push_back(doctor::judge_address(address));
    co_return found;
}

}  // namespace runs_agent::agent
