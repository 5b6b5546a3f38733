// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "moescope/error.h"
#include "moescope/worker.h"
#include "remote_backend.h"
#include "remote_worker.h"

namespace moescope {
namespace worker {
namespace {

class PluginFactory final : public BackendFactory {
  public:
    PluginFactory(const BackendFactory& base, PluginOptions options)
        : m_base(base), m_options(std::move(options)) {
        RemoteWorker worker(m_options);
        for (const std::string& path : m_options.plugins)
            for (PluginKernel& kernel : worker.load(path)) {
                kernel.traits.plugin = kernel.plugin;
                m_kernels.push_back(std::move(kernel));
            }
        check_ids();
    }

    std::vector<Device> devices() const override { return m_base.devices(); }

    std::vector<KernelTraits> kernels(const std::string& device_id) const override {
        std::vector<KernelTraits> all = m_base.kernels(device_id);
        const std::string kind = pick_device(m_base, device_id).kind;
        for (const PluginKernel& kernel : m_kernels)
            if (kernel.device_kind == kind) all.push_back(kernel.traits);
        return all;
    }

    std::unique_ptr<Backend> open(const std::string& device_id) const override {
        const Device device = pick_device(m_base, device_id);
        return open_remote_backend(m_options, device.id, kernels(device.id), m_kernels);
    }

  private:
    void check_ids() const {
        std::map<std::string, std::string> owners;
        for (const Device& device : m_base.devices())
            for (const KernelTraits& kernel : m_base.kernels(device.id))
                owners[kernel.id] = "a built-in kernel";
        for (const PluginKernel& kernel : m_kernels) {
            const auto [it, is_new] = owners.try_emplace(kernel.traits.id, "plugin " + kernel.plugin);
            if (!is_new)
                throw Error(fmt::format("plugin {}: the id of its kernel {} is taken by {}: give it another",
                                        kernel.plugin, kernel.traits.id, it->second));
        }
    }

    const BackendFactory& m_base;
    PluginOptions m_options;
    std::vector<PluginKernel> m_kernels;
};

}  // namespace
}  // namespace worker

std::unique_ptr<BackendFactory> add_plugins(const BackendFactory& base, PluginOptions options) {
    return std::make_unique<worker::PluginFactory>(base, std::move(options));
}

}  // namespace moescope
