// SPDX-License-Identifier: Apache-2.0

// libmoescope_kernels.so as an engine uses it, on the processor: every bad argument has its status, every
// kernel gives what the scalar references give.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "moescope/kernel_abi.h"

namespace {

std::vector<const moescope_kernel_info*> kernels() {
    std::vector<const moescope_kernel_info*> all;
    for (const auto* const* info = moescope_kernel_list(); *info != nullptr; ++info) all.push_back(*info);
    return all;
}

/// Tensors of a small problem and the arguments for it.
struct Problem {
    explicit Problem(const char* kernel, std::int64_t group_size = 128,
                     std::uint32_t format = MOESCOPE_SCALE_FP32)
        : input(3 * 5 * 2 * 512), codes(3 * 5 * 512, 0xFF), scales(3 * 5 * 16, 0xFFFFFFFF), counts{5, 0, 3} {
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        for (std::uint16_t& value : input) {
            const float drawn = normal(random);
            std::uint32_t bits = 0;
            std::memcpy(&bits, &drawn, sizeof bits);
            value = static_cast<std::uint16_t>(bits >> 16);
        }
        args.struct_size = sizeof args;
        args.abi_version = MOESCOPE_KERNEL_ABI_VERSION;
        args.kernel = kernel;
        args.input = input.data();
        args.codes = codes.data();
        args.scales = scales.data();
        args.counts = counts.data();
        args.experts = 3;
        args.max_tokens = 5;
        args.hidden = 512;
        args.group_size = group_size;
        args.scale_format = format;
    }
    Problem(const Problem&) = delete;  // args points into it
    Problem& operator=(const Problem&) = delete;
    ~Problem() = default;

    std::vector<std::uint16_t> input;
    std::vector<std::uint8_t> codes;
    std::vector<std::uint32_t> scales;
    std::vector<std::int32_t> counts;
    moescope_launch_args args{};
};

/// The launch is refused with this status and a message, and nothing was written.
template <typename Change>
void expect_status(moescope_status status, Change change) {
    Problem problem("cpu");
    change(problem);
    EXPECT_EQ(moescope_launch(&problem.args), status) << moescope_last_error();
    EXPECT_STRNE(moescope_last_error(), "");
    EXPECT_TRUE(std::all_of(problem.codes.begin(), problem.codes.end(), [](auto c) { return c == 0xFF; }));
}

TEST(KernelLibrary, ListsKernelsOfTheProcessor) {
    EXPECT_EQ(moescope_abi_version(), MOESCOPE_KERNEL_ABI_VERSION);
    std::vector<std::string> ids;
    for (const moescope_kernel_info* info : kernels()) {
        EXPECT_EQ(info->struct_size, sizeof *info);
        EXPECT_NE(info->group_size_count, 0U) << info->id;
        EXPECT_NE(info->scale_formats, 0U) << info->id;
        EXPECT_GE(info->hidden_multiple_of, 1) << info->id;
        EXPECT_STRNE(info->description, "");
        EXPECT_STRNE(info->id, "stream41");  // not the operation
        if (info->needs_device == MOESCOPE_DEVICE_CPU) ids.emplace_back(info->id);
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"cpu", "reference", "reference_fp32"}));
}

TEST(KernelLibrary, StatusForEachBadArgument) {
    EXPECT_EQ(moescope_launch(nullptr), MOESCOPE_INVALID_ARGUMENT);
    expect_status(MOESCOPE_BAD_VERSION, [](Problem& p) { p.args.struct_size = 8; });
    expect_status(MOESCOPE_BAD_VERSION, [](Problem& p) { p.args.abi_version = 2; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.kernel = nullptr; });
    expect_status(MOESCOPE_UNKNOWN_KERNEL, [](Problem& p) { p.args.kernel = "nope"; });
    expect_status(MOESCOPE_UNKNOWN_KERNEL, [](Problem& p) { p.args.kernel = "stream41"; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.input = nullptr; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.codes = nullptr; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.scales = nullptr; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.counts = nullptr; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.experts = 0; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.max_tokens = -1; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.hidden = 500; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.group_size = 0; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.group_size = 48; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.scale_format = 3; });
    expect_status(MOESCOPE_UNSUPPORTED, [](Problem& p) { p.args.numerics = MOESCOPE_NUMERICS_FP32; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.input_dtype = 2; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.input_dtype = 77; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.args.flags = 2; });
    expect_status(MOESCOPE_UNSUPPORTED, [](Problem& p) { p.args.input_strides[1] = 4096; });
    expect_status(MOESCOPE_UNSUPPORTED, [](Problem& p) { p.args.codes_strides[0] = 1; });
    expect_status(MOESCOPE_UNSUPPORTED, [](Problem& p) { p.args.scale_strides[2] = 1; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.counts[1] = 6; });
    expect_status(MOESCOPE_INVALID_ARGUMENT, [](Problem& p) { p.counts[2] = -1; });
    expect_status(MOESCOPE_MISALIGNED,
                  [](Problem& p) { p.args.input = reinterpret_cast<const char*>(p.input.data()) + 1; });
    expect_status(MOESCOPE_MISALIGNED,
                  [](Problem& p) { p.args.scales = reinterpret_cast<char*>(p.scales.data()) + 2; });
}

