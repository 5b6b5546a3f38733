// SPDX-License-Identifier: Apache-2.0

// The program as users start it, on this machine's processor.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "../core/support.h"
#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"

extern char** environ;

namespace moescope {
namespace {

pid_t start(std::vector<std::string> arguments, const char* out = "/dev/null") {
    arguments.insert(arguments.begin(), MOESCOPE_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = -1;
    EXPECT_EQ(posix_spawn(&pid, MOESCOPE_PROGRAM, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

int wait_for(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const std::vector<std::string> kSmall{"sweep",   "--device",     "cpu",          "--experts",
                                      "4",       "--max-tokens", "32",           "--hidden",
                                      "256",     "--strategy",   "even,uniform", "--tokens-per-expert",
                                      "1:32:*2", "--max-time",   "0.05",         "--cache",
                                      "both"};
constexpr std::size_t kSmallCells = 2 * 6 * 2 * 2;  // strategies, tokens, kernels, cache modes

std::vector<std::string> small_sweep(const std::string& out) {
    std::vector<std::string> arguments = kSmall;
    arguments.insert(arguments.end(), {"--out", out});
    return arguments;
}

TEST(Program, QuickPresetOnTheProcessorIsAllVerified) {
    const test::TemporaryDirectory dir;
    ASSERT_EQ(wait_for(start({"sweep", "--preset", "quick", "--device", "cpu", "--out", dir.file("a.json"),
                              "--csv", dir.file("a.csv")})),
              0);
    const Session session = load_session(dir.file("a.json"));
    EXPECT_GE(session.results.size(), 20U);
    for (const Result& r : session.results) {
        EXPECT_EQ(r.status, Status::ok) << r.error;
        EXPECT_GT(*r.median_us, 0.0);
        if (r.kernel != "stream41") {
            EXPECT_TRUE(r.verification.done && r.verification.passed) << r.kernel;
            EXPECT_EQ(r.verification.values, r.c.total_tokens * r.c.shape.hidden);
        }
    }
}

TEST(Program, KilledSweepLosesNoFinishedCellAndResumes) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 6; ++round) {
        const test::TemporaryDirectory dir;
        const std::string out = dir.file("a.json");
        std::set<std::string> seen;
        // Killed again and again at random moments; every finished cell must still be there the next time.
        bool complete = false;
        for (int attempt = 0; attempt < 40 && !complete; ++attempt) {
            const bool on_disk =
                std::filesystem::exists(Journal::path_for(out)) || std::filesystem::exists(out);
            const pid_t pid =
                start(on_disk ? std::vector<std::string>{"sweep", "--resume", out} : small_sweep(out));
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 900));
            kill(pid, SIGKILL);
            complete = wait_for(pid) == 0;
            std::set<std::string> now;
            if (const auto journal = Journal::recover(out)) {
                for (const Result& r : journal->results) EXPECT_TRUE(now.insert(cell_key(r)).second);
            } else if (std::filesystem::exists(out)) {
                for (const Result& r : load_session(out).results) EXPECT_TRUE(now.insert(cell_key(r)).second);
            }
            for (const std::string& key : seen) EXPECT_TRUE(now.contains(key)) << key;
            seen = now;
        }
        if (!complete) {
            ASSERT_EQ(wait_for(start({"sweep", "--resume", out})), 0);
        }
        const Session session = load_session(out);
        std::set<std::string> cells;
        for (const Result& r : session.results) {
            EXPECT_TRUE(cells.insert(cell_key(r)).second);
            EXPECT_EQ(r.status, Status::ok) << r.error;
        }
        EXPECT_EQ(cells.size(), kSmallCells);
        EXPECT_EQ(dir.names(), (std::vector<std::string>{"a.json"}));
    }
}

TEST(Program, ControlCKeepsWhatIsDone) {
    const test::TemporaryDirectory dir;
    const std::string out = dir.file("a.json");
    const pid_t pid = start(small_sweep(out));
    while (!Journal::recover(out) || Journal::recover(out)->results.empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    kill(pid, SIGINT);
    EXPECT_EQ(wait_for(pid), 1);
    EXPECT_GT(load_session(out).results.size(), 0U);
    EXPECT_FALSE(std::filesystem::exists(Journal::path_for(out)));
}

TEST(Program, OutputThatCannotBeWrittenIsAnError) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"devices", "--json"},
                                                      {"presets"},
                                                      {"plan", "--preset", "seed", "--json"},
                                                      {"--help"}})
        EXPECT_EQ(wait_for(start(arguments, "/dev/full")), 2) << arguments[0];
}

TEST(Program, BadInputExitsWithTwo) {
    EXPECT_EQ(wait_for(start({"sweep", "--preset", "nope"})), 2);
    EXPECT_EQ(wait_for(start({"sweep", "--preset", "quick", "--device", "cuda:99"})), 2);
    EXPECT_EQ(wait_for(start({"devices", "--json"})), 0);
}

}  // namespace
}  // namespace moescope
