// SPDX-License-Identifier: MIT
// Unpacks gzip or zlib data piece by piece, as far as somebody wants to read and no further.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace runs_agent {

class Inflater {
public:
    /// `packed` must live as long. Takes some 40 KiB; throws std::bad_alloc where there are none.
    explicit Inflater(std::string_view packed);
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Fills `to` with the next `size` bytes, and with fewer (0 at last) only at the end of the
    /// data; what follows that is not looked at. Errc::bad_input where the data is broken or ends
    /// early.
    Result<std::size_t> read(char* to, std::size_t size);

    /// How many packed bytes have been looked at.
    std::size_t taken() const;

private:
    struct Stream;  // zlib's

    std::string_view rest_;  // what zlib was not given yet
    std::size_t given_ = 0;
    bool ended_ = false;
    std::unique_ptr<Stream> stream_;
};

}  // namespace runs_agent
