// SPDX-License-Identifier: Apache-2.0
#include "json/json_fields.h"
#include "moescope/measurement/plan.h"
#include "session/session_document.h"
#include "workload/case_json.h"

namespace moescope {

std::string plan_to_json(const Plan& plan, bool with_counts) {
    using json::Json;
    Json cases = Json::array();
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        const PlannedCase& planned = plan.cases[i];
        Json entry = case_document(planned.c);
        entry["load"] = planned.rejected ? Json(nullptr) : load_document(planned.load);
        entry["kernels"] = Json::array();
        Json skipped = Json::array();
        for (const KernelTraits& kernel : plan.kernels) {
            if (planned.rejected) continue;
            if (const std::string* reason = plan.skip_reason(i, kernel.id)) {
                skipped.push_back({{"kernel", kernel.id}, {"reason", *reason}});
            } else {
                entry["kernels"].push_back(kernel.id);
            }
        }
        if (!skipped.empty()) entry["skipped"] = std::move(skipped);
        entry["rejected"] = planned.rejected ? Json(planned.rejected->text(setting_flag)) : Json(nullptr);
        entry["memory_bytes"] = planned.buffers.total();
        if (with_counts && !planned.rejected) entry["tokens_per_expert"] = planned.counts;
        cases.push_back(std::move(entry));
    }
    const Json document{{"device", plan.device.id},
                        {"cases", std::move(cases)},
                        {"cells", plan.cells()},
                        {"peak_memory_bytes", plan.buffers.total()},
                        {"estimated_seconds", plan.estimated_seconds}};
    return document.dump(2) + "\n";
}

}  // namespace moescope
