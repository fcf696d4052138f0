// SPDX-License-Identifier: MIT
#include "agent/daemon/reloaded_secrets.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace runs_agent::agent {

struct ReloadedSecrets::State {
    struct Kept {
        Secret read;
        std::mutex mutex;
        Result<std::string> last;
    };

    explicit State(std::chrono::milliseconds pause) : every(pause) {}

    const std::chrono::milliseconds every;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::shared_ptr<Kept>> all;
    bool stopping = false;

    /// Those there are, after a pause; empty when it is over.
    std::vector<std::shared_ptr<Kept>> wait();
};

std::vector<std::shared_ptr<ReloadedSecrets::State::Kept>> ReloadedSecrets::State::wait() {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, every, [this] { return stopping; });
    return stopping ? std::vector<std::shared_ptr<Kept>>() : all;
}

ReloadedSecrets::ReloadedSecrets(std::chrono::milliseconds every)
    : state_(std::make_shared<State>(every)) {}

ReloadedSecrets::~ReloadedSecrets() {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
}

ReloadedSecrets::Secret ReloadedSecrets::keep(Secret read) const {
    auto kept = std::make_shared<State::Kept>();
    kept->read = std::move(read);
    kept->last = kept->read();
    const std::lock_guard lock(state_->mutex);
    state_->all.push_back(kept);
    if (state_->all.size() == 1) {
        // Nobody waits for it at the end: it may be waiting for a disk.
        std::thread([state = state_] {
            for (auto all = state->wait(); !all.empty(); all = state->wait()) {
                for (const auto& one : all) {
                    Result<std::string> now = one->read();
                    const std::lock_guard each(one->mutex);
                    one->last = std::move(now);
                }
            }
        }).detach();
    }
    return [kept] {
        const std::lock_guard each(kept->mutex);
        return kept->last;
    };
}

}  // namespace runs_agent::agent
