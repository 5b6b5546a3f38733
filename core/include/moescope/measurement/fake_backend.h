// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope {

/// A scripted device for tests of everything above the seam. It models a launch as floor + bytes / bandwidth,
/// with deterministic noise, and takes no time unless asked to. Never reachable from the programs.
struct FakeDeviceScript {
    std::string id = "fake:0";
    double floor_us = 1.0;
    double host_floor_us = 8.0;  ///< of a launch timed from the host
    double stream_gbps = 3000.0;
    double noise = 0.002;                                                           ///< relative, uniform
    std::map<std::string, double> efficiency{{"silu_v2", 0.8}, {"silu_v3", 0.95}};  ///< one kernel per entry
    std::set<std::string> fail_verification{};                        ///< kernels whose verification fails
    std::set<std::string> throw_on_sample{};                          ///< kernels whose sampling throws
    std::function<void()> before_sample{};                            ///< e.g. sleep, stop, block
    std::function<void(InputKind, std::stop_token)> before_verify{};  ///< likewise
    std::function<void(Verification&)> accuracy{};  ///< fills in what a verification found out
    /// How fast the device is at the time of a call: 1 as scripted, 0.5 half as fast. Ceilings feel it too.
    std::function<double()> speed{};
    /// What telemetry reads after a block or the ceilings; left out: the device tells nothing.
    std::function<std::optional<TelemetryReading>()> telemetry{};
    std::vector<InputType> input_types{InputType::bf16, InputType::fp16};
    bool host_launches = true;  ///< false: refuses LaunchMode::host
    std::int64_t memory_bytes = std::int64_t{80} << 30;
};

std::unique_ptr<Backend> make_fake_backend(const FakeDeviceScript& script);
std::unique_ptr<BackendFactory> make_fake_factory(const FakeDeviceScript& script);

}  // namespace moescope
