// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "moescope/error.h"
#include "moescope/kernels/foreign_kernel.h"

namespace moescope {
namespace {

constexpr std::size_t kMostKernels = 1000;
constexpr std::size_t kLongestId = 64;

template <typename Function>
Function find(void* library, const char* symbol) {
    return reinterpret_cast<Function>(::dlsym(library, symbol));
}

/// A plugin while it is read; errors name it.
class PluginReader {
  public:
    explicit PluginReader(const std::string& path)
        : m_path(path), m_name(std::filesystem::path(path).filename().string()) {}

    std::vector<ForeignKernel> read() {
        if (!std::filesystem::exists(m_path)) fail("no such file");
        // A path with a slash: a bare name would be searched for in the system's directories.
        const std::string full = std::filesystem::absolute(m_path).string();
        m_library = ::dlopen(full.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (m_library == nullptr) fail(fmt::format("cannot be loaded: {}", ::dlerror()));
        const auto version = require<std::uint32_t (*)()>("moescope_abi_version")();
        if (version != MOESCOPE_KERNEL_ABI_VERSION)
            fail(fmt::format(
                "built for version {} of the kernel interface, this program has {}: build it again "
                "with this program's kernel_abi.h",
                version, MOESCOPE_KERNEL_ABI_VERSION));
        const auto list = require<decltype(&moescope_kernel_list)>("moescope_kernel_list");
        m_launch = require<decltype(&moescope_launch)>("moescope_launch");
        const moescope_kernel_info* const* infos = list();
        if (infos == nullptr) fail("moescope_kernel_list returned a null pointer");
        std::vector<ForeignKernel> kernels;
        for (; *infos != nullptr; ++infos) {
            if (kernels.size() == kMostKernels) fail("its list of kernels has no null pointer at its end");
            kernels.push_back(kernel(**infos));
        }
        if (kernels.empty()) fail("has no kernels");
        return kernels;
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("plugin {}: {}", m_name, what));
    }

    template <typename Function>
    Function require(const char* symbol) const {
        const auto function = find<Function>(m_library, symbol);
        if (function == nullptr) fail(fmt::format("does not export {} (see kernel_abi.h)", symbol));
        return function;
    }

    std::string read_id(const char* text) {
        if (text == nullptr) fail("a kernel has no id");
        std::string id(text, std::find(text, text + kLongestId + 1, '\0'));
        const auto good = [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
        };
        if (id.empty() || id.size() > kLongestId || !std::all_of(id.begin(), id.end(), good))
            fail(fmt::format("a kernel's id is not 1 to {} letters, digits, '_', '-' or '.'", kLongestId));
        if (!m_ids.insert(id).second) fail(fmt::format("two of its kernels are called {}", id));
        return id;
    }

    ForeignKernel kernel(const moescope_kernel_info& info) {
        if (info.struct_size < sizeof info)
            fail(fmt::format("a moescope_kernel_info has struct_size {}, not {}", info.struct_size,
                             sizeof info));
        ForeignKernel kernel;
        kernel.traits.id = read_id(info.id);
        const std::string& id = kernel.traits.id;
        if (info.description != nullptr) kernel.traits.description = info.description;
        std::replace(kernel.traits.description.begin(), kernel.traits.description.end(), '\n', ' ');
        kernel.traits.in_default_set = true;  // whoever gives a plugin wants to see it
        if (info.needs_device != MOESCOPE_DEVICE_CPU && info.needs_device != MOESCOPE_DEVICE_CUDA)
            fail(fmt::format("kernel {}: needs_device is {}", id, info.needs_device));
        kernel.device_kind = info.needs_device == MOESCOPE_DEVICE_CPU ? "cpu" : "cuda";
        if (info.numerics != MOESCOPE_NUMERICS_FP32 && info.numerics != MOESCOPE_NUMERICS_BF16)
            fail(fmt::format("kernel {}: numerics is {}", id, info.numerics));
        kernel.traits.numerics = info.numerics == MOESCOPE_NUMERICS_BF16 ? Numerics::bf16 : Numerics::fp32;
        for (const ScaleFormat format :
             {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed})
            if ((info.scale_formats >> static_cast<unsigned>(format) & 1U) != 0)
                kernel.traits.scale_formats.push_back(format);
        if (info.group_sizes == nullptr || info.group_size_count == 0 || info.group_size_count > 4)
            fail(fmt::format("kernel {}: needs one to four group sizes", id));
        kernel.traits.group_sizes.assign(info.group_sizes, info.group_sizes + info.group_size_count);
        if (kernel.traits.scale_formats.empty()) fail(fmt::format("kernel {}: has no scale format", id));
        kernel.traits.input_types.clear();
        for (const InputType type : {InputType::bf16, InputType::fp16})
            if ((info.input_dtypes >> static_cast<unsigned>(type) & 1U) != 0)
                kernel.traits.input_types.push_back(type);
        if (kernel.traits.input_types.empty())
            fail(fmt::format("kernel {}: reads neither bf16 nor fp16", id));
        if (info.hidden_multiple_of < 1) fail(fmt::format("kernel {}: hidden_multiple_of is below 1", id));
        kernel.traits.hidden_multiple_of = info.hidden_multiple_of;
        kernel.plugin = m_name;
        kernel.launch = m_launch;
        kernel.query_workspace =
            find<decltype(&moescope_query_workspace)>(m_library, "moescope_query_workspace");
        kernel.last_error = find<decltype(&moescope_last_error)>(m_library, "moescope_last_error");
        return kernel;
    }

    std::string m_path;
    std::string m_name;
    void* m_library = nullptr;
    moescope_status (*m_launch)(const moescope_launch_args*) = nullptr;
    std::set<std::string> m_ids;
};

}  // namespace

std::vector<ForeignKernel> load_plugin(const std::string& path) {
    return PluginReader(path).read();
}

}  // namespace moescope
