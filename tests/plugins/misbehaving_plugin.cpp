// SPDX-License-Identifier: Apache-2.0

// One plugin for the processor, built several times: MISBEHAVIOUR says what is wrong with it. Two kernels, so
// that a test sees what one does to the other: `good`, which is never wrong, and `bad`.

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "moescope/kernel_abi.h"

// What is not wrong with any: the kernel of the example (example_kernel.c).
extern "C" {
moescope_status example_launch(const moescope_launch_args* args);
const moescope_kernel_info* const* example_list(void);
}

#define NONE 0
#define CRASH_AT_LOAD 1
#define CRASH_AT_LAUNCH 2
#define HANG 3
#define WRONG_RESULTS 4
#define WRITES_PAST_COUNTS 5
#define ID_CLASH 6
#define WRONG_VERSION 7
#define MISSING_SYMBOL 8
#define EXIT_AT_LAUNCH 9
#define NOISY 10
#define FAILS 11
#define ABORT_AT_LAUNCH 12
#define READS_NOTHING 13

namespace {

[[maybe_unused]] void crash() {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would report it instead
    std::raise(SIGSEGV);
}

#if MISBEHAVIOUR == CRASH_AT_LOAD
const int loaded = (crash(), 0);
#endif

[[maybe_unused]] void misbehave(const moescope_launch_args& args) {
    static_cast<void>(args);
#if MISBEHAVIOUR == CRASH_AT_LAUNCH
    crash();
#elif MISBEHAVIOUR == ABORT_AT_LAUNCH
    std::abort();
#elif MISBEHAVIOUR == EXIT_AT_LAUNCH
    ::_exit(3);
#elif MISBEHAVIOUR == HANG
    while (true) ::pause();
#elif MISBEHAVIOUR == WRONG_RESULTS
    if (args.counts[0] > 0) static_cast<unsigned char*>(args.codes)[0] ^= 0x40U;
#elif MISBEHAVIOUR == WRITES_PAST_COUNTS
    for (std::int64_t e = 0; e < args.experts; ++e)
        if (args.counts[e] < args.max_tokens)
            static_cast<unsigned char*>(args.codes)[(e * args.max_tokens + args.counts[e]) * args.hidden] = 0;
#elif MISBEHAVIOUR == NOISY
    std::printf("{\"id\": 1, \"result\": null}\nnoise\n");
    std::fflush(stdout);
#endif
}

moescope_kernel_info named(const char* id) {
    moescope_kernel_info info = *example_list()[0];
    info.id = id;
    info.description = "for tests";
#if MISBEHAVIOUR == READS_NOTHING
    info.input_dtypes = 4;  // a type that nobody knows
#endif
    return info;
}

}  // namespace

std::uint32_t moescope_abi_version() {
    return MISBEHAVIOUR == WRONG_VERSION ? 999 : MOESCOPE_KERNEL_ABI_VERSION;
}

const moescope_kernel_info* const* moescope_kernel_list() {
    static const moescope_kernel_info good = named("good");
    static const moescope_kernel_info bad = named(MISBEHAVIOUR == ID_CLASH ? "cpu" : "bad");
    static const moescope_kernel_info* const list[] = {&bad, &good, nullptr};
    return list;
}

#if MISBEHAVIOUR != MISSING_SYMBOL
moescope_status moescope_launch(const moescope_launch_args* args) {
    const bool is_bad = std::strcmp(args->kernel, "bad") == 0;
    moescope_launch_args example = *args;
    example.kernel = "example_cpu";
    if (is_bad && MISBEHAVIOUR == FAILS) return MOESCOPE_UNSUPPORTED;
    const moescope_status status = example_launch(&example);
    if (is_bad) misbehave(*args);
    return status;
}
#endif

const char* moescope_last_error() {
    return "this plugin never works";
}