TEST(KernelLibrary, CudaKernelsCheckBeforeTheyTouchTheDevice) {
    for (const moescope_kernel_info* info : kernels()) {
        if (info->needs_device != MOESCOPE_DEVICE_CUDA) continue;
        Problem problem(info->id);
        problem.args.input = nullptr;
        EXPECT_EQ(moescope_launch(&problem.args), MOESCOPE_INVALID_ARGUMENT) << info->id;
        problem.args.input = reinterpret_cast<void*>(0x1002);
        EXPECT_EQ(moescope_launch(&problem.args), MOESCOPE_MISALIGNED) << info->id;
    }
}

TEST(KernelLibrary, AWorkspaceIsAskedForAndChecked) {
    bool found = false;
    for (const moescope_kernel_info* info : kernels()) {
        if (info->id != std::string("unfused")) continue;
        found = true;
        Problem problem(info->id);
        const auto& args = problem.args;
        std::uint64_t bytes = 0;
        ASSERT_EQ(moescope_query_workspace(&args, &bytes), MOESCOPE_OK);
        EXPECT_EQ(bytes, static_cast<std::uint64_t>(2 * args.experts * args.max_tokens * args.hidden));
        EXPECT_EQ(moescope_launch(&args), MOESCOPE_WORKSPACE);
        std::vector<std::uint8_t> memory(bytes + 512);
        const std::size_t aligned = (256 - reinterpret_cast<std::uintptr_t>(memory.data()) % 256) % 256;
        problem.args.workspace = memory.data() + aligned;
        problem.args.workspace_bytes = bytes - 1;
        EXPECT_EQ(moescope_launch(&args), MOESCOPE_WORKSPACE);
        EXPECT_NE(std::string(moescope_last_error()).find(std::to_string(bytes)), std::string::npos);
        problem.args.workspace_bytes = bytes;
        problem.args.workspace = memory.data() + aligned + 16;
        EXPECT_EQ(moescope_launch(&args), MOESCOPE_MISALIGNED);
    }
    if (!found) GTEST_SKIP() << "a library without CUDA has no kernel with a workspace";
}

TEST(KernelLibrary, AKernelTellsWhichInputItReads) {
    for (const moescope_kernel_info* info : kernels()) {
        EXPECT_NE(info->input_dtypes >> MOESCOPE_INPUT_BF16 & 1U, 0U) << info->id;
        const bool reads_fp16 = (info->input_dtypes >> MOESCOPE_INPUT_FP16 & 1U) != 0;
        EXPECT_EQ(reads_fp16, std::strcmp(info->id, "silu_v2") != 0) << info->id;
        if (reads_fp16) continue;
        Problem problem(info->id);
        problem.args.input_dtype = MOESCOPE_INPUT_FP16;
        EXPECT_EQ(moescope_launch(&problem.args), MOESCOPE_UNSUPPORTED) << info->id;
        EXPECT_STREQ(moescope_last_error(), "silu_v2 does not read fp16 input");
    }
}

TEST(KernelLibrary, MessagesBelongToTheThread) {
    EXPECT_EQ(moescope_launch(nullptr), MOESCOPE_INVALID_ARGUMENT);
    std::thread([] { EXPECT_STREQ(moescope_last_error(), ""); }).join();
    EXPECT_STRNE(moescope_last_error(), "");
    Problem problem("cpu");
    EXPECT_EQ(moescope_launch(&problem.args), MOESCOPE_OK);
    EXPECT_STREQ(moescope_last_error(), "");
}

