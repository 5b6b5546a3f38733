// SPDX-License-Identifier: Apache-2.0
// The Triton kernel and the unfused pair on a GPU: verified over shapes of every sort, and captured.

#include <algorithm>
#include <random>

#include "driver_api.h"
#include "embedded_files.h"
#include "gpu_fixture.h"
#include "kernel_table.h"
#include "masked_tensors.h"
#include "moescope/error.h"
#include "moescope/workload/case.h"
#include "triton_kernel.h"

namespace moescope {
namespace {

class OtherKernelsOnGpu : public test::GpuTest {
  protected:
    void SetUp() override {
        GpuTest::SetUp();
        if (IsSkipped()) return;
        m_backend = open_cuda_backend(0);
        if (device().compute_capability < "8.9" && device().compute_capability.size() == 3)
            GTEST_SKIP() << "Triton's e4m3 needs compute capability 8.9";
    }

    Backend& backend() { return *m_backend; }

    /// Reserves for this case alone and makes it current.
    void begin(const Shape& shape, const std::vector<std::int32_t>& counts, const std::string& kernel) {
        Case c;
        c.shape = shape;
        for (const std::int32_t count : counts) c.total_tokens += count;
        const Rotation rotation = plan_rotation(shape, *std::max_element(counts.begin(), counts.end()),
                                                c.total_tokens * shape.bytes_per_token(),
                                                backend().device().cache_bytes, std::int64_t{4} << 30);
        BufferSizes sizes = buffer_sizes(shape, rotation);
        sizes.scratch_bytes =
            shape.rows() * shape.hidden * cuda::find_kernel(kernel).traits.scratch_bytes_per_output;
        backend().reserve(sizes);
        backend().begin_case(c, counts, rotation);
        m_label = case_label(c);
    }

    void expect_verified(const std::string& kernel, const Shape& shape,
                         const std::vector<std::int32_t>& counts) {
        for (const KernelTraits& traits : backend().kernels()) {
            if (traits.id == kernel) {
                ASSERT_EQ(unsupported_reason(traits, shape), std::nullopt);
            }
        }
        begin(shape, counts, kernel);
        const Verification result = backend().verify(kernel, {});
        EXPECT_TRUE(result.done);
        EXPECT_TRUE(result.passed) << kernel << ", " << m_label << ": " << result.note << ", scale error "
                                   << result.max_scale_error << ", codes " << result.mismatched_codes;
        EXPECT_EQ(result.touched_past_counts, 0);
        if (kernel == "unfused") {
            EXPECT_EQ(result.mismatched_codes, 0);
        }
    }

  private:
    std::unique_ptr<Backend> m_backend;
    std::string m_label;
};

TEST_F(OtherKernelsOnGpu, TritonOverPresetShapes) {
    for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0})
        for (const std::int64_t group_size : {64, 128, 256})
            for (const std::int64_t hidden : {512, 768, 2048, 7168, 14336})
                for (const std::int64_t max_tokens : {1, 7, 16, 129}) {
                    const auto most = static_cast<std::int32_t>(max_tokens);
                    expect_verified("triton",
                                    {.experts = 5,
                                     .max_tokens = max_tokens,
                                     .hidden = hidden,
                                     .group_size = group_size,
                                     .scale_format = format},
                                    {most, 0, 1, most / 2, 0});
                }
}

TEST_F(OtherKernelsOnGpu, TritonWithoutTokensAndWithManyExperts) {
    expect_verified("triton", {.experts = 1, .max_tokens = 1, .hidden = 512, .group_size = 128}, {1});
    expect_verified("triton", {.experts = 2, .max_tokens = 5, .hidden = 7168, .group_size = 128}, {0, 0});
    std::mt19937_64 random(4);
    std::vector<std::int32_t> counts(4096);
    for (auto& count : counts) count = static_cast<std::int32_t>(random() % 4);
    expect_verified("triton", {.experts = 4096, .max_tokens = 3, .hidden = 512, .group_size = 64}, counts);
}

