// SPDX-License-Identifier: Apache-2.0
#include "architectures.h"

#include <charconv>

namespace moescope::cuda {
namespace {

bool covers(std::string_view item, int major, int minor) {
    if (item == "native" || item == "all" || item == "all-major") return true;
    int number = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), number);
    if (error != std::errc()) return false;
    const std::string_view rest(end, static_cast<std::size_t>(item.data() + item.size() - end));
    const bool arch_specific = rest.starts_with("a");  // runs on exactly this one, PTX too
    const bool exact = number == major * 10 + minor;
    if (arch_specific) return exact;
    const bool real = !rest.ends_with("-virtual");
    const bool ptx = !rest.ends_with("-real");
    if (real && number / 10 == major && number % 10 <= minor) return true;
    return ptx && number <= major * 10 + minor;
}

}  // namespace

bool has_code_for(std::string_view architectures, int major, int minor) {
    while (!architectures.empty()) {
        const std::size_t end = architectures.find_first_of(";,");
        if (covers(architectures.substr(0, end), major, minor)) return true;
        if (end == std::string_view::npos) break;
        architectures.remove_prefix(end + 1);
    }
    return false;
}

std::string_view built_architectures() {
    return MOESCOPE_CUDA_ARCHITECTURES;
}

}  // namespace moescope::cuda
