// SPDX-License-Identifier: Apache-2.0
#include "workload/case_json.h"

namespace moescope {

json::Json case_document(const Case& c) {
    return {{"experts", c.shape.experts},
            {"max_tokens", c.shape.max_tokens},
            {"hidden", c.shape.hidden},
            {"group_size", c.shape.group_size},
            {"total_tokens", c.total_tokens},
            {"strategy", to_string(c.strategy)},
            {"seed", c.seed},
            {"scale_format", to_string(c.shape.scale_format)},
            {"input_type", to_string(c.shape.input_type)}};
}

Case read_case(json::Fields& fields, const std::string& where) {
    Case c;
    c.shape.experts = fields.require<std::int64_t>("experts");
    c.shape.max_tokens = fields.require<std::int64_t>("max_tokens");
    c.shape.hidden = fields.require<std::int64_t>("hidden");
    c.shape.group_size = fields.require<std::int64_t>("group_size");
    c.shape.scale_format = parse_scale_format(fields.get<std::string>("scale_format", "fp32"));
    c.shape.input_type = parse_input_type(fields.get<std::string>("input_type", "bf16"));
    if (const auto problem = shape_problem(c.shape))
        throw Error(fmt::format("{}: {}", where, problem->text(setting_key)));
    c.total_tokens = fields.require<std::int64_t>("total_tokens");
    if (c.total_tokens < 0)
        throw Error(fmt::format("{}: total_tokens {} is negative", where, c.total_tokens));
    c.strategy = parse_strategy(fields.require<std::string>("strategy"));
    c.seed = fields.get<std::uint64_t>("seed", 42);
    return c;
}

}  // namespace moescope
