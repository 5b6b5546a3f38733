// SPDX-License-Identifier: Apache-2.0
// Launch configurations of silu_v2 and stream41 side by side, cold, in graphs, interleaved: for choosing the
// constants in kernels/cuda on a device that is new. Usage: cuda_tune [--peer FILE.csv] [--quick] With --peer
// (columns experts, max_tokens, hidden, strategy, total_tokens_requested, cold_graph_us_peer_v2) each silu_v2
// configuration is also compared with the times of that file, even strategy.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cuda_devices.h"
#include "cuda_handles.h"
#include "launchers.h"
#include "moescope/analysis/statistics.h"
#include "moescope/error.h"
#include "moescope/kernels/cuda_backend.h"
#include "moescope/workload/distribution.h"
#include "moescope/workload/rotation.h"
#include "replay_plan.h"
#include "replay_timer.h"

namespace moescope::cuda {
namespace {

constexpr std::int64_t kMaxTokens = 1024;
constexpr std::int64_t kHidden = 7168;
constexpr std::int64_t kMaxBytes = std::int64_t{24} << 30;
constexpr int kRounds = 6;
constexpr int kReplaysPerRound = 5;

using CaseId = std::pair<std::int64_t, std::int64_t>;  // experts, tokens

struct TunedCase {
    Shape shape;
    std::vector<std::int32_t> counts;
    std::vector<std::int64_t> rows;
    Rotation rotation;
};

TunedCase make_case(std::int64_t experts, std::int64_t tokens, std::int64_t cache_bytes) {
    TunedCase c;
    c.shape = {.experts = experts, .max_tokens = kMaxTokens, .hidden = kHidden, .group_size = 128};
    c.counts = tokens_per_expert(parse_strategy("even"), experts, kMaxTokens, tokens, 42);
    for (std::int64_t e = 0; e < experts; ++e)
        for (std::int64_t t = 0; t < c.counts[static_cast<std::size_t>(e)]; ++t)
            c.rows.push_back(e * kMaxTokens + t);
    c.rotation = plan_rotation(c.shape, *std::max_element(c.counts.begin(), c.counts.end()),
                               tokens * c.shape.bytes_per_token(), cache_bytes, kMaxBytes);
    return c;
}

/// Buffers that hold every case.
struct Buffers {
    DeviceBuffer input, codes, scales, counts, rows;
};

/// One thing to time.
struct Contender {
    std::string name;
    std::function<cudaError_t(const MaskedProblem&, cudaStream_t)> launch;
    std::vector<GraphExec> graphs;
    std::vector<double> samples_us;
};

MaskedProblem problem_at(const TunedCase& c, const Buffers& buffers, std::int64_t slot) {
    const Rotation& r = c.rotation;
    const std::int64_t set = r.set(slot);
    const std::int64_t row = r.first_row(slot);
    return {.input = buffers.input.as<const std::uint16_t>() + set * r.input_stride + row * 2 * kHidden,
            .codes = buffers.codes.as<std::uint8_t>() + set * r.code_stride + row * kHidden,
            .scales = buffers.scales.as<std::uint32_t>() + set * r.scale_stride + row,
            .counts = buffers.counts.as<const std::int32_t>(),
            .experts = c.shape.experts,
            .max_tokens = kMaxTokens,
            .hidden = kHidden,
            .scale_words = c.shape.scale_words()};
}

class Tuner {
  public:
    Tuner() : m_device(describe_device(0)), m_stream(make_stream()) {}
    const Device& device() const { return m_device; }

