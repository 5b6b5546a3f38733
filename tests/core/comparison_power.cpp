// SPDX-License-Identifier: Apache-2.0

// How often a comparison is right: prints the tables of docs/comparing.md. No test; run it when the method or
// its constants change. Arguments: repetitions of each simulated experiment (default 40), `turns` or `days`
// for a part of the tables, then session files of one binary: each pair of them is compared, as it is and
// with every second cell of silu_v2 made slower.

#include <fmt/format.h>

#include <cstdlib>
#include <span>

#include "moescope/analysis/comparison.h"
#include "moescope/session/session_file.h"
#include "simulated_sessions.h"

namespace moescope {
namespace {

struct Scenario {
    const char* name;
    test::Noise noise;
};

const Scenario kScenarios[] = {
    {"quiet, as the H100 recordings", {}},
    {"drift as the floor allows (0.2 %)", {.session = 0.05, .cell = 0.2}},
    {"samples alike in blocks (0.7)", {.session = 0.05, .cell = 0.15, .correlation = 0.7}},
    {"heavy tails, outliers, blocks",
     {.session = 0.05, .cell = 0.15, .correlation = 0.5, .heavy_tails = true, .outliers = 0.05}},
    {"drift twice the floor (0.4 %)", {.session = 0.1, .cell = 0.4}},
    {"samples noisy (1 %)", {.session = 0.05, .cell = 0.2, .sample = 1.0, .correlation = 0.3}},
};

const Scenario kDays[] = {
    {"0.2 % between days", {.day = 0.2}},
    {"0.4 % between days", {.day = 0.4}},
};

/// When the runs of two sides are taken.
enum class Schedule {
    in_turns,    ///< of one day
    a_day_each,  ///< one side on one day, the other a week later
    day_by_day,  ///< in turns, one run of each side a day
};

/// Base at even minutes, other at odd ones.
std::vector<Session> side(const Scenario& scenario, int runs, Schedule schedule, std::uint64_t seed,
                          bool is_base, double percent) {
    std::vector<Session> sessions;
    for (int i = 0; i < runs; ++i) {
        const int minute = 2 * i + (is_base ? 0 : 1);
        const int day = schedule == Schedule::in_turns     ? 1
                        : schedule == Schedule::day_by_day ? 1 + i
                        : is_base                          ? 1
                                                           : 8;
        sessions.push_back(test::simulated_session(fmt::format("{}-{}", seed, minute),
                                                   seed * 100 + static_cast<std::uint64_t>(minute),
                                                   scenario.noise, test::every_second_slower(percent), 23,
                                                   seed / 2 * 100 + static_cast<std::uint64_t>(day)));
        sessions.back().created = fmt::format("2026-01-{:02}T00:{:02}:00Z", day, minute);
    }
    return sessions;
}

struct Shares {
    int changed = 0;
    int found = 0;
    int more_sessions = 0;  ///< of those not found: what the advice says
    int more_samples = 0;
    int unchanged = 0;
    int false_alarms = 0;
    int same = 0;
};

/// Every second cell of silu_v2 was made slower, if any was.
void count(const Comparison& comparison, double percent, Shares& shares) {
    int index = 0;
    for (const ComparisonRow& row : comparison.rows) {
        const bool changed = row.base_kernel == "silu_v2" && index++ % 2 == 1 && percent > 0.0;
        const bool alarm = row.verdict == Verdict::slower || row.verdict == Verdict::faster;
        if (changed) {
            ++shares.changed;
            shares.found += row.verdict == Verdict::slower ? 1 : 0;
            shares.more_sessions += row.advice.find("sessions a side") != std::string::npos ? 1 : 0;
            shares.more_samples += row.advice.find("samples a side") != std::string::npos ? 1 : 0;
        } else {
            ++shares.unchanged;
            shares.false_alarms += alarm ? 1 : 0;
            shares.same += row.verdict == Verdict::same ? 1 : 0;
        }
    }
}

Shares experiment(const Scenario& scenario, int runs, Schedule schedule, double percent, int repetitions) {
    Shares shares;
    for (int i = 0; i < repetitions; ++i) {
        const auto seed = static_cast<std::uint64_t>(1 + i + 1000 * static_cast<int>(percent * 10));
        // Both have the same days, 2 * seed / 2.
        const auto base = side(scenario, runs, schedule, 2 * seed, true, 0.0);
        const auto other = side(scenario, runs, schedule, 2 * seed + 1, false, percent);
        count(compare_sessions(base, other, {.resamples = 1000}), percent, shares);
    }
    return shares;
}

std::string percent_of(int part, int whole) {
    return fmt::format("{:.2f} %", 100.0 * part / whole);
}

void print_table(std::span<const Scenario> scenarios, int runs, Schedule schedule, int repetitions) {
    const char* when = schedule == Schedule::in_turns     ? "in turns"
                       : schedule == Schedule::a_day_each ? "each side on a day of its own"
                                                          : "in turns, a day each";
    fmt::print("\n{} run{} a side, {}\n\n| noise | false alarms, nothing changed | SAME, nothing changed ",
               runs, runs == 1 ? "" : "s", when);
    fmt::print(
        "| found 1 % | 2 % | 3 % | 5 % | of those not found at 3 %, advised: "
        "sessions, samples | false alarms beside them |\n|:--|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (const Scenario& scenario : scenarios) {
        const Shares none = experiment(scenario, runs, schedule, 0.0, repetitions);
        fmt::print("| {} | {} of {} | {} ", scenario.name, none.false_alarms, none.unchanged,
                   percent_of(none.same, none.unchanged));
        int alarms = 0;
        int unchanged = 0;
        std::string advised;
        for (const double percent : {1.0, 2.0, 3.0, 5.0}) {
            const Shares some = experiment(scenario, runs, schedule, percent, repetitions);
            if (percent == 3.0)
                advised = fmt::format("{}: {}, {}", some.changed - some.found, some.more_sessions,
                                      some.more_samples);
            alarms += some.false_alarms;
            unchanged += some.unchanged;
            fmt::print("| {} ", percent_of(some.found, some.changed));
        }
        fmt::print("| {} | {} of {} |\n", advised, alarms, unchanged);
        std::fflush(stdout);
    }
}

Session slowed(Session session, double percent) {
    const auto factor = test::every_second_slower(percent);
    int index = 0;
    for (Result& r : session.results) {
        if (r.kernel != "silu_v2") continue;
        const double by = factor(r, index++);
        for (double& us : r.samples_us) us *= by;
    }
    return session;
}

void print_recordings(const std::vector<Session>& sessions) {
    fmt::print(
        "\n| made slower by | pairs | found | false alarms in the other cells | SAME in the other cells |\n");
    fmt::print("|--:|--:|--:|--:|--:|\n");
    for (const double percent : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}) {
        Shares shares;
        int pairs = 0;
        for (std::size_t a = 0; a < sessions.size(); ++a) {
            for (std::size_t b = 0; b < sessions.size(); ++b) {
                if (a == b) continue;
                ++pairs;
                const Session other = slowed(sessions[b], percent);
                count(compare_sessions({&sessions[a], 1}, {&other, 1}), percent, shares);
            }
        }
        fmt::print("| {:g} % | {} | {} | {} of {} | {} |\n", percent, pairs,
                   percent > 0.0 ? fmt::format("{} of {}", shares.found, shares.changed) : "-",
                   shares.false_alarms, shares.unchanged, percent_of(shares.same, shares.unchanged));
    }
}

}  // namespace
}  // namespace moescope

int main(int argc, char** argv) {
    using moescope::Schedule;
    const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 40;
    const std::string which = argc > 2 ? argv[2] : "";
    const bool one_part = which == "turns" || which == "days";
    std::vector<moescope::Session> recordings;
    for (int i = one_part ? 3 : 2; i < argc; ++i) recordings.push_back(moescope::load_session(argv[i]));
    if (recordings.size() > 1) moescope::print_recordings(recordings);
    if (which != "days") {
        moescope::print_table(moescope::kScenarios, 1, Schedule::in_turns, repetitions);
        moescope::print_table(moescope::kScenarios, 3, Schedule::in_turns, repetitions);
    }
    if (which != "turns") {
        moescope::print_table(moescope::kDays, 1, Schedule::a_day_each, repetitions);
        moescope::print_table(moescope::kDays, 3, Schedule::a_day_each, repetitions);
        moescope::print_table(moescope::kDays, 3, Schedule::day_by_day, repetitions);
    }
    return 0;
}
