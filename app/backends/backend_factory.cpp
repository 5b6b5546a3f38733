// SPDX-License-Identifier: Apache-2.0
#include "moescope/backend_factory.h"

#include <fmt/format.h>

#include "moescope/error.h"
#include "moescope/kernels/cpu_backend.h"
#if MOESCOPE_HAVE_CUDA
#include "moescope/kernels/cuda_backend.h"
#endif

namespace moescope {
namespace {

class Factory final : public BackendFactory {
  public:
    std::vector<Device> devices() const override {
        std::vector<Device> all;
#if MOESCOPE_HAVE_CUDA
        all = cuda_devices();
#endif
        all.push_back(cpu_device());
        return all;
    }

    std::vector<KernelTraits> kernels(const std::string& device_id) const override {
        const Device device = pick_device(*this, device_id);
#if MOESCOPE_HAVE_CUDA
        if (device.kind == "cuda") return cuda_kernels(device.compute_capability);
#endif
        return cpu_kernels();
    }

    std::unique_ptr<Backend> open(const std::string& device_id) const override {
        return open_backend(device_id, {});
    }
};

}  // namespace

std::unique_ptr<BackendFactory> make_backend_factory() {
    return std::make_unique<Factory>();
}

std::unique_ptr<Backend> open_backend(const std::string& device_id, std::vector<ForeignKernel> foreign) {
    const Device device = pick_device(Factory(), device_id);
#if MOESCOPE_HAVE_CUDA
    if (device.kind == "cuda")
        return open_cuda_backend(std::stoi(device.id.substr(device.id.find(':') + 1)), std::move(foreign));
#endif
    return open_cpu_backend(std::move(foreign));
}

}  // namespace moescope
