// SPDX-License-Identifier: Apache-2.0
#pragma once

// The fit behind silu in the AVX-512 kernel (avx512_silu.h): a polynomial of degree three for each of 32
// segments of gates. Here alone so that the tests can prove it for every gate. Constants only (see
// block_kernels.h).

namespace moescope::cpu::silu_fit {

/// Segments are half a unit wide, around the multiples of one half from -9 to 6.5. Gates below kLowest are
/// not for the fit; those above belong to the last segment, whose polynomial is 1.
inline constexpr float kLowest = -9.25F;
inline constexpr float kLastSegment = 6.5F;
/// Added to a gate it leaves the number of the segment, modulo 32, in the low five bits.
inline constexpr float kToSegment = 6291456.0F;  // 1.5 * 2^22, whose last bit is worth one half
/// The logistic function around multiples of one half, in powers of the gate: kCoefficients[power][segment].
/// Found by linear programming: for every bf16 gate of a segment, gate times polynomial lies between the two
/// values that round to bf16(silu(gate)), as far from both as can be.
alignas(64) inline constexpr float kCoefficients[4][32] = {
    {
        0x1.00000ap-1F,  0x1.ffbd26p-2F, 0x1.e19366p-2F,  0x1.524e52p-2F, -0x1.98b6c2p-3F, 0x1.7b377ep-2F,
        -0x1.39b7c8p-2F, 0x1.736238p+0F, -0x1.9fb604p+2F, 0x1.bc0396p+5F, 0x1.f32f08p-1F,  0x1.f45abp-1F,
        0x1.583832p+6F,  0x1p+0F,        0x1.5c1ecep-8F,  0x1.65e2d2p-5F, 0x1.ea6e9ap-5F,  0x1.fcc438p-5F,
        0x1.0a821ap-4F,  0x1.0e3628p-8F, 0x1.345064p-3F,  0x1.f7b674p-2F, 0x1.12f7dcp-4F,  0x1.4632ap-2F,
        0x1.3a3416p-2F,  0x1.0fabe2p-1F, 0x1.f1d8ap-2F,   0x1.4042aep-1F, 0x1.ff3364p-2F,  0x1.402dc2p-1F,
        0x1.03e9bcp-1F,  0x1.000274p-1F,
    },
    {
        0x1.ffae3p-3F,  0x1.005454p-2F, 0x1.5dd558p-2F,  0x1.30b0a2p-1F, 0x1.595fb6p+0F,
        0x1.d07a5ap-2F, 0x1.1f17c6p+0F, -0x1.0b0894p-1F, 0x1.688eeap+2F, -0x1.1eb80ap+5F,
        0x1.ec8ffp-8F,  0x1.96c314p-8F, -0x1.57c248p+5F, 0.0F,           0x1.f2a2bep-11F,
        0x1.cef61p-7F,  0x1.4a9e38p-6F, 0x1.5ebf3p-6F,   0x1.6d9272p-6F, -0x1.9339e6p-8F,
        0x1.f89d24p-5F, 0x1.fae4f8p-3F, 0x1.d10cf2p-8F,  0x1.46dc36p-3F, 0x1.2a83fp-3F,
        0x1.4dc7c6p-2F, 0x1.284c6ep-2F, 0x1.c68006p-2F,  0x1.1e6a2cp-2F, 0x1.07d03p-1F,
        0x1.1c16d2p-2F, 0x1.002aa2p-2F,
    },
    {
        -0x1.350beep-12F, 0x1.77812cp-10F,
        -0x1.8b76f4p-4F,  -0x1.f04ee4p-3F,
        -0x1.2e2192p-1F,  -0x1.00762p-3F,
        -0x1.5eb4f8p-2F,  0x1.601c12p-3F,
        -0x1.6b3aacp+0F,  0x1.f5e99ep+2F,
        -0x1.06cfa2p-10F, -0x1.8a8ac4p-11F,
        0x1.ceac24p+2F,   0.0F,
        0x1.158c2p-15F,   0x1.9468a4p-10F,
        0x1.2cf678p-9F,   0x1.47a85ap-9F,
        0x1.51d6bep-9F,   -0x1.e43918p-10F,
        0x1.19ee12p-7F,   0x1.5aebap-5F,
        -0x1.92b4f2p-9F,  0x1.c72d48p-6F,
        0x1.7b1d2p-6F,    0x1.2556ep-4F,
        0x1.f97d1ap-5F,   0x1.e88656p-4F,
        0x1.833c8ep-5F,   0x1.8f6a42p-3F,
        0x1.213b76p-5F,   0x1.c7226ap-11F,
    },
    {
        -0x1.35ec6ap-6F,  -0x1.6547f4p-6F,
        0x1.00c9cep-6F,   0x1.53952cp-5F,
        0x1.7c2008p-4F,   0x1.a87ce6p-7F,
        0x1.286314p-5F,   -0x1.22a71cp-6F,
        0x1.e93beep-4F,   -0x1.246c2ap-1F,
        0x1.a47f6cp-15F,  0x1.1ef08ep-15F,
        -0x1.9ec42cp-2F,  0.0F,
        -0x1.fd25d6p-21F, 0x1.dc0eaap-15F,
        0x1.7110b4p-14F,  0x1.9dad3cp-14F,
        0x1.a2fb58p-14F,  -0x1.0e8d9p-13F,
        0x1.ac43bap-12F,  0x1.411bfp-9F,
        -0x1.b2fea8p-12F, 0x1.b51c92p-10F,
        0x1.377b68p-10F,  0x1.6b6524p-8F,
        0x1.31dffap-8F,   0x1.84f24ap-7F,
        0x1.3d60a6p-10F,  0x1.084c22p-5F,
        -0x1.bf7926p-9F,  -0x1.35a3c6p-6F,
    },
};

}  // namespace moescope::cpu::silu_fit
