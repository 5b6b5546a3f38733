// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "moescope/measurement/fake_backend.h"
#include "moescope/session/session.h"

namespace moescope::ui::test {

/// A device with three kernels that behave like real ones: each has its own curve over tokens.
FakeDeviceScript sampleDevice();

/// A finished sweep of `selection` on that device.
Session sampleSession(const Selection& selection);
/// Of a preset.
Session sampleSession(const std::string& preset);
/// `cases` cases: one strategy, many experts and token counts.
Session largeSession(std::size_t cases);

}  // namespace moescope::ui::test
