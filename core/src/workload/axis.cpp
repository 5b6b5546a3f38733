// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/axis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "moescope/error.h"
#include "text/parse.h"

namespace moescope {
namespace {

constexpr std::size_t kMaxValues = 10'000;

struct AxisParser {
    std::string_view name;
    std::int64_t low;
    std::int64_t high;
    std::vector<std::int64_t> values;
    std::unordered_set<std::int64_t> seen;

    std::int64_t number(std::string_view text) const {
        const auto value = text::integer(text);
        if (!value) {
            throw Error(fmt::format(
                "{}: '{}' is not a whole number in range; write a list like 8,16,32 or a range like "
                "8:512:*2 or 8:64:8",
                name, text));
        }
        return *value;
    }

    void add(std::int64_t value) {
        if (value < low || value > high) {
            throw Error(fmt::format("{}: {} is out of range; choose {} to {}", name, value, low, high));
        }
        if (seen.insert(value).second) values.push_back(value);
        if (values.size() > kMaxValues) {
            throw Error(fmt::format("{}: over {} values; use a larger step", name, kMaxValues));
        }
    }

    void add_range(std::string_view text, std::size_t colon) {
        const std::size_t second = text.find(':', colon + 1);
        if (second == std::string_view::npos) {
            throw Error(
                fmt::format("{}: range '{}' has no step; write {}:8 or {}:*2", name, text, text, text));
        }
        const std::int64_t first = number(text.substr(0, colon));
        const std::int64_t last = number(text.substr(colon + 1, second - colon - 1));
        std::string_view step_text = text.substr(second + 1);
        const bool multiply = !step_text.empty() && step_text.front() == '*';
        if (multiply) step_text.remove_prefix(1);
        const std::int64_t step = number(step_text);
        if (multiply ? step < 2 || first < 1 : step < 1) {
            throw Error(fmt::format(
                "{}: range '{}' would never end; {}", name, text,
                multiply ? "start at 1 or more and multiply by 2 or more" : "use a step of 1 or more"));
        }
        if (first > last) {
            throw Error(fmt::format("{}: range '{}' is empty; write the smaller end first", name, text));
        }
        if (last > high)
            throw Error(fmt::format("{}: {} is out of range; choose {} to {}", name, last, low, high));
        for (std::int64_t value = first; value <= last;) {
            add(value);
            if (multiply ? value > last / step : value > last - step)
                break;  // the next would pass the end or overflow
            value = multiply ? value * step : value + step;
        }
    }
};

/// Length of the run from `begin` in which each value is the last one times `factor` or plus `step`.
std::size_t run_length(const std::vector<std::int64_t>& v, std::size_t begin, bool multiply) {
    if (begin + 1 >= v.size()) return 1;
    const std::int64_t a = v[begin];
    const std::int64_t b = v[begin + 1];
    if (b <= a || (multiply && (a < 1 || b % a != 0))) return 1;
    std::size_t end = begin + 2;
    while (end < v.size() && (multiply ? v[end] == v[end - 1] * (b / a) : v[end] == v[end - 1] + (b - a)))
        ++end;
    return end - begin;
}

}  // namespace

std::vector<std::string> split_list(std::string_view name, std::string_view text) {
    std::vector<std::string> items;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = text.find(',', begin);
        const std::string_view item = text::trim(
            text.substr(begin, comma == std::string_view::npos ? std::string_view::npos : comma - begin));
        if (item.empty()) {
            throw Error(fmt::format(
                "{}: an item of the list '{}' is empty; separate items with single commas", name, text));
        }
        items.emplace_back(item);
        if (comma == std::string_view::npos) return items;
        begin = comma + 1;
    }
}

std::vector<std::int64_t> parse_axis(std::string_view name, std::string_view text, std::int64_t low,
                                     std::int64_t high) {
    AxisParser parser{name, low, high, {}, {}};
    for (const std::string& item : split_list(name, text)) {
        const std::size_t colon = item.find(':');
        if (colon == std::string::npos) {
            parser.add(parser.number(item));
        } else {
            parser.add_range(item, colon);
        }
    }
    return parser.values;
}

std::string format_axis(const std::vector<std::int64_t>& values) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < values.size();) {
        const std::size_t by_factor = run_length(values, i, true);
        const std::size_t by_step = run_length(values, i, false);
        const std::size_t length = std::max(by_factor, by_step);
        if (length < 4) {
            parts.push_back(fmt::to_string(values[i++]));
            continue;
        }
        const std::int64_t last = values[i + length - 1];
        parts.push_back(by_factor >= by_step
                            ? fmt::format("{}:{}:*{}", values[i], last, values[i + 1] / values[i])
                            : fmt::format("{}:{}:{}", values[i], last, values[i + 1] - values[i]));
        i += length;
    }
    return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace moescope
