// SPDX-License-Identifier: Apache-2.0
#include "host_buffer.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include "moescope/error.h"

namespace moescope {
namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;

}  // namespace

HostBuffer::HostBuffer(std::int64_t bytes, const std::string& what) : m_bytes(bytes) {
    // Not mmap: so that address sanitizers see where it ends.
    void* memory = nullptr;
    if (posix_memalign(&memory, kHugePage, static_cast<std::size_t>(bytes)) != 0)
        throw Error(
            fmt::format("cannot allocate {:.2f} GB for the {}: choose fewer experts, fewer tokens of "
                        "capacity or a smaller hidden size",
                        static_cast<double>(bytes) / 1e9, what));
    m_memory.reset(memory);
    // Advice: where it is not followed everything works, a little slower.
    if (bytes >= static_cast<std::int64_t>(kHugePage))
        madvise(memory, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
}

}  // namespace moescope
