// SPDX-License-Identifier: MIT
#include "github/rest.hpp"

#include "base/time_text.hpp"
#include "github/link.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::github {

namespace asio = boost::asio;

namespace {

using PageAnswer = Answer<std::shared_ptr<const Page>>;

net::HttpRequest to_http(const RestRequest& request, std::string url, const Token& token,
                         const std::string& etag) {
    net::HttpRequest http;
    http.method = request.method;
    http.target = std::move(url);
    http.max_answer = request.longest;
    http.headers.add("Accept", "application/vnd.github+json");
    http.headers.add("X-GitHub-Api-Version", "2022-11-28");
    if (!token.text.empty()) http.headers.add("Authorization", "Bearer " + token.text);
    if (!request.body.empty()) http.headers.add("Content-Type", "application/json");
    http.body = request.body;
    if (!etag.empty()) http.headers.add("If-None-Match", etag);
    return http;
}

PageAnswer not_sent(std::chrono::milliseconds wait) {
    PageAnswer answer;
    answer.status = 429;
    answer.retry_after = wait;
    answer.message =
        "nothing was sent: a rate limit of GitHub's API holds for another " + to_words(wait);
    return answer;
}

std::string message_of(const net::HttpResponse& response, const Token& token) {
    if (response.status >= 300 && response.status < 400)
        return "the repository was renamed or moved: GitHub answers with a redirect, which is not "
               "followed with a token in hand; use the repository's new name";
    return read_message(response.body, token.text);
}

}  // namespace

Rest::Rest(net::HttpTransport& transport, const Clock& clock, std::string api_url)
    : transport_(transport), clock_(clock), api_url_(std::move(api_url)) {
    while (!api_url_.empty() && api_url_.back() == '/') api_url_.pop_back();
}

/// As this process was told, or another that shares the budget.
asio::awaitable<std::chrono::milliseconds> Rest::wait(std::string budget) {
    const auto own = limits_.wait(budget, clock_.now());
    if (own.count() > 0 || board_ == nullptr) co_return own;
    co_return co_await board_->wait(std::move(budget));
}

/// A limit that holds now, to the others: also where the last request before it was answered.
asio::awaitable<void> Rest::tell(std::string budget) {
    const auto held = limits_.wait(budget, clock_.now());
    if (held.count() > 0 && board_ != nullptr) co_await board_->tell(std::move(budget), held);
}

asio::awaitable<Result<PageAnswer>> Rest::send(RestRequest request, Token token) {
    const auto held = co_await wait(token.budget);
    if (held.count() > 0) co_return not_sent(held);

    const std::string url = api_url_ + request.path;
    PageMemory::Entry known;  // a copy: others may use the memory until the answer is here
    if (request.remember)
        if (const auto* const entry = memory_.find(url)) known = *entry;
    net::HttpRequest http = to_http(request, url, token, known.etag);
    Result<net::HttpResponse> response = co_await transport_.send(std::move(http));
    if (response.has_error()) co_return std::move(response).error();

    PageAnswer answer;
    answer.status = response->status;
    if (answer.status == 304 && known.page) {
        answer.status = 200;
        answer.value = known.page;
        co_return answer;
    }
    if (!answer.ok()) answer.message = message_of(*response, token);
    answer.retry_after = limits_.learn(token.budget, *response, answer.message, clock_.now());
    co_await tell(token.budget);
    if (!answer.ok()) co_return answer;

    auto page = std::make_shared<Page>();
    page->next = find_link(response->headers, "next").value_or("");
    page->body = std::move(response->body);
    answer.value = page;
    const auto etag = response->headers.find("ETag");
    if (request.remember && etag && answer.status == 200)
        memory_.keep({url, std::string(*etag), std::move(page)});
    co_return answer;
}

}  // namespace runs_agent::github
