// SPDX-License-Identifier: Apache-2.0
#include "verify_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "output.h"

namespace moescope {
namespace {

using Json = nlohmann::ordered_json;

/// A kernel's outcomes over all cases of one input: counts added up, errors the worst of any case.
struct Tally {
    std::int64_t passed = 0;
    std::int64_t failed = 0;
    std::int64_t skipped = 0;
    Verification sum;
    std::vector<const Result*> failures;

    void add(const Result& r) {
        if (r.status == Status::skipped) {
            ++skipped;
            return;
        }
        ++(r.status == Status::ok ? passed : failed);
        if (r.status != Status::ok) failures.push_back(&r);
        const Verification& v = r.verification;
        if (!v.done) return;
        sum.done = true;
        sum.reference = v.reference;
        sum.values += v.values;
        sum.mismatched_codes += v.mismatched_codes;
        sum.mismatched_scales += v.mismatched_scales;
        sum.touched_past_counts += v.touched_past_counts;
        sum.mismatched_codes_bf16 += v.mismatched_codes_bf16;
        sum.mismatched_codes_fp32 += v.mismatched_codes_fp32;
        sum.clipped_values += v.clipped_values;
        sum.nonfinite_values += v.nonfinite_values;
        sum.unjudged_codes += v.unjudged_codes;
        sum.max_scale_error = std::max(sum.max_scale_error, v.max_scale_error);
        if (v.relative_error)
            sum.relative_error = std::max(sum.relative_error.value_or(0.0), *v.relative_error);
        if (v.sqnr_db) sum.sqnr_db = std::min(sum.sqnr_db.value_or(*v.sqnr_db), *v.sqnr_db);
    }
};

std::map<std::string, Tally> tally(const VerifiedInput& input) {
    std::map<std::string, Tally> tallies;
    for (const Result& r : input.results) tallies[r.kernel].add(r);
    return tallies;
}

std::string count_text(const Tally& t, std::int64_t count) {
    return t.sum.done ? fmt::to_string(count) : "-";
}

Json number_json(double value) {
    return std::isfinite(value) ? Json(value) : Json("inf");
}

Json optional_json(const std::optional<double>& value) {
    return value ? number_json(*value) : Json(nullptr);
}

}  // namespace

std::int64_t count_failed(const std::vector<VerifiedInput>& inputs) {
    std::int64_t failed = 0;
    for (const VerifiedInput& input : inputs)
        failed += std::count_if(input.results.begin(), input.results.end(),
                                [](const Result& r) { return r.status == Status::failed; });
    return failed;
}

void print_verification(const std::vector<VerifiedInput>& inputs) {
    std::vector<std::vector<std::string>> verdicts{{"kernel", "input", "reference", ">passed", ">failed",
                                                    ">skipped", ">codes compared", ">differing",
                                                    ">not judged", ">largest scale error"}};
    std::vector<std::vector<std::string>> accuracy{{"accuracy", "input", ">relative error", ">SQNR dB",
                                                    ">differing from bf16", ">from fp32", ">clipped",
                                                    ">not finite"}};
    for (const VerifiedInput& input : inputs) {
        const std::string name(to_string(input.input));
        for (const auto& [kernel, t] : tally(input)) {
            const Verification& v = t.sum;
            verdicts.push_back({kernel, name, v.done ? v.reference : "-", fmt::to_string(t.passed),
                                fmt::to_string(t.failed), fmt::to_string(t.skipped), count_text(t, v.values),
                                count_text(t, v.mismatched_codes), count_text(t, v.unjudged_codes),
                                v.done ? fmt::format("{:.2g}", v.max_scale_error) : "-"});
            accuracy.push_back(
                {kernel, name, v.relative_error ? fmt::format("{:.4g}", *v.relative_error) : "-",
                 v.sqnr_db ? fmt::format("{:.2f}", *v.sqnr_db) : "-", count_text(t, v.mismatched_codes_bf16),
                 count_text(t, v.mismatched_codes_fp32), count_text(t, v.clipped_values),
                 count_text(t, v.nonfinite_values)});
        }
    }
    print_table(std::move(verdicts));
    fmt::print("\n");
    print_table(std::move(accuracy));
    for (const VerifiedInput& input : inputs)
        for (const Result& r : input.results)
            if (r.status == Status::failed)
                fmt::print("failed: {} {}, {} input: {}\n", case_label(r.c), r.kernel, to_string(input.input),
                           r.error);
}

std::string verification_report_json(const std::vector<VerifiedInput>& inputs) {
    Json list = Json::array();
    for (const VerifiedInput& input : inputs)
        for (const auto& [kernel, t] : tally(input)) {
            const Verification& v = t.sum;
            Json failures = Json::array();
            for (const Result* r : t.failures)
                failures.push_back({{"case", case_label(r->c)}, {"error", r->error}});
            list.push_back({{"id", kernel},
                            {"input", to_string(input.input)},
                            {"reference", v.done ? Json(v.reference) : Json(nullptr)},
                            {"passed", t.passed},
                            {"failed", t.failed},
                            {"skipped", t.skipped},
                            {"values", v.values},
                            {"mismatched_codes", v.mismatched_codes},
                            {"mismatched_scales", v.mismatched_scales},
                            {"touched_past_counts", v.touched_past_counts},
                            {"unjudged_codes", v.unjudged_codes},
                            {"max_scale_error", number_json(v.max_scale_error)},
                            {"relative_error", optional_json(v.relative_error)},
                            {"sqnr_db", optional_json(v.sqnr_db)},
                            {"mismatched_codes_bf16", v.mismatched_codes_bf16},
                            {"mismatched_codes_fp32", v.mismatched_codes_fp32},
                            {"clipped_values", v.clipped_values},
                            {"nonfinite_values", v.nonfinite_values},
                            {"failures", failures}});
        }
    return list.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace moescope