TEST(KernelLibrary, StatusesHaveNames) {
    for (moescope_status status = MOESCOPE_OK; status <= MOESCOPE_INTERNAL_ERROR; ++status)
        EXPECT_STRNE(moescope_status_string(status), "unknown status");
    EXPECT_STREQ(moescope_status_string(99), "unknown status");
    EXPECT_STREQ(moescope_status_string(-1), "unknown status");
}

TEST(KernelLibrary, NoWorkspaceOnTheProcessor) {
    Problem problem("cpu");
    std::uint64_t bytes = 77;
    EXPECT_EQ(moescope_query_workspace(&problem.args, &bytes), MOESCOPE_OK);
    EXPECT_EQ(bytes, 0U);
    EXPECT_EQ(moescope_query_workspace(&problem.args, nullptr), MOESCOPE_INVALID_ARGUMENT);
}

TEST(KernelLibrary, VectorKernelIsTheReferenceBitForBit) {
    for (const std::int64_t group_size : {32, 64, 128, 256})
        for (const std::uint32_t format :
             {MOESCOPE_SCALE_FP32, MOESCOPE_SCALE_FP32_UE8M0, MOESCOPE_SCALE_UE8M0_PACKED}) {
            Problem fast("cpu", group_size, format);
            Problem reference("reference", group_size, format);
            ASSERT_EQ(moescope_launch(&fast.args), MOESCOPE_OK) << moescope_last_error();
            ASSERT_EQ(moescope_launch(&reference.args), MOESCOPE_OK) << moescope_last_error();
            EXPECT_EQ(fast.codes, reference.codes);
            EXPECT_EQ(fast.scales, reference.scales);
            EXPECT_EQ(fast.codes[5 * 512], 0xFF);  // expert 1 has no tokens
            // The same bits are other numbers in fp16.
            Problem fast_fp16("cpu", group_size, format);
            Problem reference_fp16("reference", group_size, format);
            fast_fp16.args.input_dtype = reference_fp16.args.input_dtype = MOESCOPE_INPUT_FP16;
            ASSERT_EQ(moescope_launch(&fast_fp16.args), MOESCOPE_OK) << moescope_last_error();
            ASSERT_EQ(moescope_launch(&reference_fp16.args), MOESCOPE_OK) << moescope_last_error();
            EXPECT_EQ(fast_fp16.codes, reference_fp16.codes);
            EXPECT_EQ(fast_fp16.scales, reference_fp16.scales);
            EXPECT_NE(fast_fp16.codes, fast.codes);
        }
}

TEST(KernelLibrary, KnownValues) {
    Problem problem("reference_fp32", 128, MOESCOPE_SCALE_FP32_UE8M0);
    std::fill(problem.input.begin(), problem.input.end(), 0x41A0);  // 20.0: silu(20) * 20 = 400
    ASSERT_EQ(moescope_launch(&problem.args), MOESCOPE_OK);
    EXPECT_EQ(problem.scales[0], 0x3F800000U);  // 400/448 rounded up to 1
    EXPECT_EQ(problem.codes[0], 0x7CU);         // 400 lies between 384 and 416: even is 384
    Problem fp16("reference_fp32", 128, MOESCOPE_SCALE_FP32_UE8M0);
    fp16.args.input_dtype = MOESCOPE_INPUT_FP16;
    std::fill(fp16.input.begin(), fp16.input.end(), 0x4D00);  // 20.0 again
    ASSERT_EQ(moescope_launch(&fp16.args), MOESCOPE_OK);
    EXPECT_EQ(fp16.scales, problem.scales);
    EXPECT_EQ(fp16.codes, problem.codes);
}

TEST(KernelLibrary, ThreadsTakeTurns) {
    Problem expected("cpu");
    ASSERT_EQ(moescope_launch(&expected.args), MOESCOPE_OK);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                Problem problem("cpu");
                EXPECT_EQ(moescope_launch(&problem.args), MOESCOPE_OK);
                EXPECT_EQ(problem.codes, expected.codes);
            }
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
