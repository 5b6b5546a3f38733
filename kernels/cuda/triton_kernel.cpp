// SPDX-License-Identifier: Apache-2.0
#include "triton_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "cuda_error.h"
#include "driver_api.h"
#include "embedded_files.h"
#include "manifest.h"
#include "moescope/error.h"
#include "on_demand.h"

namespace moescope::cuda {
namespace {

constexpr int kOldestArchitecture = 89;  // the first that converts to e4m3
constexpr unsigned kDefaultSharedLimit = 48U << 10;

/// 90 for compute capability 9.0.
int current_architecture() {
    int device = 0;
    int major = 0;
    int minor = 0;
    MOESCOPE_CUDA_CHECK(cudaGetDevice(&device));
    MOESCOPE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
    MOESCOPE_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
    return major * 10 + minor;
}

/// 0 for what is none.
int parse_architecture(std::string_view capability) {
    const std::size_t dot = capability.find('.');
    if (dot == std::string_view::npos) return 0;
    int major = 0;
    int minor = 0;
    std::from_chars(capability.data(), capability.data() + dot, major);
    std::from_chars(capability.data() + dot + 1, capability.data() + capability.size(), minor);
    return major * 10 + minor;
}

/// The variant compiled ahead that runs on `architecture`: its own machine code, else the oldest one's PTX.
struct Ahead {
    triton::Variant variant;
    std::string_view image;
};
std::optional<Ahead> find_ahead(int architecture, const Shape& shape) {
    for (const auto& [arch, extension] : {std::pair{architecture, ".cubin"}, {kOldestArchitecture, ".ptx"}}) {
        const std::string name = triton::variant_name(arch, shape);
        const std::string_view image = triton::embedded_file(name + extension);
        if (auto variant = triton::find_compiled(name); variant && !image.empty())
            return Ahead{std::move(*variant), image};
    }
    return std::nullopt;
}

/// All parameters that the kernel may have.
constexpr std::array<std::string_view, 12> kParameters{
    "y_ptr",           "q_ptr",          "s_ptr",           "counts_ptr",
    "y_stride_expert", "y_stride_token", "q_stride_expert", "q_stride_token",
    "s_stride_expert", "s_stride_group", "global_scratch",  "profile_scratch"};
using Values = std::array<std::uint64_t, kParameters.size()>;

/// Their values, in the same order: the layout of Shape, strides in elements.
Values parameter_values(const Shape& shape, const MaskedProblem& problem) {
    const auto address = [](const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); };
    const auto number = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    return {address(problem.input),
            address(problem.codes),
            address(problem.scales),
            address(problem.counts),
            number(shape.max_tokens * 2 * shape.hidden),
            number(2 * shape.hidden),
            number(shape.max_tokens * shape.hidden),
            number(shape.hidden),
            number(shape.max_tokens * shape.scale_words()),
            number(shape.max_tokens),
            0,
            0};
}

/// A kernel ready to launch in one context.
struct Loaded {
    triton::Variant variant;
    Module module;
    CUfunction function = nullptr;
    std::vector<std::size_t> order;  ///< of its parameters, in kParameters
};

std::vector<std::size_t> parameter_order(const triton::Variant& variant) {
    std::vector<std::size_t> order;
    for (const triton::Parameter& parameter : variant.parameters) {
        const auto* const it = std::find(kParameters.begin(), kParameters.end(), parameter.name);
        if (it == kParameters.end())
            throw Error(fmt::format("the Triton kernel has a parameter {} that moescope does not know",
                                    parameter.name));
        order.push_back(static_cast<std::size_t>(it - kParameters.begin()));
    }
    return order;
}

Loaded load(triton::Variant variant, const void* image) {
    std::vector<std::size_t> order = parameter_order(variant);
    Loaded loaded{std::move(variant), Module(image), nullptr, std::move(order)};
    const DriverApi& driver = driver_api();
    check_driver(driver.get_function(&loaded.function, loaded.module.get(), loaded.variant.entry.c_str()),
                 "finding the Triton kernel in its module");
    if (loaded.variant.shared_bytes > kDefaultSharedLimit) {
        check_driver(
            driver.set_function_attribute(loaded.function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                          static_cast<int>(loaded.variant.shared_bytes)),
            "giving the Triton kernel its shared memory");
    }
    return loaded;
}

/// What is loaded, of all contexts.
struct Modules {
    /// H, G, format, whether strides are wide.
    using Key = std::tuple<CUcontext, std::int64_t, std::int64_t, ScaleFormat, bool>;
    std::mutex mutex;
    std::map<Key, Loaded> loaded;
    int users = 0;
};

Modules& modules() {
    // Never destroyed: at the end of the process the driver may be gone first.
    static auto* instance = new Modules;
    return *instance;
}

const Loaded& find_or_load(const Shape& shape) {
    CUcontext context = nullptr;
    check_driver(driver_api().current_context(&context), "asking for the current context");
    if (context == nullptr) {  // nothing of the runtime was used on this thread yet
        MOESCOPE_CUDA_CHECK(cudaFree(nullptr));
        check_driver(driver_api().current_context(&context), "asking for the current context");
    }
    const Modules::Key key{context, shape.hidden, shape.group_size, shape.scale_format,
                           triton::is_wide(shape)};
    Modules& all = modules();
    const std::lock_guard lock(all.mutex);
    if (const auto it = all.loaded.find(key); it != all.loaded.end()) return it->second;
    const int architecture = current_architecture();
    Loaded loaded;
    if (auto ahead = find_ahead(architecture, shape)) {
        loaded = load(std::move(ahead->variant), ahead->image.data());
    } else {
        triton::CompiledKernel kernel = triton::compile_on_demand(architecture, shape);
        loaded = load(std::move(kernel.variant), kernel.cubin.data());
    }
    return all.loaded.emplace(key, std::move(loaded)).first->second;
}

}  // namespace