    void prepare(const TunedCase& c) {
        const BufferSizes sizes = buffer_sizes(c.shape, c.rotation);
        const auto old = m_buffers.input.bytes();
        m_buffers.input.ensure(static_cast<std::size_t>(sizes.input_bytes));
        m_buffers.codes.ensure(static_cast<std::size_t>(sizes.code_bytes));
        m_buffers.scales.ensure(static_cast<std::size_t>(sizes.scale_bytes));
        m_buffers.counts.ensure(c.counts.size() * 4);
        m_buffers.rows.ensure(c.rows.size() * 8);
        if (m_buffers.input.bytes() != old)
            check(launch_fill_normal(m_buffers.input.as<void>(), InputType::bf16, sizes.input_bytes, 1,
                                     m_stream.get()),
                  "fill");
        MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(m_buffers.counts.as<void>(), c.counts.data(), c.counts.size() * 4,
                                            cudaMemcpyHostToDevice, m_stream.get()));
        MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(m_buffers.rows.as<void>(), c.rows.data(), c.rows.size() * 8,
                                            cudaMemcpyHostToDevice, m_stream.get()));
        MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));
    }

    /// Medians in the order given; nothing where a configuration cannot do the shape.
    std::vector<std::optional<double>> time(const TunedCase& c, std::vector<Contender>& contenders) {
        const double estimate_us = 3.0 + static_cast<double>(c.rows.size()) * kHidden * 5 / 3e6;
        const ReplayPlan plan = plan_replays(c.rotation.slot_count(), estimate_us);
        for (Contender& contender : contenders) capture(c, plan, contender);
        std::int64_t segment = 0;
        for (int round = 0; round <= kRounds; ++round) {  // round 0 warms up
            for (Contender& contender : contenders) {
                if (contender.graphs.empty()) continue;
                const auto next = [&] {
                    segment = (segment + 1) % plan.segments;
                    return contender.graphs[static_cast<std::size_t>(segment)].get();
                };
                const auto times = m_timer.time(m_stream.get(), kReplaysPerRound, next, {});
                if (round == 0) continue;
                for (const double us : times) contender.samples_us.push_back(us / plan.launches);
            }
        }
        std::vector<std::optional<double>> medians;
        for (const Contender& contender : contenders) {
            medians.push_back(contender.graphs.empty() ? std::nullopt
                                                       : std::optional(median(contender.samples_us)));
        }
        return medians;
    }

    std::vector<Contender> silu_v2(const TunedCase& c) const {
        std::vector<Contender> contenders;
        for (const SiluVariant& variant : silu_v2_variants()) {
            contenders.push_back(
                {variant.name,
                 [&c, launch = variant.launch](const MaskedProblem& problem, cudaStream_t stream) {
                     return launch(c.shape, problem, stream);
                 },
                 {},
                 {}});
        }
        return contenders;
    }
    std::vector<Contender> stream41(const TunedCase& c) const {
        std::vector<Contender> contenders;
        for (const Stream41Variant& variant : stream41_variants()) {
            contenders.push_back(
                {variant.name,
                 [&c, this, launch = variant.launch](const MaskedProblem& problem, cudaStream_t stream) {
                     return launch(kHidden, static_cast<std::int64_t>(c.rows.size()),
                                   m_buffers.rows.as<const std::int64_t>(), problem.input, problem.codes,
                                   stream);
                 },
                 {},
                 {}});
        }
        return contenders;
    }

  private:
    void capture(const TunedCase& c, const ReplayPlan& plan, Contender& contender) {
        // A configuration that cannot do this shape refuses its first launch.
        if (contender.launch(problem_at(c, m_buffers, 0), m_stream.get()) != cudaSuccess) {
            cudaGetLastError();
            return;
        }
        for (std::int64_t segment = 0; segment < plan.segments; ++segment) {
            contender.graphs.push_back(
                capture_launches(m_stream.get(), plan.launches, [&](int i, cudaStream_t stream) {
                    return contender.launch(
                        problem_at(c, m_buffers, plan.slot(segment, i, c.rotation.slot_count())), stream);
                }));
        }
    }

    Device m_device;
    Stream m_stream;
    Buffers m_buffers;
    ReplayTimer m_timer;
};

std::map<CaseId, double> read_peer(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw Error(fmt::format("{}: cannot be read", path));
    const auto split = [](const std::string& line) {
        std::vector<std::string> cells;
        std::stringstream stream(line);
        for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
        return cells;
    };
    std::string line;
    std::getline(file, line);
    std::map<std::string, std::size_t> column;
    for (const std::string& name : split(line)) column.emplace(name, column.size());
    for (const char* name : {"experts", "strategy", "total_tokens_requested", "cold_graph_us_peer_v2"})
        if (!column.contains(name)) throw Error(fmt::format("{}: has no column {}", path, name));
    std::map<CaseId, double> times;
    while (std::getline(file, line)) {
        const std::vector<std::string> cells = split(line);
        if (cells.size() < column.size() || cells[column["strategy"]] != "even") continue;
        times[{std::stoll(cells[column["experts"]]), std::stoll(cells[column["total_tokens_requested"]])}] =
            std::stod(cells[column["cold_graph_us_peer_v2"]]);
    }
    return times;
}

