// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "text/atomic_file.h"

namespace moescope {
namespace text {

namespace fs = std::filesystem;

namespace {

/// Of links that lead to links; a longer chain is a loop.
constexpr int kMostLinks = 40;
constexpr std::chrono::milliseconds kLockPause{5};

std::string temporary_beside(const fs::path& target) {
    return (target.parent_path() / ("." + target.filename().string() + ".part")).string();
}

/// Whether the locked file is still the one that `temporary` names: who held the lock before may have renamed
/// or removed it.
bool still_named(int descriptor, const std::string& temporary) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(temporary.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// Some network file systems have no locks; there whoever writes last wins.
bool knows_locks(int error) {
    return error != ENOLCK && error != ENOSYS && error != EINVAL && error != EOPNOTSUPP;
}

/// Opens and locks the temporary file, so that two programs that write to one path do so one after the other.
int open_locked(const std::string& path, const std::string& temporary) {
    while (true) {
        const int descriptor =
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | O_NOFOLLOW, 0644);
        if (descriptor < 0) fail_writing(path, errno);
        const bool refused = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
        const int error = errno;
        const bool locked = !refused || !knows_locks(error);
        if (locked && still_named(descriptor, temporary)) return descriptor;
        ::close(descriptor);
        if (!locked && error != EWOULDBLOCK && error != EINTR) fail_writing(path, error);
        // Not waited for in flock(): a journal keeps the lock for as long as its sweep runs.
        if (!locked) std::this_thread::sleep_for(kLockPause);
    }
}

}  // namespace

std::string behind_links(const std::string& path) {
    std::error_code ignored;
    fs::path at(path);
    for (int i = 0; i < kMostLinks && fs::is_symlink(at, ignored); ++i) {
        const fs::path next = fs::read_symlink(at, ignored);
        at = next.is_absolute() ? next : at.parent_path() / next;
    }
    return at.string();
}

bool is_stream(const std::string& path) {
    struct stat file {};
    struct stat out {};
    if (::stat(path.c_str(), &file) != 0 || S_ISDIR(file.st_mode)) return false;
    if (!S_ISREG(file.st_mode)) return true;
    return ::fstat(STDOUT_FILENO, &out) == 0 && out.st_ino == file.st_ino && out.st_dev == file.st_dev;
}

std::string temporary_path(const std::string& path) {
    return temporary_beside(behind_links(path));
}

void fail_writing(const std::string& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    throw Error(
        fmt::format("cannot write '{}': {}; {}", path, std::strerror(error),
                    full ? "free some space or choose another path" : "choose a path that can be written"));
}

int create_temporary(const std::string& path) {
    std::error_code ignored;
    if (path.empty()) throw Error("cannot write to an empty path; name a file");
    if (fs::is_directory(path, ignored)) fail_writing(path, EISDIR);
    const std::string target = behind_links(path);
    if (const fs::path parent = fs::path(target).parent_path();
        !parent.empty() && !fs::exists(parent, ignored)) {
        throw Error(
            fmt::format("cannot write '{}': there is no directory '{}'; create it or choose another path",
                        path, parent.string()));
    }
    struct stat before {};
    const bool replaces = ::stat(target.c_str(), &before) == 0;
    // A file that may not be written must not be replaced either, though a rename could.
    if (replaces && ::access(target.c_str(), W_OK) != 0) fail_writing(path, errno);
    const std::string temporary = temporary_beside(target);
    const int descriptor = open_locked(path, temporary);
    // Left over by a kill, it may hold something; and the new file may be read by whom the old one might.
    if (::ftruncate(descriptor, 0) != 0 || (replaces && ::fchmod(descriptor, before.st_mode & 07777U) != 0)) {
        const int error = errno;
        ::unlink(temporary.c_str());
        ::close(descriptor);
        fail_writing(path, error);
    }
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

namespace {

/// What cannot be replaced by a rename is written to: a pipe, /dev/null, the file that standard output is.
void write_stream(const std::string& path, std::string_view data) {
    std::fflush(stdout);
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_APPEND);
    if (descriptor < 0) fail_writing(path, errno);
    const bool written = write_all(descriptor, data);
    const int error = errno;
    ::close(descriptor);
    if (!written) fail_writing(path, error);
}

}  // namespace
}  // namespace text

void check_writable(const std::string& path) {
    if (text::is_stream(path)) {
        if (::access(path.c_str(), W_OK) != 0) text::fail_writing(path, errno);
        return;
    }
    const int descriptor = text::create_temporary(path);
    ::unlink(text::temporary_path(path).c_str());
    ::close(descriptor);
}

void write_file_atomically(const std::string& path, std::string_view data) {
    if (text::is_stream(path)) {
        text::write_stream(path, data);
        return;
    }
    const int descriptor = text::create_temporary(path);
    const std::string temporary = text::temporary_path(path);
    const bool written = text::write_all(descriptor, data) && ::fsync(descriptor) == 0 &&
                         std::rename(temporary.c_str(), text::behind_links(path).c_str()) == 0;
    const int error = errno;
    if (!written) ::unlink(temporary.c_str());
    ::close(descriptor);
    if (!written) text::fail_writing(path, error);
}

}  // namespace moescope
