/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MOESCOPE_KERNEL_ABI_H
#define MOESCOPE_KERNEL_ABI_H

/* The kernel interface of moescope: fused SiLU x Mul + FP8 group quantization on the masked layout, as plain
 * C.
 *
 * Two things export it: libmoescope_kernels.so, with the kernels of moescope, to be called from an inference
 * engine or from Python; and a plugin, with the kernels of its maker, to be swept beside them (moescope sweep
 * --plugin my.so).
 *
 * The operation, for each expert e and each valid token t < counts[e], with gate = columns [0,H) of the input
 * and up = columns [H,2H): v = silu(gate) * up ; per group of G columns: s = max(max|v|, 1e-10) / 448 ; q =
 * e4m3(clamp(v / s, -448, 448)) with s rounded up to a power of two in the UE8M0 formats. Rows at or past
 * counts[e] must not be written. They may be read: all E x T rows of the input must be there.
 *
 * Versions: MOESCOPE_KERNEL_ABI_VERSION changes when something here changes its meaning. Structs grow at
 * their end only; struct_size tells how much of one the other side knows. Every field that is not used must
 * be zero. */

/* NOLINTBEGIN(modernize-deprecated-headers,modernize-use-using): C */
#include <stdint.h>

#if defined(__GNUC__)
#define MOESCOPE_ABI_EXPORT __attribute__((visibility("default")))
#else
#define MOESCOPE_ABI_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MOESCOPE_KERNEL_ABI_VERSION 1u

/* What a call returns. int32_t, not an enum, whose size would be the compiler's choice. */
typedef int32_t moescope_status;
#define MOESCOPE_OK 0
#define MOESCOPE_INVALID_ARGUMENT 1 /* a null pointer, a size out of range, counts past T */
#define MOESCOPE_BAD_VERSION 2      /* abi_version or struct_size is one that the callee does not know */
#define MOESCOPE_UNKNOWN_KERNEL 3   /* no kernel of that id in the list */
#define MOESCOPE_UNSUPPORTED                                                                               \
    4                         /* a valid problem that this kernel does not do: G, scale format, strides... \
                               */
#define MOESCOPE_MISALIGNED 5 /* a pointer that is not aligned as moescope_kernel_info says */
#define MOESCOPE_WORKSPACE 6  /* workspace missing or too small: see moescope_query_workspace */
#define MOESCOPE_LAUNCH_FAILED 7  /* the device refused the launch */
#define MOESCOPE_INTERNAL_ERROR 8 /* anything else; moescope_last_error() tells */

/* How scales are stored. Shape (E, T, W), in words of four bytes. */
#define MOESCOPE_SCALE_FP32 0u       /* float; W = H/G */
#define MOESCOPE_SCALE_FP32_UE8M0 1u /* float, a power of two; W = H/G */
#define MOESCOPE_SCALE_UE8M0_PACKED \
    2u /* biased exponents of 4 groups, lowest byte first; W = ceil(H/G/4), rest zero */

/* Rounding convention (docs/how-it-measures.md). ANY in a launch: whichever the kernel has. */
#define MOESCOPE_NUMERICS_ANY 0u
#define MOESCOPE_NUMERICS_FP32 1u /* every intermediate in fp32 */
#define MOESCOPE_NUMERICS_BF16 2u /* silu, product, amax, scale and reciprocal rounded to bf16 */

/* What the input holds. Values are converted to fp32 exactly; both numerics apply to either. */
#define MOESCOPE_INPUT_BF16 0u
#define MOESCOPE_INPUT_FP16 1u

/* Where a kernel runs, and so where its pointers point. */
#define MOESCOPE_DEVICE_CPU 1u
#define MOESCOPE_DEVICE_CUDA 2u

/* Flag of a launch: it may start while the kernel ahead of it in the stream ends (programmatic dependent
 * launch, compute capability 9.0 or newer). The kernel waits for that one before it reads or writes anything,
 * so results are the same; it saves part of the launch. A kernel that cannot do so is launched as always. */
#define MOESCOPE_LAUNCH_PROGRAMMATIC 1u

