// SPDX-License-Identifier: Apache-2.0
#pragma once

// The steps of write_file_atomically() for the journal, which goes on writing after the rename.

#include <string>
#include <string_view>

namespace moescope::text {

/// What a chain of symbolic links leads to, there or not: that is replaced, and the links stay.
std::string behind_links(const std::string& path);
/// Whether `path` is a pipe, a device or the file that standard output goes to: it is written to, never
/// replaced.
bool is_stream(const std::string& path);
/// Where the new content of `path` is collected: a hidden neighbour of what it leads to, so that the rename
/// stays in one file system.
std::string temporary_path(const std::string& path);
/// Opens it empty, for appending, with the lock that keeps other writers of `path` waiting until it is
/// closed; Error naming `path` when it cannot be.
int create_temporary(const std::string& path);
/// False with errno set on failure.
bool write_all(int descriptor, std::string_view data);
[[noreturn]] void fail_writing(const std::string& path, int error);

}  // namespace moescope::text
