// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tells the address sanitizer that the stack is about to change; without it this is nothing but the switch
// itself.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace moescope::emulator {

struct FiberSanitizerState {
    const void* stack_bottom = nullptr;
    std::size_t stack_bytes = 0;
    void* saved = nullptr;  ///< the sanitizer's own stack
};

inline void fiber_created(FiberSanitizerState& fiber, const void* stack, std::size_t bytes) {
    fiber.stack_bottom = stack;
    fiber.stack_bytes = bytes;
    fiber.saved = nullptr;
}

/// First thing on a new stack; `from` learns the stack it was left on.
inline void fiber_entered([[maybe_unused]] FiberSanitizerState& fiber,
                          [[maybe_unused]] FiberSanitizerState& from) {
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
    do_switch();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(from.saved, nullptr, nullptr);
#endif
}

}  // namespace moescope::emulator
