// SPDX-License-Identifier: Apache-2.0

// Plugins of every sort through the program itself, on this machine's processor.

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "../core/support.h"
#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"

extern char** environ;

namespace moescope {
namespace {

using ::testing::HasSubstr;

std::string plugin(const std::string& name) {
    return fmt::format("{}/{}.so", PLUGIN_DIR, name);
}

class PluginTest : public ::testing::Test {
  protected:
    pid_t start(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), MOESCOPE_PROGRAM);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, m_dir.file("out").c_str(), kFlags, 0600);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, m_dir.file("err").c_str(), kFlags, 0600);
        pid_t pid = -1;
        EXPECT_EQ(posix_spawn(&pid, MOESCOPE_PROGRAM, &actions, nullptr, argv.data(), environ), 0);
        posix_spawn_file_actions_destroy(&actions);
        return pid;
    }

    static int wait_for(pid_t pid) {
        int status = 0;
        waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    int run(std::vector<std::string> arguments) const { return wait_for(start(std::move(arguments))); }

    std::vector<std::string> sweep_arguments(const std::string& file, const std::string& tokens) const {
        return {"sweep", "--device",  "cpu",          "--experts",  "4",    "--max-tokens",
                "32",    "--hidden",  "256",          "--strategy", "even", "--tokens-per-expert",
                tokens,  "--kernels", "cpu,bad,good", "--max-time", "0.02", "--plugin",
                file,    "--out",     m_out,          "--progress", "none"};
    }

    /// Results by kernel.
    std::map<std::string, std::vector<Result>> sweep(const std::string& name,
                                                     const std::string& tokens = "1,8",
                                                     const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments = sweep_arguments(plugin(name), tokens);
        arguments.insert(arguments.end(), more.begin(), more.end());
        m_status = run(arguments);
        std::map<std::string, std::vector<Result>> results;
        for (const Result& r : load_session(m_out).results) results[r.kernel].push_back(r);
        return results;
    }

    /// Everything but `bad` was measured; the cells of `bad` failed, with the plugin, the kernel and all of
    /// `parts` in the reason.
    void expect_only_bad_fails(const std::string& name, const std::vector<std::string>& parts,
                               const std::vector<std::string>& more = {}) {
        auto results = sweep(name, "1,8", more);
        EXPECT_EQ(m_status, 1);
        for (const char* kernel : {"cpu", "good"}) {
            EXPECT_EQ(results[kernel].size(), 2U);
            for (const Result& r : results[kernel]) {
                EXPECT_EQ(r.status, Status::ok) << kernel << ": " << r.error;
                EXPECT_TRUE(r.verification.passed);
                EXPECT_GT(r.median_us.value_or(0.0), 0.0);
            }
        }
        EXPECT_EQ(results["bad"].size(), 2U);
        for (const Result& r : results["bad"]) {
            EXPECT_EQ(r.status, Status::failed);
            for (const std::string& part : parts) EXPECT_THAT(r.error, HasSubstr(part));
        }
    }

    /// Exit status 2 and one line on standard error that holds all of `parts`, before anything is measured.
    void expect_refused(const std::string& file, const std::vector<std::string>& parts) {
        for (const char* command : {"sweep", "verify", "plan", "kernels"}) {
            std::vector<std::string> arguments{command, "--plugin", file};
            if (std::string(command) != "kernels") arguments.insert(arguments.end(), {"--preset", "quick"});
            EXPECT_EQ(run(arguments), 2) << command;
            const std::string err = test::read(m_dir.file("err"));
            EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
            for (const std::string& part : parts) EXPECT_THAT(err, HasSubstr(part));
        }
    }

    test::TemporaryDirectory m_dir;
    std::string m_out = m_dir.file("a.json");
    int m_status = -1;
};

TEST_F(PluginTest, IsSweptBesideTheBuiltInKernels) {
    auto results = sweep("none");
    EXPECT_EQ(m_status, 0) << test::read(m_dir.file("err"));
    EXPECT_EQ(results.size(), 3U);
    for (const auto& [kernel, cells] : results)
        for (const Result& r : cells) {
            EXPECT_EQ(r.status, Status::ok) << kernel << ": " << r.error;
            EXPECT_TRUE(r.verification.done && r.verification.passed);
        }
}

