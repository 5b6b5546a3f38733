// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of core share.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "moescope/error.h"
#include "moescope/measurement/fake_backend.h"
#include "moescope/measurement/plan.h"
#include "moescope/measurement/runner.h"
#include "moescope/session/session.h"

namespace moescope::test {

/// A directory of its own, removed at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "moescope-XXXXXX").string();
        m_path = mkdtemp(pattern.data());
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;  // owns the directory
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string file(const std::string& name) const { return (m_path / name).string(); }
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(file(name), std::ios::binary) << content;
        return file(name);
    }
    /// Names of everything in it.
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(m_path))
            all.push_back(entry.path().filename().string());
        std::sort(all.begin(), all.end());
        return all;
    }

  private:
    std::filesystem::path m_path;
};

inline std::string read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The message of the Error that `action` must throw: one line that holds all of `parts`.
template <typename Action>
void expect_error(Action action, const std::vector<std::string>& parts) {
    try {
        action();
    } catch (const Error& e) {
        for (const std::string& part : parts) EXPECT_THAT(e.what(), ::testing::HasSubstr(part));
        EXPECT_THAT(e.what(), ::testing::Not(::testing::HasSubstr("\n")));
        return;
    }
    ADD_FAILURE() << "no error was thrown";
}

/// A selection of a few cells: `tokens` per expert on 8 experts of 64 rows.
inline Selection small_selection(std::vector<std::int64_t> tokens = {1, 8, 64}) {
    Selection s;
    s.name = "small";
    s.experts = {8};
    s.max_tokens = {64};
    s.hidden = {256};
    s.tokens_per_expert = std::move(tokens);
    s.strategies = {parse_strategy("even"), parse_strategy("uniform")};
    return s;
}

inline Plan plan_on_fake(const Selection& selection, const FakeDeviceScript& script = {}) {
    const auto factory = make_fake_factory(script);
    return make_plan(selection, factory->devices().front(), factory->kernels(""));
}

/// Keeps everything a sweep reports.
struct Record final : SweepObserver {
    void on_peaks(const Peaks& p) override { peaks = p; }
    void on_clocks(const ReferenceClocks& c) override { clocks = c; }
    void on_result(const Result& r) override {
        results.push_back(r);
        if (after_result) after_result();
    }
    void on_progress(const Progress& p) override { progress.push_back(p); }

    Peaks peaks;
    ReferenceClocks clocks;
    std::vector<Result> results;
    std::vector<Progress> progress;
    std::function<void()> after_result;
};

/// A session with real content: `selection` swept on the fake device.
inline Session swept_session(const Selection& selection, const FakeDeviceScript& script = {}) {
    const auto factory = make_fake_factory(script);
    const Plan plan = plan_on_fake(selection, script);
    Session session = new_session(selection, plan.device);
    Record record;
    const auto backend = factory->open("");
    run_sweep(plan, *backend, {}, record, {});
    session.peaks = record.peaks;
    session.results = record.results;
    return session;
}

}  // namespace moescope::test
