/* SPDX-License-Identifier: Apache-2.0 */

/* A plugin for the processor, as short as it can be: one kernel, one thread, fp32 numerics.
 *
 *     cc -O2 -shared -fPIC -I kernels/include -o cpu_plugin.so examples/plugin/cpu_plugin.c -lm
 *     moescope sweep --preset quick --device cpu --plugin ./cpu_plugin.so
 */

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "moescope/kernel_abi.h"

/* The value of 16 bits of input. */
static float to_float(uint32_t dtype, uint16_t bits) {
    if (dtype == MOESCOPE_INPUT_FP16) {
        const int exponent = bits >> 10 & 0x1F;
        const float mantissa = (float)(bits & 0x3FF);
        const float magnitude = exponent == 0    ? ldexpf(mantissa, -24)
                                : exponent != 31 ? ldexpf(mantissa + 1024.0f, exponent - 25)
                                : mantissa == 0  ? INFINITY
                                                 : NAN;
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }
    const uint32_t wide = (uint32_t)bits << 16; /* bf16: the upper half of a float */
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

/* Round to nearest even; |value| <= 448. */
static uint8_t to_e4m3(float value) {
    const uint8_t sign = signbit(value) ? 0x80 : 0;
    const float magnitude = fabsf(value);
    if (isnan(value)) return 0x7F;
    if (magnitude < 0x1p-6f) return sign | (uint8_t)lrintf(magnitude * 512.0f);
    int exponent;
    const float fraction = frexpf(magnitude, &exponent);        /* [0.5, 1) */
    const int steps = (int)lrintf(fraction * 16.0f) - 8;        /* of eighths above the power of two */
    return sign | (uint8_t)(((exponent - 1 + 7) << 3) + steps); /* eight steps carry into the exponent */
}

static void quantize_group(uint32_t dtype, const uint16_t* gate, const uint16_t* up, int64_t size,
                           uint8_t* codes, float* scale) {
    float values[256];
    float amax = 1e-10f;
    for (int64_t i = 0; i < size; ++i) {
        const double x = to_float(dtype, gate[i]);
        values[i] = (float)(x / (1.0 + exp(-x))) * to_float(dtype, up[i]);
        amax = fmaxf(amax, fabsf(values[i]));
    }
    *scale = amax / 448.0f;
    for (int64_t i = 0; i < size; ++i) codes[i] = to_e4m3(fminf(fmaxf(values[i] / *scale, -448.0f), 448.0f));
}

static const int64_t kGroupSizes[] = {32, 64, 128, 256};
static const moescope_kernel_info kInfo = {
    .struct_size = sizeof(moescope_kernel_info),
    .needs_device = MOESCOPE_DEVICE_CPU,
    .id = "example_cpu",
    .description = "example plugin: plain C, one thread",
    .numerics = MOESCOPE_NUMERICS_FP32,
    .scale_formats = 1u << MOESCOPE_SCALE_FP32,
    .input_dtypes = 1u << MOESCOPE_INPUT_BF16 | 1u << MOESCOPE_INPUT_FP16,
    .group_size_count = 4,
    .group_sizes = kGroupSizes,
    .hidden_multiple_of = 1,
    .alignment = 2,
};
static const moescope_kernel_info* const kList[] = {&kInfo, NULL};

uint32_t moescope_abi_version(void) {
    return MOESCOPE_KERNEL_ABI_VERSION;
}

const moescope_kernel_info* const* moescope_kernel_list(void) {
    return kList;
}

/* moescope passes strides always, and only problems that the info allows. */
moescope_status moescope_launch(const moescope_launch_args* args) {
    if (strcmp(args->kernel, kInfo.id) != 0) return MOESCOPE_UNKNOWN_KERNEL;
    for (int64_t e = 0; e < args->experts; ++e)
        for (int64_t t = 0; t < args->counts[e]; ++t) {
            const uint16_t* row =
                (const uint16_t*)args->input + e * args->input_strides[0] + t * args->input_strides[1];
            uint8_t* codes = (uint8_t*)args->codes + e * args->codes_strides[0] + t * args->codes_strides[1];
            float* scales = (float*)args->scales + e * args->scale_strides[0] + t * args->scale_strides[1];
            for (int64_t g = 0; g < args->hidden / args->group_size; ++g) {
                const int64_t column = g * args->group_size;
                quantize_group(args->input_dtype, row + column, row + args->hidden + column, args->group_size,
                               codes + column, scales + g * args->scale_strides[2]);
            }
        }
    return MOESCOPE_OK;
}
