// SPDX-License-Identifier: Apache-2.0
#include "text/file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

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
    std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) throw Error(fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
    return content;
}

}  // namespace moescope::text
