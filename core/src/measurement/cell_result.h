// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "measurement/sampler.h"
#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"

namespace moescope {

/// The result of a cell before anything was measured.
Result blank_result(const PlannedCase& planned, const std::string& kernel, CacheMode mode, LaunchMode launch);

/// Puts samples and what follows from them into a result: metrics, telemetry, flags and warnings.
void apply_samples(CellSamples samples, const Peaks& peaks, const ReferenceClocks& clocks, Result& result);

/// A measured result back to what blank_result() and verification had made of it.
Result without_samples(const Result& result);

/// Whether the cell was measured while the device was held back or its clocks were off.
bool is_flagged(const Result& result);
int retries_of(const Result& result);
void set_retries(int retries, Result& result);

}  // namespace moescope