/* One launch. Start from a zeroed struct. */
typedef struct moescope_launch_args {
    uint32_t struct_size; /* sizeof(moescope_launch_args) */
    uint32_t abi_version; /* MOESCOPE_KERNEL_ABI_VERSION */
    const char* kernel;   /* id, as in moescope_kernel_list() */

    const void* input;     /* (E, T, 2H) of input_dtype */
    void* codes;           /* (E, T, H) float8 e4m3fn, one byte each */
    void* scales;          /* (E, T, W) words */
    const int32_t* counts; /* (E), 0 <= counts[e] <= T; on the kernel's device */

    int64_t experts;    /* E */
    int64_t max_tokens; /* T */
    int64_t hidden;     /* H, output columns, a multiple of G */
    int64_t group_size; /* G */

    /* Strides of (expert, token, column) in elements (scales: in words). All three zero: the default layout,
     *     input (2HT, 2H, 1)   codes (HT, H, 1)   scales (WT, 1, T), i.e. column-major per expert.
     * The built-in kernels take no other and return MOESCOPE_UNSUPPORTED. */
    int64_t input_strides[3];
    int64_t codes_strides[3];
    int64_t scale_strides[3];

    uint32_t scale_format; /* MOESCOPE_SCALE_ */
    uint32_t numerics;     /* MOESCOPE_NUMERICS_ */
    uint32_t input_dtype;  /* MOESCOPE_INPUT_, one that moescope_kernel_info.input_dtypes has */
    uint32_t flags;        /* MOESCOPE_LAUNCH_, or zero */

    void* stream; /* CUDA: cudaStream_t or CUstream, null for the default stream. CPU: null */
    /* Memory on the kernel's device that nothing else uses until the launch is done, aligned to 256 bytes.
     * Null where moescope_query_workspace says 0. */
    void* workspace;
    uint64_t workspace_bytes;
} moescope_launch_args;

/* One kernel and what it can do. All strings and arrays live as long as the library. */
typedef struct moescope_kernel_info {
    uint32_t struct_size;       /* sizeof(moescope_kernel_info) */
    uint32_t needs_device;      /* MOESCOPE_DEVICE_ */
    const char* id;             /* letters, digits, '_', '-' and '.', 64 at most; unique in the library */
    const char* description;    /* one line */
    uint32_t numerics;          /* MOESCOPE_NUMERICS_FP32 or _BF16: what it claims and is verified against */
    uint32_t scale_formats;     /* bit (1u << MOESCOPE_SCALE_x) for each one it writes */
    uint32_t input_dtypes;      /* bit (1u << MOESCOPE_INPUT_x) for each one it reads */
    uint32_t group_size_count;  /* entries of group_sizes */
    const int64_t* group_sizes; /* of 32, 64, 128, 256 */
    int64_t hidden_multiple_of; /* H must be a multiple of it; at least 1 */
    int64_t max_experts;        /* largest E, 0: no limit of its own */
    uint32_t alignment;         /* of input and codes, in bytes. Scales and counts: 4 */
    uint32_t reserved;          /* zero */
} moescope_kernel_info;

/* The version that the library was built with. A caller checks it before anything else. */
MOESCOPE_ABI_EXPORT uint32_t moescope_abi_version(void);

/* The kernels: pointers to infos, ended by a null pointer. Never null itself. */
MOESCOPE_ABI_EXPORT const moescope_kernel_info* const* moescope_kernel_list(void);

/* Runs a kernel once. CUDA kernels are enqueued on the stream, on the device whose context is current in the
 * calling thread, and have not run yet when this returns: no synchronisation and no allocation, so that it
 * can be captured into a graph. CPU kernels are done when it returns. Checks arguments first and then writes
 * nothing if one is wrong; whether a pointer leads to enough memory of the right device only the caller can
 * know. May be called from any thread; CPU kernels take turns. */
MOESCOPE_ABI_EXPORT moescope_status moescope_launch(const moescope_launch_args* args);

/* Bytes of workspace that a launch with these arguments needs (0: none); pointers in args are not looked at.
 * A plugin whose kernels need none may leave this symbol out. */
MOESCOPE_ABI_EXPORT moescope_status moescope_query_workspace(const moescope_launch_args* args,
                                                             uint64_t* bytes);

/* What a status means, in a few words; never null, for unknown ones too. Optional in a plugin. */
MOESCOPE_ABI_EXPORT const char* moescope_status_string(moescope_status status);

/* Why the last call of this thread failed, in one line; "" if it did not. Valid until the thread's next call.
 * Optional in a plugin. */
MOESCOPE_ABI_EXPORT const char* moescope_last_error(void);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers,modernize-use-using) */

#endif /* MOESCOPE_KERNEL_ABI_H */