struct Row {
    CaseId id;
    std::vector<std::optional<double>> medians_us;
};

void print_table(const std::string& title, const std::vector<std::string>& names,
                 const std::vector<Row>& rows) {
    fmt::print("\n{}: median microseconds per launch, cold\n", title);
    for (std::size_t i = 0; i < names.size(); ++i) fmt::print("  [{}] {}\n", i, names[i]);
    fmt::print("{:>8} {:>8}", "experts", "tokens");
    for (std::size_t i = 0; i < names.size(); ++i) fmt::print(" {:>9}", fmt::format("[{}]", i));
    fmt::print("  GB/s of [0]\n");
    for (const Row& row : rows) {
        fmt::print("{:>8} {:>8}", row.id.first, row.id.second);
        for (const auto& us : row.medians_us) fmt::print(" {:>9}", us ? fmt::format("{:.2f}", *us) : "-");
        const double bytes = static_cast<double>(row.id.second) * kHidden * 5;
        fmt::print("  {:.0f}\n", row.medians_us[0] ? bytes / *row.medians_us[0] / 1e3 : 0.0);
    }
}

void print_peer_ratios(const std::vector<std::string>& names, const std::vector<Row>& rows,
                       const std::map<CaseId, double>& peer) {
    fmt::print("\nsilu_v2 against the given times (time / theirs)\n{:>9} {:>9} {:>9}  configuration\n",
               "median", "worst", "cases");
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::vector<double> ratios;
        double worst = 1.0;
        for (const Row& row : rows) {
            const auto theirs = peer.find(row.id);
            if (theirs == peer.end() || !row.medians_us[i]) continue;
            ratios.push_back(*row.medians_us[i] / theirs->second);
            if (std::fabs(std::log(ratios.back())) > std::fabs(std::log(worst))) worst = ratios.back();
        }
        if (!ratios.empty())
            fmt::print("{:>9.3f} {:>9.3f} {:>9}  [{}] {}\n", median(ratios), worst, ratios.size(), i,
                       names[i]);
    }
}

int run(const std::string& peer_path, bool quick) {
    if (cuda_devices().empty()) throw Error("no CUDA device here that this build has code for");
    MOESCOPE_CUDA_CHECK(cudaSetDevice(0));
    const std::map<CaseId, double> peer =
        peer_path.empty() ? std::map<CaseId, double>{} : read_peer(peer_path);
    Tuner tuner;
    fmt::print("{}\n", tuner.device().name);
    std::vector<std::string> silu_names;
    for (const auto& variant : silu_v2_variants()) silu_names.push_back(variant.name);
    std::vector<std::string> stream_names;
    for (const auto& variant : stream41_variants()) stream_names.push_back(variant.name);

    std::vector<Row> silu;
    std::vector<Row> stream;
    for (const std::int64_t experts : {256, 32, 8}) {  // the largest buffers first
        for (std::int64_t each = 8; each <= 512; each *= quick ? 8 : 2) {
            const TunedCase c = make_case(experts, experts * each, tuner.device().cache_bytes);
            tuner.prepare(c);
            auto contenders = tuner.silu_v2(c);
            silu.push_back({{experts, experts * each}, tuner.time(c, contenders)});
            contenders = tuner.stream41(c);
            stream.push_back({{experts, experts * each}, tuner.time(c, contenders)});
        }
    }
    print_table("silu_v2", silu_names, silu);
    print_table("stream41", stream_names, stream);
    if (!peer.empty()) print_peer_ratios(silu_names, silu, peer);
    return 0;
}

}  // namespace
}  // namespace moescope::cuda

int main(int argc, char** argv) {
    std::string peer;
    bool quick = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--quick") {
            quick = true;
        } else if (argument == "--peer" && i + 1 < argc) {
            peer = argv[++i];
        } else {
            fmt::print(stderr, "usage: cuda_tune [--peer FILE.csv] [--quick]\n");
            return 2;
        }
    }
    try {
        return moescope::cuda::run(peer, quick);
    } catch (const moescope::Error& e) {
        fmt::print(stderr, "cuda_tune: {}\n", e.what());
        return 2;
    }
}
