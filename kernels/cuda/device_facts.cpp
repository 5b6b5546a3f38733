// SPDX-License-Identifier: Apache-2.0
#include "device_facts.h"

#include <map>
#include <mutex>

namespace moescope::cuda {
namespace {

cudaError_t ask(int device, DeviceFacts& facts) {
    int major = 0;
    int kilohertz = 0;
    int bits = 0;
    const struct {
        int* value;
        cudaDeviceAttr attribute;
    } questions[] = {{&facts.multiprocessors, cudaDevAttrMultiProcessorCount},
                     {&major, cudaDevAttrComputeCapabilityMajor},
                     {&kilohertz, cudaDevAttrMemoryClockRate},
                     {&bits, cudaDevAttrGlobalMemoryBusWidth}};
    for (const auto& [value, attribute] : questions) {
        const cudaError_t error = cudaDeviceGetAttribute(value, attribute, device);
        if (error != cudaSuccess) return error;
    }
    facts.programmatic = major >= 9;
    facts.bytes_per_second = 2.0 * kilohertz * 1e3 * bits / 8;
    return cudaSuccess;
}

}  // namespace

cudaError_t current_device_facts(DeviceFacts& facts) {
    static std::mutex mutex;
    static std::map<int, DeviceFacts> known;
    int device = 0;
    if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
    const std::lock_guard lock(mutex);
    const auto found = known.find(device);
    if (found != known.end()) {
        facts = found->second;
        return cudaSuccess;
    }
    const cudaError_t error = ask(device, facts);
    if (error == cudaSuccess) known.emplace(device, facts);
    return error;
}

}  // namespace moescope::cuda
