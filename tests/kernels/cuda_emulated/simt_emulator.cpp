// SPDX-License-Identifier: Apache-2.0
#include "simt_emulator.h"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "fiber_sanitizers.h"

namespace moescope::emulator {
namespace {

constexpr std::size_t kStackBytes = std::size_t{128} << 10;
constexpr unsigned char kPoison = 0xFF;
constexpr unsigned kWarp = 32;

enum class Collective { none, block_barrier, shuffle, ballot };

/// One asynchronous copy that has been started and not waited for.
struct Copy {
    unsigned char* target;
    const unsigned char* source;
};

/// One thread of a block.
struct Fiber {
    ucontext_t context{};
    std::unique_ptr<unsigned char[]> stack{new unsigned char[kStackBytes]};  // not cleared: there are many
    FiberSanitizerState sanitizer;
    bool finished = false;
    bool waiting = false;
    Collective reached = Collective::none;  ///< what it waits for
    unsigned shuffles = 0;                  ///< collectives of its warp it has passed
    std::vector<Copy> open_group;
    std::deque<std::vector<Copy>> groups;
};

/// Values that the lanes of a warp hand each other. Two sets: a lane may enter its next exchange while others
/// still read this one, but never the one after.
struct Warp {
    std::array<std::array<std::uint32_t, kWarp>, 2> values{};
    unsigned arrived = 0;
};

class Machine {
  public:
    Machine(const LaunchShape& shape, std::uint64_t seed, const std::function<void()>& kernel)
        : m_shape(shape),
          m_random(seed),
          m_kernel(kernel),
          m_fibers(shape.threads),
          m_warps(shape.threads / kWarp) {}

    Machine(const Machine&) = delete;  // its fibers' stacks point at it
    Machine& operator=(const Machine&) = delete;

    void run_block(unsigned block);

    unsigned thread() const { return m_current; }
    unsigned block() const { return m_block; }
    unsigned blocks() const { return m_shape.blocks; }
    unsigned char* shared() { return m_shared.get(); }
    Traffic& traffic() { return m_traffic; }

    void block_barrier() { wait_for(Collective::block_barrier); }
    bool block_all(bool vote) {
        m_vote = m_vote && vote;
        wait_for(Collective::block_barrier);
        return m_all_vote;
    }
    /// Puts `value` up for the other lanes and returns all of theirs.
    const std::array<std::uint32_t, kWarp>& exchange(Collective kind, std::uint32_t value);
    void start_copy(void* target, const void* source);
    void commit();
    void wait_copies(std::size_t pending);

  private:
    static void enter();
    void start_fiber(unsigned thread);
    void run_fiber(unsigned thread);
    void finish_current();
    void switch_to_scheduler(bool for_good);
    void wait_for(Collective kind);
    void release_block_if_all_wait();
    void run_to_end(std::vector<unsigned> runnable);
    std::string describe_stall() const;
    Fiber& current() { return m_fibers[m_current]; }

    LaunchShape m_shape;
    std::mt19937_64 m_random;
    const std::function<void()>& m_kernel;
    std::vector<Fiber> m_fibers;
    std::vector<Warp> m_warps;
    std::unique_ptr<unsigned char[]> m_shared;
    ucontext_t m_scheduler{};
    FiberSanitizerState m_scheduler_sanitizer;
    unsigned m_current = 0;
    unsigned m_block = 0;
    unsigned m_at_barrier = 0;
    unsigned m_finished = 0;
    bool m_vote = true;                ///< of a thread that is at the barrier
    bool m_all_vote = true;            ///< of all, at the last barrier
    std::vector<unsigned> m_released;  ///< became runnable since the scheduler last looked
    std::exception_ptr m_error;
    Traffic m_traffic;
};

Machine* g_machine = nullptr;
int g_exp2_ulps = 0;
int g_reciprocal_ulps = 0;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("SIMT emulator: " + what + " (block " + std::to_string(g_machine->block()) +
                             ", thread " + std::to_string(g_machine->thread()) + ")");
}

void Machine::enter() {
    Machine& machine = *g_machine;
    fiber_entered(machine.current().sanitizer, machine.m_scheduler_sanitizer);
    try {
        machine.m_kernel();
        machine.finish_current();
    } catch (...) {
        machine.m_error = std::current_exception();
    }
    machine.current().finished = true;
    machine.switch_to_scheduler(true);
}

void Machine::finish_current() {
    for (const auto& group : current().groups) {
        if (!group.empty()) fail("a thread ended before its copies were waited for");
    }
    if (!current().open_group.empty()) fail("a thread ended with copies that were never committed");
    ++m_finished;
    release_block_if_all_wait();
}

void Machine::start_fiber(unsigned thread) {
    Fiber& fiber = m_fibers[thread];
    fiber.finished = fiber.waiting = false;
    fiber.reached = Collective::none;
    fiber.shuffles = 0;
    fiber.open_group.clear();
    fiber.groups.clear();
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = kStackBytes;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, &Machine::enter, 0);
    fiber_created(fiber.sanitizer, fiber.stack.get(), kStackBytes);
}

