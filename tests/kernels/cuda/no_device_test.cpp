// SPDX-License-Identifier: Apache-2.0
// Discovery and opening on any machine, with a GPU or without.

#include <gtest/gtest.h>

#include "cuda_error.h"
#include "moescope/error.h"
#include "moescope/kernels/cuda_backend.h"

namespace moescope {
namespace {

TEST(CudaDevices, AreFoundWithoutThrowing) {
    std::vector<Device> devices;
    ASSERT_NO_THROW(devices = cuda_devices());
    for (const Device& device : devices) {
        EXPECT_EQ(device.kind, "cuda");
        EXPECT_EQ(device.id.rfind("cuda:", 0), 0U);
        EXPECT_EQ(device.uuid.rfind("GPU-", 0), 0U);
        EXPECT_FALSE(device.name.empty());
        EXPECT_GT(device.sm_count, 0);
        EXPECT_GT(device.memory_bytes, 0);
    }
}

TEST(CudaDevices, OneThatIsNotThereCannotBeOpened) {
    try {
        open_cuda_backend(4711);
        FAIL() << "device 4711 opened";
    } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find("cudaSetDevice"), std::string::npos) << e.what();
    }
}

TEST(CudaKernels, SayWhatTheyCanDo) {
    for (const KernelTraits& kernel : cuda_kernels()) {
        EXPECT_FALSE(kernel.description.empty());
        // Triton's does what serving engines' does: no groups of 32, no packed scales.
        const bool triton = kernel.id == "triton";
        EXPECT_EQ(kernel.group_sizes.size(), triton ? 3U : 4U);
        EXPECT_EQ(kernel.scale_formats.size(), triton ? 2U : 3U);
    }
}

TEST(CudaError, NamesTheCallAndTheReason) {
    try {
        cuda::check(cudaErrorMemoryAllocation, "cudaMalloc(&memory, bytes)");
        FAIL();
    } catch (const Error& e) {
        const std::string what = e.what();
        EXPECT_EQ(what.rfind("cudaMalloc: ", 0), 0U) << what;
        EXPECT_NE(what.find("cudaErrorMemoryAllocation"), std::string::npos) << what;
        EXPECT_EQ(what.find("lost"), std::string::npos) << what;
    }
}

TEST(CudaError, SaysWhenTheDeviceIsLost) {
    try {
        cuda::check(cudaErrorIllegalAddress, "cudaStreamSynchronize(stream)");
        FAIL();
    } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find("the device is lost"), std::string::npos) << e.what();
    }
    EXPECT_FALSE(cuda::is_sticky(cudaErrorInvalidValue));
}

}  // namespace
}  // namespace moescope
