// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace moescope {

/// Memory for one tensor: aligned to a huge page, which the system is asked to use (pages of 4 KiB would stop
/// the hardware's prefetchers every fraction of a microsecond).
class HostBuffer {
  public:
    HostBuffer() = default;
    /// `what` names the tensor in the Error that is thrown when the system refuses.
    HostBuffer(std::int64_t bytes, const std::string& what);

    template <typename T>
    T* as() const {
        return static_cast<T*>(m_memory.get());
    }
    std::int64_t bytes() const { return m_bytes; }

  private:
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<void, Free> m_memory;
    std::int64_t m_bytes = 0;
};

}  // namespace moescope