void Machine::run_fiber(unsigned thread) {
    m_current = thread;
    switch_fiber(m_scheduler_sanitizer, m_fibers[thread].sanitizer, false,
                 [&] { swapcontext(&m_scheduler, &m_fibers[thread].context); });
}

void Machine::switch_to_scheduler(bool for_good) {
    Fiber& fiber = current();
    switch_fiber(fiber.sanitizer, m_scheduler_sanitizer, for_good,
                 [&] { swapcontext(&fiber.context, &m_scheduler); });
}

void Machine::wait_for(Collective kind) {
    Fiber& fiber = current();
    fiber.waiting = true;
    fiber.reached = kind;
    if (kind == Collective::block_barrier) {
        ++m_at_barrier;
        release_block_if_all_wait();
    }
    switch_to_scheduler(false);
}

/// As on the GPU, threads that have ended do not hold up a barrier.
void Machine::release_block_if_all_wait() {
    if (m_at_barrier == 0 || m_at_barrier + m_finished < m_fibers.size()) return;
    m_at_barrier = 0;
    m_all_vote = std::exchange(m_vote, true);
    for (unsigned t = 0; t < m_fibers.size(); ++t) {
        if (!m_fibers[t].waiting) continue;
        m_fibers[t].waiting = false;
        m_released.push_back(t);
    }
}

const std::array<std::uint32_t, kWarp>& Machine::exchange(Collective kind, std::uint32_t value) {
    Fiber& fiber = current();
    const unsigned first = m_current / kWarp * kWarp;
    Warp& warp = m_warps[m_current / kWarp];
    auto& values = warp.values[fiber.shuffles % 2];
    for (unsigned t = first; t < first + kWarp; ++t) {
        const Fiber& other = m_fibers[t];
        if (other.waiting && other.reached != kind) fail("lanes of one warp wait for different things");
    }
    values[m_current % kWarp] = value;
    ++fiber.shuffles;
    if (++warp.arrived == kWarp) {
        warp.arrived = 0;
        for (unsigned t = first; t < first + kWarp; ++t) {
            if (t == m_current) continue;
            m_fibers[t].waiting = false;
            m_released.push_back(t);
        }
        // Goes on last, like everybody: as a rule the others are not done reading.
        m_released.push_back(m_current);
        switch_to_scheduler(false);
    } else {
        wait_for(kind);
    }
    return values;
}

void Machine::start_copy(void* target, const void* source) {
    auto* to = static_cast<unsigned char*>(target);
    if (reinterpret_cast<std::uintptr_t>(target) % 16 != 0)
        fail("the target of a copy is not aligned to 16 bytes");
    if (reinterpret_cast<std::uintptr_t>(source) % 16 != 0)
        fail("the source of a copy is not aligned to 16 bytes");
    if (to < m_shared.get() || to + 16 > m_shared.get() + m_shape.shared_bytes)
        fail("a copy leaves shared memory");
    std::memset(to, kPoison, 16);
    current().open_group.push_back({to, static_cast<const unsigned char*>(source)});
    m_traffic.copied_bytes += 16;
}

