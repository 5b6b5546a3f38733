// SPDX-License-Identifier: Apache-2.0
#include "quantize_tables.h"

#include <memory>

#include "moescope/kernels/numerics.h"
#include "moescope/kernels/reference.h"

namespace moescope::cpu {
namespace {

std::unique_ptr<const SiluTable> make_silu_table(InputType input, float factor) {
    auto table = std::make_unique<SiluTable>();
    for (std::uint32_t gate = 0; gate < 65536; ++gate)
        table->words[gate] =
            numerics::float_bits(reference::silu_bf16(static_cast<std::uint16_t>(gate), input) * factor);
    return table;
}

std::unique_ptr<const CodeSteps> make_code_steps() {
    constexpr int kOne = 0x3F80;  // bf16
    const int code_of_one = numerics::e4m3_encode(1.0F);
    auto table = std::make_unique<CodeSteps>();
    for (int inverse = 0; inverse < 128; ++inverse)
        for (int value = 0; value < 128; ++value) {
            const float product = numerics::bf16_to_float(static_cast<std::uint16_t>(kOne | value)) *
                                  numerics::bf16_to_float(static_cast<std::uint16_t>(kOne | inverse));
            const int code = numerics::e4m3_encode(numerics::round_bf16(product)) - code_of_one;
            table->steps[inverse][value] = static_cast<std::uint8_t>(code - (value >> 4));
        }
    return table;
}

}  // namespace

const SiluTable& silu_table() {
    static const std::unique_ptr<const SiluTable> table = make_silu_table(InputType::bf16, 1.0F);
    return *table;
}

const SiluTable& fp16_silu_table() {
    static const std::unique_ptr<const SiluTable> table = make_silu_table(InputType::fp16, 0x1p112F);
    return *table;
}

const CodeSteps& code_steps() {
    static const std::unique_ptr<const CodeSteps> table = make_code_steps();
    return *table;
}

}  // namespace moescope::cpu
