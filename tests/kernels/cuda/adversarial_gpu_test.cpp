// SPDX-License-Identifier: Apache-2.0
// The patterns of adversarial.h on a GPU: every kernel by its rules, and what the Triton kernel makes of
// values that no rule covers, as docs/numerics.md says.

#include <cmath>

#include "adversarial_fill.h"
#include "gpu_fixture.h"
#include "launchers.h"
#include "masked_tensors.h"
#include "moescope/kernels/adversarial.h"
#include "moescope/kernels/tolerance.h"
#include "moescope/measurement/plan.h"
#include "moescope/measurement/runner.h"
#include "triton_kernel.h"

namespace moescope {
namespace {

using test::download;
using test::HostTensors;
using test::upload;

class AdversarialOnGpu : public test::GpuTest {};

struct Failures final : SweepObserver {
    void on_result(const Result& r) override {
        if (r.status == Status::skipped) return;
        ++cells;
        EXPECT_EQ(r.status, Status::ok)
            << r.kernel << ", " << case_label(r.c) << ": " << r.error << ", scale error "
            << r.verification.max_scale_error << ", codes " << r.verification.mismatched_codes;
        if (!r.verification.done) return;
        EXPECT_GT(r.verification.nonfinite_values, 0);
        EXPECT_EQ(r.verification.unjudged_codes > 0, r.verification.reference == "fp32");
    }
    int cells = 0;
};

TEST_F(AdversarialOnGpu, EveryKernelKeepsItsRules) {
    Selection s;
    s.name = "adversarial";
    s.experts = {1, 40};
    s.max_tokens = {1024};
    s.hidden = {512, 2048, 7168};
    s.group_size = {32, 64, 128, 256};
    s.scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    s.tokens_per_expert = {700};
    s.strategies = {parse_strategy("even")};
    s.kernels = {"silu_v2", "silu_v3", "silu_v3_fp32", "unfused", "triton"};
    const auto backend = open_cuda_backend(0);
    Device device = backend->device();
    device.cache_bytes = 0;
    const Plan plan = make_plan(s, device, backend->kernels());
    Failures failures;
    SweepOptions options;
    options.verify_only = true;
    options.input = InputKind::adversarial;
    run_sweep(plan, *backend, options, failures, {});
    EXPECT_GT(failures.cells, 3 * 72);
}

TEST_F(AdversarialOnGpu, NormalInputComesBack) {
    const Shape shape{.experts = 4, .max_tokens = 64, .hidden = 512, .group_size = 128};
    const auto backend = open_cuda_backend(0);
    backend->reserve(buffer_sizes(shape, Rotation{}));
    Case c;
    c.shape = shape;
    c.total_tokens = 4 * 64;
    for (const InputKind kind : {InputKind::normal, InputKind::adversarial, InputKind::normal}) {
        backend->choose_input(kind);
        backend->begin_case(c, std::vector<std::int32_t>(4, 64), Rotation{});
        const Verification v = backend->verify("silu_v2", {});
        EXPECT_TRUE(v.passed) << v.note;
        EXPECT_EQ(v.nonfinite_values > 0, kind == InputKind::adversarial);
    }
}

/// A tensor of the patterns on the device, filled there.
class DeviceTensors {
  public:
    explicit DeviceTensors(const Shape& shape)
        : m_host(test::make_tensors(shape, full_counts(shape), 1, false)) {
        std::vector<std::int64_t> rows;
        for (std::int64_t row = 0; row < shape.rows(); ++row) rows.push_back(row);
        const cuda::DeviceBuffer device_rows = upload(rows);
        cuda::check(cuda::launch_fill_adversarial(shape, shape.rows(), device_rows.as<std::int64_t>(),
                                                  m_input.as<std::uint16_t>(), m_stream.get()),
                    "launch");
        MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));
        m_host.input = download(m_input.as<std::uint16_t>(), m_host.input.size());
    }
    HostTensors triton_result() {
        cuda::MaskedProblem problem = m_host.problem();
        problem.input = m_input.as<std::uint16_t>();
        problem.codes = m_codes.as<std::uint8_t>();
        problem.scales = m_scales.as<std::uint32_t>();
        problem.counts = m_counts.as<std::int32_t>();
        const cuda::TritonModulesUser user;
        cuda::prepare_triton(m_host.shape);
        cuda::check(cuda::launch_triton(m_host.shape, problem, m_stream.get()), "launch");
        MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));
        HostTensors result = m_host;
        result.codes = download(m_codes.as<std::uint8_t>(), m_host.codes.size());
        result.scales = download(m_scales.as<std::uint32_t>(), m_host.scales.size());
        return result;
    }
    const HostTensors& host() const { return m_host; }

  private:
    static std::vector<std::int32_t> full_counts(const Shape& shape) {
        return std::vector<std::int32_t>(static_cast<std::size_t>(shape.experts),
                                         static_cast<std::int32_t>(shape.max_tokens));
    }
    HostTensors m_host;
    cuda::Stream m_stream = cuda::make_stream();
    cuda::DeviceBuffer m_input = upload(m_host.input);
    cuda::DeviceBuffer m_codes = upload(m_host.codes);
    cuda::DeviceBuffer m_scales = upload(m_host.scales);
    cuda::DeviceBuffer m_counts = upload(m_host.counts);
};

