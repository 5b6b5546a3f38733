// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "moescope/analysis/metrics.h"
#include "moescope/error.h"
#include "moescope/session/import.h"
#include "text/file.h"
#include "text/hash.h"
#include "text/parse.h"

namespace moescope {
namespace {

constexpr std::string_view kFormat = "vllm-log";
constexpr std::string_view kStrategyLine = "Testing strategy:";
constexpr std::string_view kCaseLine = "Completed:";
constexpr std::int64_t kScriptGroupSize = 128;

/// One log while it is read line by line.
class LogReader {
  public:
    explicit LogReader(std::string source) : m_source(std::move(source)) {}

    void read(std::string_view line) {
        ++m_line;
        // Logs are often prefixed with a time or a worker's name.
        if (const auto at = line.find(kStrategyLine); at != std::string_view::npos) {
            read_strategy(text::trim(line.substr(at + kStrategyLine.size())));
        } else if (const auto found = line.find(kCaseLine); found != std::string_view::npos) {
            read_case(text::trim(line.substr(found + kCaseLine.size())));
        }
    }

    std::vector<Result> finish() {
        if (m_results.empty())
            throw Error(
                fmt::format("{}: no line 'Completed: E=..,T=..,H=..,TT=..: V2: ..ms, Triton: ..ms' in it; is "
                            "it the printed output of the benchmark?",
                            m_source));
        return std::move(m_results);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(fmt::format("{}:{}: {}", m_source, m_line, what));
    }

    void read_strategy(std::string_view name) {
        try {
            m_strategy = parse_strategy(name.substr(0, name.find_first_of(" \t(")));
        } catch (const Error& e) {
            fail(e.what());
        }
    }

    /// "8,T=1024,.." after "E=" -> 8.
    std::int64_t axis(std::string_view shape, std::string_view name) const {
        while (!shape.empty()) {
            const auto comma = std::min(shape.find(','), shape.size());
            const std::string_view item = text::trim(shape.substr(0, comma));
            shape.remove_prefix(std::min(comma + 1, shape.size()));
            const auto equals = item.find('=');
            if (equals == std::string_view::npos || item.substr(0, equals) != name) continue;
            const auto value = text::integer(item.substr(equals + 1));
            if (!value || *value < 0) fail(fmt::format("'{}' is no whole number", item));
            return *value;
        }
        fail(fmt::format("{}= is missing after 'Completed:'", name));
    }

    double microseconds(std::string_view item) const {
        std::string_view value = text::trim(item);
        double scale = 0.0;
        for (const auto& [unit, us] : {std::pair<std::string_view, double>{"ms", 1e3}, {"us", 1.0}}) {
            if (!value.ends_with(unit)) continue;
            value = text::trim(value.substr(0, value.size() - unit.size()));
            scale = us;
            break;
        }
        const auto number = scale > 0.0 ? text::number(value) : std::nullopt;
        if (!number || *number < 0.0) fail(fmt::format("'{}' is no time such as 0.031ms", text::trim(item)));
        return *number * scale;
    }

    void read_case(std::string_view text) {
        if (!m_strategy) fail("a case before any 'Testing strategy:' line");
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) fail("no times after the case");
        const std::string_view shape = text.substr(0, colon);
        Case c;
        c.shape = {axis(shape, "E"), axis(shape, "T"), axis(shape, "H"), kScriptGroupSize, ScaleFormat::fp32};
        c.total_tokens = axis(shape, "TT");
        c.strategy = *m_strategy;
        if (const auto problem = shape_problem(c.shape)) fail(problem->text(setting_key));
        std::string_view times = text.substr(colon + 1);
        bool any = false;
        while (!text::trim(times).empty()) {
            const auto comma = std::min(times.find(','), times.size());
            any = read_time(c, times.substr(0, comma)) || any;
            times.remove_prefix(std::min(comma + 1, times.size()));
        }
        if (!any) fail("neither 'V2: ..ms' nor 'Triton: ..ms' after the case");
    }

