// SPDX-License-Identifier: Apache-2.0
#include "gather_choice.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <vector>

#include "random_input.h"
#include "thread_pool.h"

namespace moescope {
namespace {

/// A few tokens, which stay in the second cache: what is compared is arithmetic.
class Problem {
  public:
    Problem() { fill_random_normal(m_pool, m_input.data(), static_cast<std::int64_t>(m_input.size()), 1); }

    double seconds(CpuIsa isa) {
        const auto start = std::chrono::steady_clock::now();
        run_cpu_quantize(m_pool, isa,
                         {.shape = kShape,
                          .counts = &m_count,
                          .input = m_input.data(),
                          .codes = m_codes.data(),
                          .scales = m_scales.data()});
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

  private:
    static constexpr Shape kShape{.experts = 1, .max_tokens = 4, .hidden = 4096, .group_size = 128};

    ThreadPool m_pool{1};
    std::int32_t m_count = kShape.max_tokens;
    std::vector<std::uint16_t> m_input =
        std::vector<std::uint16_t>(static_cast<std::size_t>(kShape.max_tokens * 2 * kShape.hidden));
    std::vector<std::uint8_t> m_codes =
        std::vector<std::uint8_t>(static_cast<std::size_t>(kShape.max_tokens * kShape.hidden));
    std::vector<std::uint32_t> m_scales = std::vector<std::uint32_t>(
        static_cast<std::size_t>(kShape.max_tokens * kShape.hidden / kShape.group_size));
};

/// The best of several, taken in turn: what disturbs one now and then does not count.
bool measure(CpuIsa computed, CpuIsa gathering) {
    constexpr int kRounds = 20;
    constexpr double kAtLeast = 1.1;
    Problem problem;
    double with_gathers = problem.seconds(gathering);
    double without = problem.seconds(computed);
    for (int round = 1; round < kRounds; ++round) {
        with_gathers = std::min(with_gathers, problem.seconds(gathering));
        without = std::min(without, problem.seconds(computed));
    }
    return with_gathers * kAtLeast < without;
}

}  // namespace

bool gathers_are_faster(CpuIsa computed, CpuIsa gathering) {
    static std::mutex mutex;
    static std::map<CpuIsa, bool> known;
    const std::lock_guard lock(mutex);
    const auto found = known.find(computed);
    if (found != known.end()) return found->second;
    return known[computed] = measure(computed, gathering);
}

}  // namespace moescope
