// SPDX-License-Identifier: Apache-2.0
#include "analysis/comparison_groups.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "moescope/analysis/metrics.h"

namespace moescope {
namespace {

struct SizeClass {
    std::int64_t below;
    const char* name;
};
constexpr SizeClass kSizes[] = {{1024, "under 1k tokens"}, {16384, "1k to 16k tokens"}};
constexpr const char* kLargest = "16k tokens and more";

std::string size_class(const ComparisonRow& row) {
    for (const SizeClass& size : kSizes) {
        if (row.c.total_tokens < size.below) return size.name;
    }
    return kLargest;
}

using NameOf = std::function<std::string(const ComparisonRow&)>;

void add_groups(const std::vector<const ComparisonRow*>& rows, const std::string& kernel,
                const std::string& dimension, const NameOf& name_of, std::vector<GroupMean>& groups) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<const ComparisonRow*>> members;
    for (const ComparisonRow* row : rows) {
        auto& list = members[name_of(*row)];
        if (list.empty()) order.push_back(name_of(*row));
        list.push_back(row);
    }
    for (const std::string& name : order) {
        GroupMean group{kernel, dimension, name, 1.0, {}};
        std::vector<double> ratios;
        for (const ComparisonRow* row : members[name]) {
            ratios.push_back(*row->ratio);
            count_verdict(group.counts, row->verdict);
        }
        group.ratio = geometric_mean(ratios);
        groups.push_back(group);
    }
}

}  // namespace

void count_verdict(VerdictCounts& counts, Verdict verdict) {
    switch (verdict) {
        case Verdict::faster:
            ++counts.faster;
            break;
        case Verdict::slower:
            ++counts.slower;
            break;
        case Verdict::same:
            ++counts.same;
            break;
        case Verdict::unsure:
            ++counts.unsure;
            break;
        case Verdict::not_compared:
            ++counts.not_compared;
            break;
    }
}

std::vector<GroupMean> group_means(const std::vector<ComparisonRow>& rows) {
    std::vector<std::string> kernels;
    std::map<std::string, std::vector<const ComparisonRow*>> by_kernel;
    for (const ComparisonRow& row : rows) {
        if (!row.ratio) continue;
        auto& list = by_kernel[row.kernel_label()];
        if (list.empty()) kernels.push_back(row.kernel_label());
        list.push_back(&row);
    }
    std::vector<GroupMean> groups;
    for (const std::string& kernel : kernels) {
        const auto& list = by_kernel[kernel];
        const auto add = [&](const char* dimension, const NameOf& name_of) {
            add_groups(list, kernel, dimension, name_of, groups);
        };
        add("all", [](const ComparisonRow&) { return std::string(); });
        add("strategy", [](const ComparisonRow& r) { return to_string(r.c.strategy); });
        add("experts", [](const ComparisonRow& r) { return fmt::to_string(r.c.shape.experts); });
        add("size", size_class);
    }
    return groups;
}

}  // namespace moescope
