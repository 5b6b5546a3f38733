// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "moescope/session/session.h"

namespace moescope {

/// The printed output of vLLM's benchmark_silu_mul_fp8_quant.py as a session: lines
///   Testing strategy: uniform
///   Completed: E=8,T=1024,H=7168,TT=64: V2: 0.031ms, Triton: 0.054ms
/// Other lines are passed over. Each time becomes one result of one sample, kernels silu_v2 and triton,
/// `imported_from` set: that script times from the host, call overhead included, and prints only medians.
/// What it does not print is assumed: groups of 128, fp32 scales, cold. Its loads are drawn by another
/// generator than moescope's; cases match by their parameters, not by their counts. Throws Error naming
/// `source` and the line.
Session import_vllm_log(std::string_view text, const std::string& source);

/// By the name of a format; only `vllm-log` is known. Throws Error.
Session import_file(const std::string& path, const std::string& format);

}  // namespace moescope
