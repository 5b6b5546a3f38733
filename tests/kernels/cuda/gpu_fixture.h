// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "cuda_handles.h"
#include "moescope/kernels/cuda_backend.h"

namespace moescope::test {

/// A test that needs a GPU: skipped, and reported so, where there is none.
class GpuTest : public ::testing::Test {
  protected:
    void SetUp() override {
        static const std::vector<Device> devices = cuda_devices();
        if (devices.empty()) GTEST_SKIP() << "no CUDA device here that this build has code for";
        m_device = devices.front();
        MOESCOPE_CUDA_CHECK(cudaSetDevice(0));
    }
    const Device& device() const { return m_device; }

  private:
    Device m_device;
};

/// A copy of `values` in device memory.
template <class T>
cuda::DeviceBuffer upload(const std::vector<T>& values) {
    cuda::DeviceBuffer buffer;
    buffer.ensure(values.size() * sizeof(T) + 16);
    MOESCOPE_CUDA_CHECK(
        cudaMemcpy(buffer.as<void>(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
    return buffer;
}
template <class T>
std::vector<T> download(const T* device_memory, std::size_t count) {
    std::vector<T> values(count);
    MOESCOPE_CUDA_CHECK(cudaMemcpy(values.data(), device_memory, count * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
}

}  // namespace moescope::test