const Shape kShape{.experts = 1, .max_tokens = 800, .hidden = 512, .group_size = 128};

TEST_F(AdversarialOnGpu, TheDeviceFillsAsTheHostDoes) {
    const DeviceTensors tensors(kShape);
    for (std::int64_t row = 0; row < kShape.rows(); ++row)
        for (std::int64_t column = 0; column < 2 * kShape.hidden; ++column)
            ASSERT_EQ(tensors.host().input[static_cast<std::size_t>(row * 2 * kShape.hidden + column)],
                      adversarial::input_bits(row, column, kShape.hidden, kShape.group_size))
                << row << " " << column;
}

TEST_F(AdversarialOnGpu, TritonSaturatesWhatIsNoNumber) {
    if (cuda::triton_unsupported(device().compute_capability, kShape))
        GTEST_SKIP() << *cuda::triton_unsupported(device().compute_capability, kShape);
    const HostTensors got = DeviceTensors(kShape).triton_result();
    std::int64_t not_numbers = 0;
    std::int64_t infinite_groups = 0;
    for (std::int64_t token = 0; token < kShape.max_tokens; ++token)
        for (std::int64_t group = 0; group < kShape.groups(); ++group) {
            const std::uint32_t scale_bits =
                got.scales[static_cast<std::size_t>(group * kShape.max_tokens + token)];
            const bool infinite = std::isinf(numerics::bits_float(scale_bits));
            infinite_groups += infinite ? 1 : 0;
            EXPECT_FALSE(std::isnan(numerics::bits_float(scale_bits)));  // the maximum leaves NaN out
            for (std::int64_t i = 0; i < kShape.group_size; ++i) {
                const std::int64_t at = group * kShape.group_size + i;
                const std::uint16_t* row = got.input.data() + token * 2 * kShape.hidden;
                const float value =
                    reference::silu_fp32(row[at]) * numerics::bf16_to_float(row[kShape.hidden + at]);
                const int magnitude = got.codes[static_cast<std::size_t>(token * kShape.hidden + at)] & 0x7F;
                ASSERT_NE(magnitude, 0x7F);
                if (std::isnan(value)) {
                    ++not_numbers;
                    ASSERT_EQ(magnitude, 0x7E) << token << " " << at;
                } else if (infinite) {
                    ASSERT_EQ(magnitude, std::isinf(value) ? 0x7E : 0x00)
                        << token << " " << at << " " << value;
                }
            }
        }
    EXPECT_GT(not_numbers, 1000);
    EXPECT_GT(infinite_groups, 100);
}

}  // namespace
}  // namespace moescope
