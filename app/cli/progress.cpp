// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "moescope/error.h"
#include "moescope/measurement/telemetry.h"

namespace moescope {
namespace {

double fraction(const Progress& p) {
    return p.total > 0 ? static_cast<double>(p.done) / static_cast<double>(p.total) : 1.0;
}

std::string flag_mark(const Result& r) {
    const std::string flags = flags_text(r.telemetry);
    return flags.empty() ? "" : fmt::format(" (flagged: {})", flags);
}

std::string outcome(const Result& r) {
    if (r.status == Status::ok && r.median_us)
        return fmt::format("{:.2f} us, {:.1f} GB/s{}", *r.median_us, r.gbps.value_or(0.0), flag_mark(r));
    if (r.status == Status::ok) return "ok";
    return fmt::format("{}: {}", to_string(r.status), r.error);
}

class NoReporter final : public ProgressReporter {
    void progress(const Progress&) override {}
    void result(const Result&) override {}
};

/// One line a finished cell; good in logs.
class PlainReporter final : public ProgressReporter {
    void progress(const Progress& p) override {
        if (p.done < m_last.done) m_finished = 0;  // the next sweep: verify has one for each kind of input
        m_last = p;
    }
    void result(const Result& r) override {
        // The runner counts a cell after it has reported it; skipped ones are not counted at all.
        const bool counted = r.status != Status::skipped;
        if (counted) ++m_finished;
        fmt::print(stderr, "[{}/{}] {} {} {}: {}\n", m_finished, m_last.total, case_label(r.c), r.kernel,
                   to_string(r.cache), outcome(r));
    }
    Progress m_last;
    std::int64_t m_finished = 0;
};

/// A bar that redraws itself in place.
class BarReporter final : public ProgressReporter {
    void progress(const Progress& p) override {
        constexpr int kBarWidth = 24;
        const int filled = static_cast<int>(std::lround(fraction(p) * kBarWidth));
        std::string line =
            fmt::format("[{:#<{}}{:.<{}}] {}/{}  {:.1f}/s  ETA {}  {}", "", filled, "", kBarWidth - filled,
                        p.done, p.total, p.cells_per_second, format_duration(p.eta_seconds), p.current);
        line.resize(std::min(line.size(), columns() - 1));
        fmt::print(stderr, "\r\033[K{}", line);
        std::fflush(stderr);
    }
    void result(const Result& r) override {
        if (r.status == Status::failed) {
            fmt::print(stderr, "\r\033[K{} {} {}: {}\n", case_label(r.c), r.kernel, to_string(r.cache),
                       outcome(r));
        }
    }
    void finish() override {
        fmt::print(stderr, "\r\033[K");
        std::fflush(stderr);
    }
    static std::size_t columns() {
        winsize size{};
        return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    }
};

class JsonReporter final : public ProgressReporter {
    using Json = nlohmann::ordered_json;

    void progress(const Progress& p) override {
        print({{"event", "progress"},
               {"done", p.done},
               {"total", p.total},
               {"elapsed_seconds", p.elapsed_seconds},
               {"eta_seconds", p.eta_seconds},
               {"cells_per_second", p.cells_per_second},
               {"current", p.current}});
    }
    void result(const Result& r) override {
        print({{"event", "result"},
               {"experts", r.c.shape.experts},
               {"max_tokens", r.c.shape.max_tokens},
               {"hidden", r.c.shape.hidden},
               {"group_size", r.c.shape.group_size},
               {"total_tokens", r.c.total_tokens},
               {"strategy", to_string(r.c.strategy)},
               {"scale_format", to_string(r.c.shape.scale_format)},
               {"input_type", to_string(r.c.shape.input_type)},
               {"kernel", r.kernel},
               {"cache", to_string(r.cache)},
               {"launch", to_string(r.launch)},
               {"status", to_string(r.status)},
               {"error", r.error.empty() ? Json(nullptr) : Json(r.error)},
               {"median_us", r.median_us ? Json(*r.median_us) : Json(nullptr)},
               {"flags", telemetry_from_json(r.telemetry).flags},
               {"gbps", r.gbps ? Json(*r.gbps) : Json(nullptr)}});
    }
    static void print(const Json& event) {
        fmt::print("{}\n", event.dump());
        std::fflush(stdout);
    }
};

}  // namespace

std::unique_ptr<ProgressReporter> make_progress_reporter(const std::string& kind) {
    if (kind == "auto") {
        if (isatty(STDERR_FILENO) != 0) return std::make_unique<BarReporter>();
        return std::make_unique<PlainReporter>();
    }
    if (kind == "plain") return std::make_unique<PlainReporter>();
    if (kind == "json") return std::make_unique<JsonReporter>();
    if (kind == "none") return std::make_unique<NoReporter>();
    throw Error(fmt::format("--progress '{}' is unknown: use auto, plain, json or none", kind));
}

std::string format_duration(double seconds) {
    const auto s = static_cast<long>(std::ceil(seconds));
    if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    return fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace moescope
