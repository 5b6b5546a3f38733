// SPDX-License-Identifier: Apache-2.0
#include "text/file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "moescope/error.h"

namespace moescope::text {

std::string read_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        throw Error(fmt::format("cannot read '{}': it is a directory; name a file", path));
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw Error(fmt::format("cannot read '{}': {}; check the path", path, std::strerror(errno)));
    }
    // In blocks: a pipe has no size to ask for.
    constexpr std::size_t kBlock = std::size_t{1} << 20;
    std::string content;
    std::size_t size = 0;
    do {
        content.resize(size + kBlock);
        stream.read(content.data() + size, static_cast<std::streamsize>(kBlock));
        size += static_cast<std::size_t>(stream.gcount());
    } while (stream);
    content.resize(size);
    if (stream.bad()) throw Error(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
    return content;
}

}  // namespace moescope::text