    bool read_time(const Case& c, std::string_view item) {
        const auto colon = item.find(':');
        if (colon == std::string_view::npos) return false;
        const std::string_view name = text::trim(item.substr(0, colon));
        const bool is_v2 = name == "V2" || name == "CUDA" || name == "SiLU V2";
        if (!is_v2 && name != "Triton") return false;
        Result r;
        r.c = c;
        r.kernel = is_v2 ? "silu_v2" : "triton";
        r.imported_from = kFormat;
        r.launch = LaunchMode::host;
        r.load.mean = static_cast<double>(c.total_tokens) / static_cast<double>(c.shape.experts);
        const double us = microseconds(item.substr(colon + 1));
        if (us > 0.0) {
            r.samples_us = {us};
            r.launches_per_sample = 1;
        } else {
            r.status = Status::failed;
            r.error = "the log's three digits show no time";
        }
        if (!m_seen.insert(cell_key(r)).second)
            fail(fmt::format(
                "{} {} comes a second time: the log holds several runs of the script; import each "
                "from a file of its own",
                case_label(c), r.kernel));
        m_results.push_back(std::move(r));
        return true;
    }

    std::string m_source;
    int m_line = 0;
    std::optional<Strategy> m_strategy;
    std::set<std::string> m_seen;
    std::vector<Result> m_results;
};

template <typename T>
void add_once(std::vector<T>& values, const T& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

/// The line without the colours of a terminal, which logs keep.
std::string without_escapes(std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '\x1b') {
            text += line[i];
            continue;
        }
        if (i + 1 >= line.size() || line[i + 1] != '[') continue;
        ++i;  // parameters follow, then one final character
        while (i + 1 < line.size() && (line[++i] < '@' || line[i] > '~')) {
        }
    }
    return text;
}

/// The axes that the log's cases lie on.
Selection selection_of(const std::vector<Result>& results) {
    Selection s;
    s.name = kFormat;
    s.launch = LaunchMode::host;
    s.group_size = {kScriptGroupSize};
    std::vector<std::int64_t> per_expert;
    bool whole = true;
    for (const Result& r : results) {
        add_once(s.experts, r.c.shape.experts);
        add_once(s.max_tokens, r.c.shape.max_tokens);
        add_once(s.hidden, r.c.shape.hidden);
        add_once(s.total_tokens, r.c.total_tokens);
        add_once(per_expert, r.c.total_tokens / r.c.shape.experts);
        whole = whole && r.c.total_tokens % r.c.shape.experts == 0;
        add_once(s.strategies, r.c.strategy);
        add_once(s.kernels, r.kernel);
    }
    if (whole) {  // as the script builds its cases
        s.tokens_per_expert = per_expert;
        s.total_tokens.clear();
    }
    return s;
}

}  // namespace

Session import_vllm_log(std::string_view text, const std::string& source) {
    // The same log imported twice is one run: its id is made of what it holds.
    const std::string id = fmt::format("{}-{:016x}", kFormat, text::fnv1a(text));
    LogReader reader(source);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        reader.read(without_escapes(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::vector<Result> results = reader.finish();
    Session session = new_session(selection_of(results), Device{});
    session.id = id;
    session.environment = {};  // of the machine that ran the script, which the log does not name
    session.name = fmt::format("{} (imported)", source.substr(source.find_last_of('/') + 1));
    session.notes =
        "Imported from the printed output of benchmark_silu_mul_fp8_quant.py: medians timed from the host, "
        "call "
        "overhead included, three digits. Assumed, as the log does not tell: groups of 128, fp32 scales, "
        "cold.";
    for (Result& r : results) {
        fill_metrics(r, session.peaks);
        // One printed number has no interval.
        r.ci95_us.reset();
    }
    session.results = std::move(results);
    return session;
}

Session import_file(const std::string& path, const std::string& format) {
    if (format != kFormat) throw Error(fmt::format("unknown format '{}': use {}", format, kFormat));
    return import_vllm_log(text::read_file(path), path);
}

}  // namespace moescope
