// SPDX-License-Identifier: MIT
// One request to GitHub's REST API and its answer: headers, limits, remembered answers, GitHub's
// words. What is asked, and by whom, is for others to say.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "github/document.hpp"
#include "github/limit_board.hpp"
#include "github/limits.hpp"
#include "github/page_memory.hpp"
#include "net/client/http_client.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace runs_agent::github {

/// What is sent in `Authorization`.
struct Token {
    std::string text;    // empty: nothing is, for what anybody may ask
    std::string budget;  // names what its requests are counted on: see Limits
};

struct RestRequest {
    std::string method = "GET";
    std::string path;       // below the API's address, checked and encoded
    std::string body;       // JSON; empty: none
    bool remember = false;  // by its ETag, for the next time
    /// The most bytes of its answer; a longer one is Errc::too_large. A workflow run has 10 to 100
    /// KB.
    std::size_t longest = 1024UL * 1024;
};

class Rest {
public:
    Rest(net::HttpTransport& transport, const Clock& clock, std::string api_url);

    /// A redirect is an answer, and is not followed. While a limit holds for the token's budget,
    /// nothing is sent: the answer is a 429 of our own. Errors: those of the transport, and network
    /// where no GitHub answered.
    Awaitable<Result<Answer<std::shared_ptr<const Page>>>> send(RestRequest request, Token token);

    /// From now on limits are those of all that share the board, which must live as long.
    void share(LimitBoard& board) { board_ = &board; }

private:
    Awaitable<std::chrono::milliseconds> wait(std::string budget);
    Awaitable<void> tell(std::string budget);

    net::HttpTransport& transport_;
    const Clock& clock_;
    std::string api_url_;
    Limits limits_;
    LimitBoard* board_ = nullptr;
    PageMemory memory_;
};

}  // namespace runs_agent::github
