// SPDX-License-Identifier: Apache-2.0

// The CUDA example, and a kernel beside it that writes where it must not: `illegal` costs its process the
// device, `past_counts` writes one row too many of each expert.

#define moescope_launch example_launch
#define moescope_kernel_list example_list
#include "../../examples/plugin/cuda_plugin.cu"
#undef moescope_launch
#undef moescope_kernel_list

extern "C" MOESCOPE_ABI_EXPORT moescope_status moescope_launch(const moescope_launch_args* args);
extern "C" MOESCOPE_ABI_EXPORT const moescope_kernel_info* const* moescope_kernel_list(void);

namespace {

__global__ void write_illegally() {
    *reinterpret_cast<volatile int*>(0x10) = 1;
}

__global__ void write_past_counts(moescope_launch_args a) {
    const std::int64_t e = blockIdx.x;
    if (a.counts[e] < a.max_tokens)
        static_cast<unsigned char*>(a.codes)[e * a.codes_strides[0] + a.counts[e] * a.codes_strides[1]] = 0;
}

moescope_kernel_info named(const char* id) {
    moescope_kernel_info info = make_info();
    info.id = id;
    return info;
}

}  // namespace

extern "C" const moescope_kernel_info* const* moescope_kernel_list() {
    static const moescope_kernel_info illegal = named("illegal");
    static const moescope_kernel_info past_counts = named("past_counts");
    static const moescope_kernel_info good = named("good");
    static const moescope_kernel_info* const list[] = {&illegal, &past_counts, &good, nullptr};
    return list;
}

extern "C" moescope_status moescope_launch(const moescope_launch_args* args) {
    const auto stream = static_cast<cudaStream_t>(args->stream);
    moescope_launch_args example = *args;
    example.kernel = "example_cuda";
    const moescope_status status = example_launch(&example);
    if (std::strcmp(args->kernel, "illegal") == 0) write_illegally<<<1, 1, 0, stream>>>();
    if (std::strcmp(args->kernel, "past_counts") == 0)
        write_past_counts<<<static_cast<unsigned>(args->experts), 1, 0, stream>>>(*args);
    return status;
}
