// SPDX-License-Identifier: GPL-3.0-or-later
#include "comparison_sample.h"

#include <cmath>

#include "moescope/analysis/metrics.h"
#include "sample_session.h"

namespace moescope::ui::test {

Session changed(Session session, const std::string& name, const std::function<void(Result&)>& change) {
    session.id = name;
    session.name = name;
    for (Result& result : session.results) change(result);
    return session;
}

Session rerun(const Session& session, const std::string& name, double factor) {
    int i = 0;
    return changed(session, name, [&](Result& result) {
        for (double& sample : result.samples_us) sample *= factor * (1.0 + 1e-4 * std::sin(++i));
        if (result.status == Status::ok) fill_metrics(result, session.peaks);
    });
}

ComparedPtr compared(const Session& base, const Session& other, const CompareOptions& options) {
    return std::make_shared<const ComparedSessions>(
        ComparedSessions{{std::make_shared<const Session>(base)},
                         {std::make_shared<const Session>(other)},
                         compare_sessions({&base, 1}, {&other, 1}, options)});
}

ComparedPtr comparedSeed() {
    static const ComparedPtr seed = [] {
        const Session base = sampleSession("seed");
        int i = 0;
        const Session other = changed(rerun(base, "later"), "later", [&](Result& result) {
            if (result.kernel != "silu_v2") return;
            const double factor = ++i % 5 == 0 ? 0.94 : i % 2 == 0 ? 1.04 : 1.0;
            for (double& sample : result.samples_us) sample *= factor;
            fill_metrics(result, base.peaks);
        });
        return compared(base, other);
    }();
    return seed;
}

ComparedPtr comparedThousand() {
    static const ComparedPtr large = [] {
        const Session base = largeSession(500);
        int i = 0;
        const Session other = changed(base, "later", [&](Result& result) {
            const double factor = 1.0 + 0.05 * std::sin(0.37 * ++i);
            for (double& sample : result.samples_us) sample *= factor;
        });
        CompareOptions quick;
        quick.resamples = 100;
        return compared(base, other, quick);
    }();
    return large;
}

ComparedPtr comparedOddities() {
    Session base = sampleSession("seed");
    Session other = rerun(base, "odd");
    std::erase_if(base.results, [](const Result& r) { return r.c.shape.experts == 256; });
    std::erase_if(other.results,
                  [](const Result& r) { return r.kernel == "triton" && r.c.shape.experts == 32; });
    std::vector<Result>& odd = other.results;
    odd[0].status = Status::failed;
    odd[0].error = "illegal memory access";
    odd[0].samples_us.clear();
    odd[0].median_us.reset();
    odd[2].samples_us.resize(1);
    odd[4].samples_us.clear();
    odd[6].samples_us.clear();
    odd[6].median_us.reset();
    odd[8].samples_us[0] = 0.0;
    odd[10].samples_us.resize(1);
    odd[10].imported_from = "vllm-log";
    return compared(base, other);
}

}  // namespace moescope::ui::test
