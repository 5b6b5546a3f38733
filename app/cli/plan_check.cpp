// SPDX-License-Identifier: Apache-2.0
#include "plan_check.h"

#include <fmt/format.h>

#include "moescope/message.h"

namespace moescope {

void require_accepted_case(const Plan& plan) {
    if (plan.accepted_cases() == 0)
        throw Error(fmt::format("no case can run: {}", plan.cases.front().rejected->text(setting_flag)));
}

}  // namespace moescope