std::optional<std::string> triton_unsupported(std::string_view compute_capability, const Shape& shape) {
    const int architecture = parse_architecture(compute_capability);
    if (architecture == 0) return std::nullopt;
    if (architecture < kOldestArchitecture)
        return fmt::format("triton needs compute capability 8.9 or newer: this device has {}",
                           compute_capability);
    if (find_ahead(architecture, shape) || triton::is_cached(triton::variant_name(architecture, shape)))
        return std::nullopt;
    if (const auto reason = triton::no_compiler_reason())
        return fmt::format("triton was not compiled ahead for H = {}, G = {}{}, and {}", shape.hidden,
                           shape.group_size, triton::is_wide(shape) ? " and so large a T" : "", *reason);
    return std::nullopt;
}

void prepare_triton(const Shape& shape) {
    find_or_load(shape);
}

cudaError_t launch_triton(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    const Loaded& kernel = find_or_load(shape);
    const std::int64_t programs = shape.experts * shape.groups();
    if (programs > 0x7FFFFFFF) return cudaErrorInvalidConfiguration;
    // The driver copies each parameter's own number of bytes, which come first: these machines are little
    // endian.
    Values values = parameter_values(shape, problem);
    std::array<void*, kParameters.size()> parameters{};
    for (std::size_t i = 0; i < kernel.order.size(); ++i) parameters[i] = &values[kernel.order[i]];
    const CUresult status = driver_api().launch_kernel(
        kernel.function, static_cast<unsigned>(programs), 1, 1, static_cast<unsigned>(kernel.variant.threads),
        1, 1, kernel.variant.shared_bytes, stream, parameters.data(), nullptr);
    return static_cast<cudaError_t>(status);  // the numbers are the same
}

TritonModulesUser::TritonModulesUser() {
    const std::lock_guard lock(modules().mutex);
    ++modules().users;
}

TritonModulesUser::~TritonModulesUser() {
    const std::lock_guard lock(modules().mutex);
    if (--modules().users == 0) modules().loaded.clear();
}

}  // namespace moescope::cuda
