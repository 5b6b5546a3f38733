// SPDX-License-Identifier: Apache-2.0

// The exported functions of libmoescope_kernels.so. Nothing thrown leaves them.

#include <fmt/format.h>

#include <cstring>
#include <exception>

#include "exported_kernels.h"

namespace moescope::abi {
namespace {

/// The kernels and, beside them, the same in C.
class Registry {
  public:
    Registry() {
#if MOESCOPE_HAVE_CUDA
        m_kernels = cuda_exports();
#endif
        for (ExportedKernel& kernel : cpu_exports()) m_kernels.push_back(std::move(kernel));
        for (const ExportedKernel& kernel : m_kernels) m_infos.push_back(describe(kernel));
        for (const moescope_kernel_info& info : m_infos) m_list.push_back(&info);
        m_list.push_back(nullptr);
    }
    Registry(const Registry&) = delete;  // its parts point at each other
    Registry& operator=(const Registry&) = delete;
    ~Registry() = default;

    const moescope_kernel_info* const* list() const {
        return m_list.data();
    }
    std::size_t size() const {
        return m_kernels.size();
    }
    const ExportedKernel& kernel(std::size_t i) const {
        return m_kernels[i];
    }
    const moescope_kernel_info& info(std::size_t i) const {
        return m_infos[i];
    }

  private:
    static moescope_kernel_info describe(const ExportedKernel& kernel) {
        const KernelTraits& traits = kernel.traits;
        moescope_kernel_info info{};
        info.struct_size = sizeof info;
        info.needs_device = kernel.device;
        info.id = traits.id.c_str();
        info.description = traits.description.c_str();
        info.numerics = traits.numerics == Numerics::bf16 ? MOESCOPE_NUMERICS_BF16 : MOESCOPE_NUMERICS_FP32;
        for (const ScaleFormat format : traits.scale_formats)
            info.scale_formats |= 1U << static_cast<unsigned>(format);
        for (const InputType type : traits.input_types)
            info.input_dtypes |= 1U << static_cast<unsigned>(type);
        info.group_size_count = static_cast<std::uint32_t>(traits.group_sizes.size());
        info.group_sizes = traits.group_sizes.data();
        info.hidden_multiple_of = traits.hidden_multiple_of;
        info.alignment = kernel.alignment;
        return info;
    }

    std::vector<ExportedKernel> m_kernels;
    std::vector<moescope_kernel_info> m_infos;
    std::vector<const moescope_kernel_info*> m_list;
};

/// Never destroyed: a caller may still hold its strings while the process exits.
const Registry& registry() {
    static const auto* const all = new Registry;
    return *all;
}

thread_local std::string last_error;

/// Runs `action`, keeps its message, lets nothing out.
template <typename Action>
moescope_status guarded(Action action) noexcept {
    try {
        try {
            Outcome outcome = action();
            last_error = std::move(outcome.message);
            return outcome.status;
        } catch (const std::exception& e) {
            last_error = e.what();
        } catch (...) {
            last_error = "an exception of unknown type";
        }
    } catch (...) {
        last_error.clear();  // not even memory for the message
    }
    return MOESCOPE_INTERNAL_ERROR;
}

std::uint64_t workspace_of(const ExportedKernel& kernel, const moescope_launch_args& arguments) {
    return kernel.workspace_bytes ? kernel.workspace_bytes(shape_of(arguments)) : 0;
}

/// Finds the kernel, checks that it can do the problem, hands both to `use`.
template <typename Use>
Outcome with_kernel(const moescope_launch_args* arguments, Use use) {
    if (Outcome outcome = check_header(arguments); outcome.status != MOESCOPE_OK) return outcome;
    const Registry& all = registry();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (std::strcmp(arguments->kernel, all.info(i).id) != 0) continue;
        if (Outcome outcome = check_problem(*arguments, all.info(i)); outcome.status != MOESCOPE_OK)
            return outcome;
        return use(all.kernel(i), all.info(i));
    }
    return {MOESCOPE_UNKNOWN_KERNEL,
            fmt::format("no kernel '{:.64}' in this library: see moescope_kernel_list()", arguments->kernel)};
}

Outcome launch_checked(const moescope_launch_args& arguments, const ExportedKernel& kernel,
                       const moescope_kernel_info& info) {
    if (Outcome outcome = check_pointers(arguments, info); outcome.status != MOESCOPE_OK) return outcome;
    const std::uint64_t needed = workspace_of(kernel, arguments);
    if (needed > 0 && (arguments.workspace == nullptr || arguments.workspace_bytes < needed))
        return {MOESCOPE_WORKSPACE, fmt::format("{} needs a workspace of {} bytes here", info.id, needed)};
    if (needed > 0) {
        if (Outcome outcome = check_workspace(arguments); outcome.status != MOESCOPE_OK) return outcome;
    }
    return kernel.launch(arguments);
}

}  // namespace
}  // namespace moescope::abi

using namespace moescope::abi;

std::uint32_t moescope_abi_version() {
    return MOESCOPE_KERNEL_ABI_VERSION;
}

const moescope_kernel_info* const* moescope_kernel_list() {
    return registry().list();
}

moescope_status moescope_launch(const moescope_launch_args* args) {
    return guarded([args] {
        return with_kernel(args, [args](const ExportedKernel& kernel, const moescope_kernel_info& info) {
            return launch_checked(*args, kernel, info);
        });
    });
}

moescope_status moescope_query_workspace(const moescope_launch_args* args, std::uint64_t* bytes) {
    return guarded([args, bytes] {
        if (bytes == nullptr) return Outcome{MOESCOPE_INVALID_ARGUMENT, "bytes is a null pointer"};
        return with_kernel(args, [args, bytes](const ExportedKernel& kernel, const moescope_kernel_info&) {
            *bytes = workspace_of(kernel, *args);
            return Outcome{};
        });
    });
}

const char* moescope_status_string(moescope_status status) {
    return status_text(status);
}

const char* moescope_last_error() {
    return last_error.c_str();
}
