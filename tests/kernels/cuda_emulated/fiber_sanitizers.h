// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tells the address and thread sanitizers that the stack is about to change; without one of them this is nothing
// but the switch itself.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace moescope::emulator {

struct FiberSanitizerState {
    const void* stack_bottom = nullptr;
    std::size_t stack_bytes = 0;
    void* saved = nullptr;  ///< address sanitizer: fake stack; thread sanitizer: fiber
};

inline void fiber_destroyed([[maybe_unused]] FiberSanitizerState& fiber) {
#if defined(__SANITIZE_THREAD__)
    if (fiber.saved != nullptr) __tsan_destroy_fiber(fiber.saved);
    fiber.saved = nullptr;
#endif
}

inline void fiber_created(FiberSanitizerState& fiber, const void* stack, std::size_t bytes) {
    fiber.stack_bottom = stack;
    fiber.stack_bytes = bytes;
#if defined(__SANITIZE_THREAD__)
    fiber_destroyed(fiber);
    fiber.saved = __tsan_create_fiber(0);
#else
    fiber.saved = nullptr;
#endif
}

/// First thing on a new stack; `from` learns the stack it was left on.
inline void fiber_entered([[maybe_unused]] FiberSanitizerState& fiber, [[maybe_unused]] FiberSanitizerState& from) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fiber.saved, &from.stack_bottom, &from.stack_bytes);
#endif
}

template <class Switch>
void switch_fiber([[maybe_unused]] FiberSanitizerState& from, [[maybe_unused]] FiberSanitizerState& to,
                  [[maybe_unused]] bool for_good, Switch&& do_switch) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(for_good ? nullptr : &from.saved, to.stack_bottom, to.stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
    if (from.saved == nullptr) from.saved = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.saved, 0);
#endif
    do_switch();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(from.saved, nullptr, nullptr);
#endif
}

}  // namespace moescope::emulator