void Machine::commit() {
    current().groups.push_back(std::move(current().open_group));
    current().open_group.clear();
}

void Machine::wait_copies(std::size_t pending) {
    auto& groups = current().groups;
    while (groups.size() > pending) {
        for (const Copy& copy : groups.front()) std::memcpy(copy.target, copy.source, 16);
        groups.pop_front();
    }
}

std::string Machine::describe_stall() const {
    for (unsigned t = 0; t < m_fibers.size(); ++t) {
        if (m_fibers[t].finished) continue;
        const char* what = m_fibers[t].reached == Collective::block_barrier ? "a block barrier" : "its warp";
        return "SIMT emulator: block " + std::to_string(m_block) + " hangs: thread " + std::to_string(t) +
               " waits for " + what + " that not all reach";
    }
    return "SIMT emulator: stalled";
}

void Machine::run_to_end(std::vector<unsigned> runnable) {
    while (m_finished < m_fibers.size()) {
        if (runnable.empty()) throw std::runtime_error(describe_stall());
        const std::size_t pick = m_random() % runnable.size();
        const unsigned thread = runnable[pick];
        runnable[pick] = runnable.back();
        runnable.pop_back();
        run_fiber(thread);
        if (m_error) std::rethrow_exception(m_error);
        runnable.insert(runnable.end(), m_released.begin(), m_released.end());
        m_released.clear();
    }
}

void Machine::run_block(unsigned block) {
    m_block = block;
    m_at_barrier = m_finished = 0;
    m_vote = m_all_vote = true;
    m_released.clear();
    for (Warp& warp : m_warps) warp.arrived = 0;
    // Of exactly this size, so that a sanitizer sees what lies behind it.
    m_shared = std::make_unique<unsigned char[]>(m_shape.shared_bytes);
    std::memset(m_shared.get(), kPoison, m_shape.shared_bytes);
    std::vector<unsigned> all(m_fibers.size());
    for (unsigned t = 0; t < all.size(); ++t) {
        all[t] = t;
        start_fiber(t);
    }
    run_to_end(std::move(all));
}

/// The correctly rounded value, a few units in the last place off, with results and arguments below the
/// normal range taken for zero, as the .ftz instructions do.
float approximation(double exact, int ulps) {
    float value = static_cast<float>(exact);
    if (!std::isfinite(value)) return value;
    if (std::fabs(value) < 0x1p-126F) return std::copysign(0.0F, value);
    value = numerics::bits_float(numerics::float_bits(value) + static_cast<std::uint32_t>(ulps));
    return std::fabs(value) < 0x1p-126F ? std::copysign(0.0F, value) : value;
}

}  // namespace

Traffic launch(const LaunchShape& shape, std::uint64_t seed, const std::function<void()>& kernel) {
    if (shape.threads == 0 || shape.threads % kWarp != 0)
        throw std::runtime_error("SIMT emulator: whole warps only");
    Machine machine(shape, seed, kernel);
    g_machine = &machine;
    for (unsigned block = 0; block < shape.blocks; ++block) machine.run_block(block);
    g_machine = nullptr;
    return machine.traffic();
}

void set_approximation_errors(int exp2_ulps, int reciprocal_ulps) {
    g_exp2_ulps = exp2_ulps;
    g_reciprocal_ulps = reciprocal_ulps;
}

}  // namespace moescope::emulator

