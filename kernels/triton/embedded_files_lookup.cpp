// SPDX-License-Identifier: Apache-2.0
#include "embedded_files.h"

namespace moescope::triton {

std::string_view embedded_file(std::string_view name) {
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.name == name) return file.contents;
    }
    return {};
}

}  // namespace moescope::triton
