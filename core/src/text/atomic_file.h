// SPDX-License-Identifier: Apache-2.0
#pragma once

// The steps of write_file_atomically() for the journal, which goes on writing after the rename.

#include <string>
#include <string_view>

namespace moescope::text {

/// Where the new content of `path` is collected: a hidden neighbour, so that the rename stays in one file
/// system.
std::string temporary_path(const std::string& path);
/// Opens it for appending; Error naming `path` when it cannot be.
int create_temporary(const std::string& path);
/// False with errno set on failure.
bool write_all(int descriptor, std::string_view data);
[[noreturn]] void fail_writing(const std::string& path, int error);

}  // namespace moescope::text
