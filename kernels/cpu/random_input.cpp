// SPDX-License-Identifier: Apache-2.0
#include "random_input.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "moescope/kernels/input_value.h"

namespace moescope {
namespace {

constexpr std::int64_t kBlock = 1 << 14;  // values with a generator of their own
constexpr int kQuantiles = 1 << 16;

/// The 65,536 quantiles of the normal distribution: 16 random bits pick one, which is as fast as it gets.
class NormalQuantiles {
  public:
    explicit NormalQuantiles(InputType type) {
        double z = -4.4;
        for (int i = 0; i < kQuantiles / 2; ++i) {
            const double wanted = (i + 0.5) / kQuantiles;
            for (int step = 0; step < 8; ++step) z -= (probability(z) - wanted) / density(z);
            m_values[static_cast<std::size_t>(i)] = numerics::float_to_input(type, static_cast<float>(z));
            m_values[static_cast<std::size_t>(kQuantiles - 1 - i)] =
                numerics::float_to_input(type, static_cast<float>(-z));
        }
    }
    std::uint16_t operator[](std::uint64_t index) const { return m_values[index]; }

  private:
    static double probability(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }
    static double density(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi); }

    std::array<std::uint16_t, kQuantiles> m_values{};
};

/// SplitMix64 (Steele, Lea, Flood 2014): a counter through a mixing function.
class SplitMix64 {
  public:
    explicit SplitMix64(std::uint64_t state) : m_state(state) {}
    std::uint64_t operator()() {
        std::uint64_t z = m_state += 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

  private:
    std::uint64_t m_state;
};

void fill_block(const NormalQuantiles& quantiles, std::uint16_t* values, std::int64_t count,
                std::uint64_t seed) {
    SplitMix64 random(seed);
    std::int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const std::uint64_t bits = random();
        values[i] = quantiles[bits & 0xFFFF];
        values[i + 1] = quantiles[bits >> 16 & 0xFFFF];
        values[i + 2] = quantiles[bits >> 32 & 0xFFFF];
        values[i + 3] = quantiles[bits >> 48];
    }
    for (; i < count; ++i) values[i] = quantiles[random() & 0xFFFF];
}

const NormalQuantiles& normal_quantiles(InputType type) {
    if (type == InputType::fp16) {
        static const NormalQuantiles fp16(InputType::fp16);
        return fp16;
    }
    static const NormalQuantiles bf16(InputType::bf16);
    return bf16;
}

}  // namespace

void fill_random_normal(ThreadPool& pool, std::uint16_t* values, std::int64_t count, std::uint64_t seed,
                        InputType type) {
    const NormalQuantiles& quantiles = normal_quantiles(type);
    const std::int64_t blocks = (count + kBlock - 1) / kBlock;
    pool.run([&](int worker) {
        const Range part = part_of(blocks, worker, pool.size());
        for (std::int64_t block = part.begin; block < part.end; ++block) {
            const std::int64_t begin = block * kBlock;
            SplitMix64 block_seed(seed + static_cast<std::uint64_t>(block));
            fill_block(quantiles, values + begin, std::min(kBlock, count - begin), block_seed());
        }
    });
}

}  // namespace moescope
