// SPDX-License-Identifier: Apache-2.0
#include "child_process.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "moescope/error.h"

extern char** environ;

namespace moescope::worker {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kStep{2};

/// Attributes and file actions of a spawn, released at the end.
struct SpawnSetup {
    SpawnSetup() {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&actions);
    }
    SpawnSetup(const SpawnSetup&) = delete;  // owns what the system allocated
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_t actions{};
};

pid_t spawn(const std::string& program, std::vector<std::string> arguments, int socket) {
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    SpawnSetup setup;
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&setup.attributes, &none);  // ours has Ctrl-C blocked
    ::posix_spawnattr_setpgroup(&setup.attributes, 0);
    ::posix_spawnattr_setflags(&setup.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    ::posix_spawn_file_actions_adddup2(&setup.actions, socket, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&setup.actions, socket, STDOUT_FILENO);
    pid_t pid = -1;
    const int failure =
        ::posix_spawn(&pid, program.c_str(), &setup.actions, &setup.attributes, argv.data(), environ);
    if (failure != 0)
        throw Error(
            fmt::format("the worker process {} cannot be started: {}", program, std::strerror(failure)));
    return pid;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, std::vector<std::string> arguments) {
    std::array<int, 2> sockets{};
    // A socket pair and not two pipes: writing to a child that is gone must not raise SIGPIPE.
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
        throw Error(fmt::format("no channel to a worker process: {}", std::strerror(errno)));
    m_channel = std::make_unique<LineChannel>(sockets[0], sockets[0]);
    try {
        m_pid = spawn(program, std::move(arguments), sockets[1]);
    } catch (...) {
        ::close(sockets[1]);
        throw;
    }
    ::close(sockets[1]);
}

ChildProcess::~ChildProcess() {
    m_channel.reset();
    if (!m_waited && !wait_briefly()) kill();
}

bool ChildProcess::wait_briefly() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!m_waited) {
        const pid_t ended = ::waitpid(m_pid, &m_status, WNOHANG);
        m_waited = ended == m_pid || (ended < 0 && errno == ECHILD);
        if (m_waited) break;
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(kStep);
    }
    return true;
}

void ChildProcess::kill() {
    if (m_waited) return;
    ::kill(m_pid, SIGKILL);
    while (::waitpid(m_pid, &m_status, 0) < 0 && errno == EINTR) {
    }
    m_waited = true;
}

std::string ChildProcess::end() {
    if (!wait_briefly()) {
        kill();
        return "closed its channel";
    }
    if (WIFSIGNALED(m_status)) {
        const int signal = WTERMSIG(m_status);
        const char* name = ::sigabbrev_np(signal);
        return fmt::format("was ended by {}{} ({})", name == nullptr ? "signal " : "SIG",
                           name == nullptr ? fmt::to_string(signal) : name, ::strsignal(signal));
    }
    return fmt::format("exited with status {}", WEXITSTATUS(m_status));
}

}  // namespace moescope::worker