TEST_F(OtherKernelsOnGpu, TritonPast32Bits) {
    const Shape shape{.experts = 40, .max_tokens = 8192, .hidden = 8192, .group_size = 128};
    if (backend().device().free_bytes < shape.input_bytes() + shape.code_bytes() + (std::int64_t{2} << 30))
        GTEST_SKIP() << "needs 16 GB of free device memory";
    std::vector<std::int32_t> counts(40, 0);
    counts[0] = 17;
    counts[20] = 500;
    counts[39] = 8192;
    expect_verified("triton", shape, counts);
}

TEST_F(OtherKernelsOnGpu, TritonIsCaptured) {
    begin({.experts = 8, .max_tokens = 1024, .hidden = 7168, .group_size = 128},
          std::vector<std::int32_t>(8, 16), "triton");
    for (const CacheMode mode : {CacheMode::cold, CacheMode::hot}) {
        const std::vector<double> samples = backend().sample("triton", mode, 11, {});
        ASSERT_EQ(samples.size(), 11U);
        for (const double us : samples) EXPECT_GT(us, 0.0);
    }
    EXPECT_TRUE(backend().verify("triton", {}).passed);
}

/// What another architecture without machine code of its own would run.
TEST_F(OtherKernelsOnGpu, TheOldestPtxLoads) {
    const std::string_view ptx = triton::embedded_file("sm89-h7168-g128-fp32.ptx");
    ASSERT_FALSE(ptx.empty());
    const cuda::Module module(ptx.data());
    CUfunction function = nullptr;
    cuda::check_driver(cuda::driver_api().get_function(&function, module.get(), "silu_mul_quant"),
                       "finding it");
    EXPECT_NE(function, nullptr);
}

/// Also what the memory and race checkers run.
TEST_F(OtherKernelsOnGpu, SmallShapes) {
    for (const std::int64_t group_size : {64, 128, 256})
        for (const char* kernel : {"triton", "unfused"}) {
            expect_verified(kernel, {.experts = 3, .max_tokens = 4, .hidden = 512, .group_size = group_size},
                            {4, 0, 3});
        }
}

TEST_F(OtherKernelsOnGpu, UnfusedOverShapesOfEverySort) {
    std::mt19937_64 random(22);
    const std::int64_t group_sizes[] = {32, 64, 128, 256};
    const ScaleFormat formats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    for (int i = 0; i < 48; ++i) {
        const std::int64_t group_size = group_sizes[i % 4];
        const Shape shape{.experts = static_cast<std::int64_t>(1 + random() % (i % 3 == 0 ? 3 : 600)),
                          .max_tokens = static_cast<std::int64_t>(1 + random() % 64),
                          .hidden = group_size * static_cast<std::int64_t>(1 + random() % 40),
                          .group_size = group_size,
                          .scale_format = formats[i / 4 % 3]};
        expect_verified("unfused", shape, test::random_counts(shape, random));
    }
    expect_verified("unfused", {.experts = 8, .max_tokens = 900, .hidden = 7168, .group_size = 128},
                    {900, 0, 1, 877, 450, 0, 0, 900});
}

TEST_F(OtherKernelsOnGpu, UnfusedIsCapturedAndSaysWhenItHasNoScratch) {
    const Shape shape{.experts = 4, .max_tokens = 64, .hidden = 2048, .group_size = 128};
    begin(shape, {64, 0, 3, 64}, "unfused");
    EXPECT_EQ(backend().sample("unfused", CacheMode::cold, 5, {}).size(), 5U);
    EXPECT_TRUE(backend().verify("unfused", {}).passed);
    const auto fresh = open_cuda_backend(0);
    const Rotation rotation;
    fresh->reserve(buffer_sizes(shape, rotation));
    Case c;
    c.shape = shape;
    const std::vector<std::int32_t> counts(4, 1);
    fresh->begin_case(c, counts, rotation);
    EXPECT_THROW(fresh->verify("unfused", {}), Error);
}

}  // namespace
}  // namespace moescope