namespace moescope::device {

using emulator::Collective;
using emulator::g_machine;

unsigned thread_index() {
    return g_machine->thread();
}
unsigned block_index() {
    return g_machine->block();
}
unsigned block_count() {
    return g_machine->blocks();
}
unsigned char* dynamic_shared() {
    return g_machine->shared();
}
void block_barrier() {
    g_machine->block_barrier();
}
bool block_all(bool vote) {
    return g_machine->block_all(vote);
}

int shuffle_up(int value, int distance) {
    const unsigned lane = g_machine->thread() % 32;
    const auto& values = g_machine->exchange(Collective::shuffle, static_cast<std::uint32_t>(value));
    const auto from = static_cast<unsigned>(distance);
    return lane >= from ? static_cast<int>(values[lane - from]) : value;
}
int shuffle_from(int value, int lane) {
    const auto& values = g_machine->exchange(Collective::shuffle, static_cast<std::uint32_t>(value));
    return static_cast<int>(values[static_cast<unsigned>(lane) % 32]);
}
std::uint32_t shuffle_xor(std::uint32_t value, int mask) {
    const unsigned lane = g_machine->thread() % 32;
    return g_machine->exchange(Collective::shuffle, value)[lane ^ static_cast<unsigned>(mask)];
}
float shuffle_xor(float value, int mask) {
    return numerics::bits_float(shuffle_xor(numerics::float_bits(value), mask));
}
double shuffle_xor(double value, int mask) {
    std::uint32_t halves[2];
    std::memcpy(halves, &value, sizeof value);
    for (std::uint32_t& half : halves) half = shuffle_xor(half, mask);
    std::memcpy(&value, halves, sizeof value);
    return value;
}
unsigned ballot(bool vote) {
    const auto& votes = g_machine->exchange(Collective::ballot, vote ? 1 : 0);
    unsigned mask = 0;
    for (unsigned lane = 0; lane < 32; ++lane) mask |= votes[lane] << lane;
    return mask;
}

void copy_async_16(void* shared, const void* global) {
    g_machine->start_copy(shared, global);
}
void commit_copies() {
    g_machine->commit();
}
void wait_copies_until(std::size_t pending) {
    g_machine->wait_copies(pending);
}

Bytes16 load_streaming(const Bytes16* address) {
    if (reinterpret_cast<std::uintptr_t>(address) % 16 != 0)
        emulator::fail("a load is not aligned to 16 bytes");
    Bytes16 value;
    std::memcpy(&value, address, sizeof value);
    g_machine->traffic().loaded_bytes += sizeof value;
    return value;
}
Bytes16 load_cached(const Bytes16* address) {
    return load_streaming(address);
}
void store_streaming(Bytes16* address, Bytes16 value) {
    if (reinterpret_cast<std::uintptr_t>(address) % 16 != 0)
        emulator::fail("a store is not aligned to 16 bytes");
    std::memcpy(address, &value, sizeof value);
    g_machine->traffic().stored_bytes += sizeof value;
}

void prefetch_to_l2(const void* address, std::uint32_t bytes) {
    if (reinterpret_cast<std::uintptr_t>(address) % 16 != 0 || bytes % 16 != 0 || bytes == 0)
        emulator::fail("a prefetch is not of 16 bytes aligned to 16");
    const auto* const first = static_cast<const volatile unsigned char*>(address);
    static_cast<void>(first[0]);
    static_cast<void>(first[bytes - 1]);
    g_machine->traffic().prefetched_bytes += bytes;
}

float fma(float a, float b, float c) {
    return std::fma(a, b, c);
}
float fma_saturated(float a, float b, float c) {
    const float value = std::fma(a, b, c);
    return value > 1.0F ? 1.0F : (value > 0.0F ? value : 0.0F);
}
float exp2_approx(float x) {
    return emulator::approximation(std::exp2(static_cast<double>(x)), emulator::g_exp2_ulps);
}
float reciprocal_approx(float x) {
    if (std::fabs(x) < 0x1p-126F) return std::copysign(INFINITY, x);
    return emulator::approximation(1.0 / static_cast<double>(x), emulator::g_reciprocal_ulps);
}
std::uint32_t min_fp16x2(std::uint32_t a, std::uint32_t b) {
    return pack_fp16x2(std::fmin(low_fp16(a), low_fp16(b)), std::fmin(high_fp16(a), high_fp16(b)));
}
std::uint32_t min_u16x2(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t low = std::min(a & 0xFFFFU, b & 0xFFFFU);
    return std::min(a >> 16, b >> 16) << 16 | low;
}
std::uint32_t max_bf16x2(std::uint32_t a, std::uint32_t b) {
    return pack_bf16x2(std::fmax(low_bf16(a), low_bf16(b)), std::fmax(high_bf16(a), high_bf16(b)));
}

}  // namespace moescope::device
