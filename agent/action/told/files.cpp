// SPDX-License-Identifier: MIT
#include "agent/action/told/files.hpp"

#include "agent/cli/private_process.hpp"

#include <filesystem>
#include <fstream>

namespace runs_agent::agent::action {

namespace {

Result<void> write(const std::string& path, const std::string& text, std::ios::openmode mode) {
    const CallersUmask for_later_steps;
    std::ofstream file(path, std::ios::binary | mode);
    file << text;
    file.close();
    if (file) return {};
    return fail(Errc::io, "cannot write " + path +
                              "; check that its folder is there, may be written to and has room");
}

}  // namespace

Result<void> append_to_file(const std::string& path, const std::string& text) {
    return write(path, text, std::ios::app);
}

Result<void> write_file(const std::string& path, const std::string& text) {
    const CallersUmask for_later_steps;
    std::error_code failure;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, failure);
    if (failure)
        return fail(Errc::io, "cannot make the folder " + folder.string() + ": " +
                                  failure.message() + "; give another output");
    return write(path, text, std::ios::trunc);
}

Result<bool> remove_file(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code failure;
    const fs::file_status status = fs::symlink_status(path, failure);
    if (!fs::is_regular_file(status) && !fs::is_symlink(status)) return false;
    if (fs::remove(path, failure)) return true;
    return fail(Errc::io, "cannot remove " + path + ": " + failure.message() +
                              "; it is of another run, and would have too little run");
}

}  // namespace runs_agent::agent::action