TEST_F(PluginTest, ExampleIsVerifiedPlannedAndListed) {
    EXPECT_EQ(run({"verify",
                   "--device",
                   "cpu",
                   "--experts",
                   "3",
                   "--max-tokens",
                   "40",
                   "--hidden",
                   "256,1280",
                   "--group-size",
                   "32,64,128,256",
                   "--tokens-per-expert",
                   "1,33",
                   "--strategy",
                   "even,uniform",
                   "--input-type",
                   "bf16,fp16",
                   "--plugin",
                   EXAMPLE_CPU_PLUGIN,
                   "--kernels",
                   "example_cpu"}),
              0)
        << test::read(m_dir.file("out"));
    EXPECT_EQ(run({"plan", "--device", "cpu", "--preset", "quick", "--scale-format", "ue8m0-packed",
                   "--plugin", EXAMPLE_CPU_PLUGIN}),
              0);
    EXPECT_THAT(test::read(m_dir.file("out")),
                HasSubstr("example_cpu does not write scale format ue8m0-packed"));
    EXPECT_EQ(run({"kernels", "--json", "--plugin", EXAMPLE_CPU_PLUGIN}), 0);
    const nlohmann::json list = nlohmann::json::parse(test::read(m_dir.file("out")));
    const auto listed = std::find_if(
        list.begin(), list.end(), [](const nlohmann::json& kernel) { return kernel["id"] == "example_cpu"; });
    ASSERT_NE(listed, list.end());
    EXPECT_EQ((*listed)["devices"], nlohmann::json::array({"cpu"}));
    EXPECT_EQ((*listed)["input_types"], nlohmann::json::array({"bf16", "fp16"}));
}

TEST_F(PluginTest, CrashEndsItsOwnCells) {
    expect_only_bad_fails("crash_at_launch", {"plugin crash_at_launch.so", "kernel bad", "SIGSEGV"});
    expect_only_bad_fails("abort_at_launch", {"plugin abort_at_launch.so", "kernel bad", "SIGABRT"});
    expect_only_bad_fails("exit_at_launch",
                          {"plugin exit_at_launch.so", "kernel bad", "exited with status 3"});
}

TEST_F(PluginTest, HangEndsItsOwnCells) {
    expect_only_bad_fails("hang", {"plugin hang.so", "kernel bad", "no answer for 1 s"},
                          {"--plugin-timeout", "1"});
}

TEST_F(PluginTest, WrongResultsAreSeen) {
    expect_only_bad_fails("wrong_results", {"verification failed"});
    expect_only_bad_fails("writes_past_counts", {"verification failed", "past"});
}

TEST_F(PluginTest, FailureOfALaunchHasThePluginsWords) {
    expect_only_bad_fails("fails",
                          {"plugin fails.so", "kernel bad", "not supported", "this plugin never works"});
}

TEST_F(PluginTest, NoiseOnStandardOutputIsNoHarm) {
    auto results = sweep("noisy");
    EXPECT_EQ(m_status, 0);
    for (const Result& r : results["bad"]) EXPECT_EQ(r.status, Status::ok) << r.error;
    EXPECT_THAT(test::read(m_dir.file("out")), ::testing::Not(HasSubstr("noise")));
}

TEST_F(PluginTest, AfterThreeFaultsAKernelIsNotTriedAgain) {
    auto results = sweep("crash_at_launch", "1,2,4,8,16");
    ASSERT_EQ(results["bad"].size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(results["bad"][i].status, Status::failed);
        EXPECT_EQ(results["bad"][i].error.find("not tried again after 3 faults") != std::string::npos, i >= 3)
            << results["bad"][i].error;
    }
    for (const Result& r : results["cpu"]) EXPECT_EQ(r.status, Status::ok) << r.error;
}

TEST_F(PluginTest, WhatCannotBeLoadedIsRefused) {
    expect_refused(plugin("wrong_version"), {"wrong_version.so", "version 999", "build it again"});
    expect_refused(plugin("missing_symbol"), {"missing_symbol.so", "does not export moescope_launch"});
    expect_refused(plugin("crash_at_load"), {"crash_at_load.so", "SIGSEGV"});
    expect_refused(plugin("id_clash"), {"id_clash.so", "cpu", "built-in"});
    expect_refused(plugin("reads_nothing"), {"reads_nothing.so", "kernel bad", "neither bf16 nor fp16"});
    expect_refused(m_dir.write("text.so", "no library"), {"text.so", "cannot be loaded"});
    expect_refused(m_dir.file("nowhere.so"), {"nowhere.so", "no such file"});
    EXPECT_EQ(run({"kernels", "--plugin", plugin("none"), "--plugin", plugin("noisy")}), 2);
    EXPECT_THAT(test::read(m_dir.file("err")), HasSubstr("taken by plugin none.so"));
}

TEST_F(PluginTest, ControlCKeepsWhatIsDone) {
    const pid_t pid = start(sweep_arguments(plugin("none"), "1:32:1"));
    while (!Journal::recover(m_out) || Journal::recover(m_out)->results.empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    kill(pid, SIGINT);
    EXPECT_EQ(wait_for(pid), 1);
    const Session session = load_session(m_out);
    EXPECT_GT(session.results.size(), 0U);
    for (const Result& r : session.results) EXPECT_EQ(r.status, Status::ok) << r.error;
}

}  // namespace
}  // namespace moescope
