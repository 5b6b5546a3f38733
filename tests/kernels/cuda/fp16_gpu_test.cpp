// SPDX-License-Identifier: Apache-2.0
// fp16 input on a GPU: the hardware's conversions and the products of every gate, then every kernel that
// reads it, with normal and with adversarial values.

#include <cmath>

#include "device_probe.h"
#include "gpu_fixture.h"
#include "moescope/kernels/input_value.h"
#include "moescope/kernels/reference.h"
#include "moescope/measurement/plan.h"
#include "moescope/measurement/runner.h"

namespace moescope {
namespace {

using test::download;
using test::upload;

class Fp16OnGpu : public test::GpuTest {};

bool is_nan_bf16(std::uint32_t bits) {
    return (bits & 0x7FFFU) > 0x7F80U;
}

TEST_F(Fp16OnGpu, ConversionsOfEveryValue) {
    std::vector<std::uint32_t> pairs;
    for (std::uint32_t bits = 0; bits < 65536; ++bits)
        pairs.push_back(bits | (bits * 40503U & 0xFFFFU) << 16);
    const cuda::DeviceBuffer input = upload(pairs);
    cuda::DeviceBuffer floats;
    cuda::DeviceBuffer packed;
    floats.ensure(pairs.size() * 8);
    packed.ensure(pairs.size() * 4);
    ASSERT_EQ(test::probe_fp16(input.as<std::uint32_t>(), floats.as<float>(), packed.as<std::uint32_t>(),
                               static_cast<int>(pairs.size())),
              cudaSuccess);
    const auto got = download(floats.as<float>(), pairs.size() * 2);
    const auto again = download(packed.as<std::uint32_t>(), pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i)
        for (const std::size_t half : {0, 1}) {
            const auto bits = static_cast<std::uint16_t>(pairs[i] >> (16 * half));
            const float want = numerics::fp16_to_float(bits);
            ASSERT_TRUE(got[2 * i + half] == want || (std::isnan(want) && std::isnan(got[2 * i + half])))
                << bits;
            if (!std::isnan(want)) {
                ASSERT_EQ(std::signbit(got[2 * i + half]), std::signbit(want)) << bits;
                ASSERT_EQ(again[i] >> (16 * half) & 0xFFFFU, bits);
            }
        }
}

TEST_F(Fp16OnGpu, ProductsOfEveryGate) {
    for (const std::uint16_t up : {std::uint16_t{0x3C00}, std::uint16_t{0x7BFF}, std::uint16_t{0x8001},
                                   std::uint16_t{0x3555}, std::uint16_t{0x7C00}, std::uint16_t{0x7E00}}) {
        cuda::DeviceBuffer products;
        products.ensure(65536 * 16);
        ASSERT_EQ(test::probe_fp16_products(up, products.as<std::uint32_t>()), cudaSuccess);
        const auto got = download(products.as<std::uint32_t>(), 65536 * 4);
        for (std::uint32_t gate = 0; gate < 65536; ++gate) {
            const auto bits = static_cast<std::uint16_t>(gate);
            const std::uint32_t want = numerics::float_to_bf16(reference::silu_bf16(bits, InputType::fp16) *
                                                               numerics::fp16_to_float(up));
            for (int place = 0; place < 8; ++place) {
                const std::uint32_t product = got[4 * gate + place / 2] >> (16 * (place % 2)) & 0xFFFFU;
                ASSERT_TRUE(product == want || (is_nan_bf16(product) && is_nan_bf16(want)))
                    << "gate " << gate << " up " << up << " place " << place << ": " << product << ", not "
                    << want;
            }
        }
    }
}

struct Outcomes final : SweepObserver {
    void on_result(const Result& r) override {
        if (r.status == Status::skipped) {
            ++skipped;
            EXPECT_NE(r.error, "");
            return;
        }
        ++cells;
        EXPECT_EQ(r.status, Status::ok)
            << r.kernel << ", " << case_label(r.c) << ": " << r.error << ", scale error "
            << r.verification.max_scale_error << ", codes " << r.verification.mismatched_codes;
        if (input == InputKind::normal && r.verification.relative_error) {
            EXPECT_LT(*r.verification.relative_error, 0.03) << r.kernel << ", " << case_label(r.c);
        }
    }
    InputKind input = InputKind::normal;
    int cells = 0;
    int skipped = 0;
};

Outcomes verify(const Selection& selection, InputKind input) {
    const auto backend = open_cuda_backend(0);
    Device device = backend->device();
    device.cache_bytes = 0;  // nothing is timed: one slot will do
    const Plan plan = make_plan(selection, device, backend->kernels());
    Outcomes outcomes;
    outcomes.input = input;
    SweepOptions options;
    options.verify_only = true;
    options.input = input;
    run_sweep(plan, *backend, options, outcomes, {});
    return outcomes;
}

Selection fp16_selection() {
    Selection s;
    s.name = "fp16";
    s.group_size = {32, 64, 128, 256};
    s.scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    s.input_types = {InputType::fp16, InputType::bf16};  // the input is filled anew in between
    s.kernels = {"silu_v2", "silu_v3", "silu_v3_fp32", "unfused"};
    s.strategies = {parse_strategy("uniform")};
    return s;
}

/// What the memory and race checkers run, too.
TEST_F(Fp16OnGpu, SmallShapes) {
    Selection s = fp16_selection();
    s.experts = {3};
    s.max_tokens = {8};
    s.hidden = {256};
    s.tokens_per_expert = {4};
    const Outcomes outcomes = verify(s, InputKind::normal);
    EXPECT_EQ(outcomes.skipped, 12);  // silu_v2 with fp16
    EXPECT_EQ(outcomes.cells, 12 * 7);
}

TEST_F(Fp16OnGpu, EveryKernelKeepsItsRules) {
    Selection s = fp16_selection();
    s.experts = {1, 40};
    s.max_tokens = {1024};
    s.hidden = {512, 2048, 7168};
    s.tokens_per_expert = {500};
    for (const InputKind input : {InputKind::normal, InputKind::adversarial}) {
        const Outcomes outcomes = verify(s, input);
        EXPECT_EQ(outcomes.skipped, 72);
        EXPECT_EQ(outcomes.cells, 72 * 7);
    }
}

}  // namespace
}  // namespace moescope
