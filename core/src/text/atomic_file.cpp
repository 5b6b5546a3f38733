// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "text/atomic_file.h"

namespace moescope {
namespace text {

namespace fs = std::filesystem;

std::string temporary_path(const std::string& path) {
    const fs::path target(path);
    return (target.parent_path() / ("." + target.filename().string() + ".part")).string();
}

void fail_writing(const std::string& path, int error) {
    throw Error(
        fmt::format("cannot write '{}': {}; choose a path that can be written", path, std::strerror(error)));
}

int create_temporary(const std::string& path) {
    std::error_code ignored;
    if (path.empty()) throw Error("cannot write to an empty path; name a file");
    if (fs::is_directory(path, ignored)) fail_writing(path, EISDIR);
    if (const fs::path parent = fs::path(path).parent_path();
        !parent.empty() && !fs::exists(parent, ignored)) {
        throw Error(
            fmt::format("cannot write '{}': there is no directory '{}'; create it or choose another path",
                        path, parent.string()));
    }
    // A file that may not be written must not be replaced either, though a rename could.
    if (fs::exists(path, ignored) && ::access(path.c_str(), W_OK) != 0) fail_writing(path, errno);
    const int descriptor =
        ::open(temporary_path(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
    if (descriptor < 0) fail_writing(path, errno);
    return descriptor;
}

bool write_all(int descriptor, std::string_view data) {
    while (!data.empty()) {
        const ssize_t written = ::write(descriptor, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace text

void check_writable(const std::string& path) {
    ::close(text::create_temporary(path));
    ::unlink(text::temporary_path(path).c_str());
}

void write_file_atomically(const std::string& path, std::string_view data) {
    const int descriptor = text::create_temporary(path);
    const std::string temporary = text::temporary_path(path);
    const bool written = text::write_all(descriptor, data) && ::fsync(descriptor) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = written ? errno : error;
        ::unlink(temporary.c_str());
        text::fail_writing(path, reason);
    }
}

}  // namespace moescope
