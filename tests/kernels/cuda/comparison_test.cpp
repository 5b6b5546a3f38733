// SPDX-License-Identifier: Apache-2.0
// The reference on the device against the one on the host, and that it sees what is wrong.

#include <random>

#include "device_check.h"
#include "gpu_fixture.h"
#include "masked_tensors.h"

namespace moescope {
namespace {

using test::HostTensors;
using test::upload;

/// Tensors on the device, with the host's outputs in them.
struct DeviceTensors {
    explicit DeviceTensors(HostTensors& host)
        : input(upload(host.input)),
          codes(upload(host.codes)),
          scales(upload(host.scales)),
          counts(upload(host.counts)) {
        problem = host.problem();
        problem.input = input.as<std::uint16_t>();
        problem.codes = codes.as<std::uint8_t>();
        problem.scales = scales.as<std::uint32_t>();
        problem.counts = counts.as<std::int32_t>();
    }
    cuda::DeviceBuffer input, codes, scales, counts;
    cuda::MaskedProblem problem;
};

class DeviceComparison : public test::GpuTest {
  protected:
    static Differences compare(HostTensors host, Numerics numerics) {
        const DeviceTensors tensors(host);
        const cuda::Stream stream = cuda::make_stream();
        return cuda::compare_on_device(host.shape, numerics, tensors.problem, host.tokens(), stream.get());
    }
};

TEST_F(DeviceComparison, AgreesWithTheHostReference) {
    std::mt19937_64 random(1);
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32})
        for (const ScaleFormat format :
             {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed})
            for (const std::int64_t group_size : {32, 64, 128, 256}) {
                const Shape shape{.experts = 5,
                                  .max_tokens = 40,
                                  .hidden = group_size * 13,
                                  .group_size = group_size,
                                  .scale_format = format};
                const HostTensors tensors = test::make_tensors(shape, test::random_counts(shape, random),
                                                               random(), group_size != 128);
                const Differences found = compare(test::reference_of(tensors, numerics), numerics);
                EXPECT_EQ(found.mismatched_codes, 0) << found.first;
                EXPECT_EQ(found.mismatched_scales, 0) << found.first;
                EXPECT_EQ(found.touched_past_counts, 0) << found.first;
                EXPECT_EQ(found.codes, tensors.tokens() * shape.hidden);
                EXPECT_TRUE(found.first.empty()) << found.first;
            }
}

TEST_F(DeviceComparison, AgreesOnEveryGate) {
    const Shape shape{.experts = 1, .max_tokens = 8, .hidden = 8192, .group_size = 32};
    HostTensors tensors = test::make_tensors(shape, {8}, 3, false);
    for (std::uint32_t gate = 0; gate < 65536; ++gate)
        tensors.input[gate / 8192 * 16384 + gate % 8192] = static_cast<std::uint16_t>(gate);
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        const Differences found = compare(test::reference_of(tensors, numerics), numerics);
        EXPECT_EQ(found.mismatched_codes, 0) << found.first;
        EXPECT_EQ(found.mismatched_scales, 0) << found.first;
    }
}

TEST_F(DeviceComparison, SeesCorruptionAndSaysWhere) {
    const Shape shape{.experts = 3, .max_tokens = 4, .hidden = 768, .group_size = 128};
    const HostTensors right =
        test::reference_of(test::make_tensors(shape, {4, 0, 3}, 5, false), Numerics::bf16);

    HostTensors wrong = right;
    wrong.codes[9 * 768 + 700] ^= 0x01;  // expert 2, token 1
    Differences found = compare(wrong, Numerics::bf16);
    EXPECT_EQ(found.mismatched_codes, 1);
    EXPECT_FALSE(judge(Numerics::bf16, found).passed);
    EXPECT_FALSE(judge(Numerics::bf16, found).note.empty());

    wrong = right;
    wrong.scales[0] ^= 0x10;
    found = compare(wrong, Numerics::bf16);
    EXPECT_EQ(found.mismatched_scales, 1);
    EXPECT_FALSE(judge(Numerics::bf16, found).passed);

    wrong = right;
    wrong.codes[4 * 768] = 0;
    found = compare(wrong, Numerics::bf16);
    EXPECT_EQ(found.touched_past_counts, 1);
    EXPECT_EQ(found.mismatched_codes, 0);
    EXPECT_FALSE(judge(Numerics::bf16, found).passed);

    EXPECT_TRUE(judge(Numerics::bf16, compare(right, Numerics::bf16)).passed);
}

}  // namespace
}  // namespace moescope
