// SPDX-License-Identifier: Apache-2.0
#pragma once

// Owners of CUDA handles. None can be copied: two owners would destroy one handle twice, and what a copy
// should mean (a second stream? the same memory?) is not obvious. All can be moved.

#include <cuda_runtime_api.h>

#include <cstddef>
#include <utility>

#include "cuda_error.h"

namespace moescope::cuda {

/// Owns `Handle` and destroys it with `kDestroy`. Errors on destruction are dropped: there is nobody to tell,
/// and after a lost device every one of these calls fails.
template <class Handle, cudaError_t (*kDestroy)(Handle)>
class Owned {
  public:
    Owned() = default;
    explicit Owned(Handle handle) : m_handle(handle) {}
    Owned(Owned&& other) noexcept : m_handle(std::exchange(other.m_handle, Handle{})) {}
    Owned& operator=(Owned&& other) noexcept {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    Owned(const Owned&) = delete;             // see the top of this file
    Owned& operator=(const Owned&) = delete;  // see the top of this file
    ~Owned() {
        if (m_handle != Handle{}) static_cast<void>(kDestroy(m_handle));
    }

    Handle get() const { return m_handle; }
    explicit operator bool() const { return m_handle != Handle{}; }

  private:
    Handle m_handle{};
};

using Stream = Owned<cudaStream_t, &cudaStreamDestroy>;
using Event = Owned<cudaEvent_t, &cudaEventDestroy>;
using Graph = Owned<cudaGraph_t, &cudaGraphDestroy>;
using GraphExec = Owned<cudaGraphExec_t, &cudaGraphExecDestroy>;
using DeviceMemory = Owned<void*, &cudaFree>;

inline Stream make_stream() {
    cudaStream_t stream = nullptr;
    MOESCOPE_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return Stream(stream);
}

inline Event make_event() {
    cudaEvent_t event = nullptr;
    MOESCOPE_CUDA_CHECK(cudaEventCreate(&event));
    return Event(event);
}

/// Device memory of `bytes`, which grows when asked for more and never shrinks.
class DeviceBuffer {
  public:
    /// What was in it is lost if it has to grow.
    void ensure(std::size_t bytes) {
        if (bytes <= m_bytes) return;
        release();  // before: both may not fit
        void* memory = nullptr;
        MOESCOPE_CUDA_CHECK(cudaMalloc(&memory, bytes));
        m_memory = DeviceMemory(memory);
        m_bytes = bytes;
    }
    void release() {
        m_memory = DeviceMemory();
        m_bytes = 0;
    }
    std::size_t bytes() const { return m_bytes; }
    template <class T>
    T* as() const {
        return static_cast<T*>(m_memory.get());
    }

  private:
    DeviceMemory m_memory;
    std::size_t m_bytes = 0;
};

}  // namespace moescope::cuda
