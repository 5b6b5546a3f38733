// SPDX-License-Identifier: Apache-2.0
#include "on_demand.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <vector>

#include "embedded_files.h"
#include "moescope/error.h"

extern char** environ;

namespace moescope::triton {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    return value == nullptr ? "" : value;
}

std::string python() {
    const std::string chosen = environment("MOESCOPE_PYTHON");
    return chosen.empty() ? "python3" : chosen;
}

/// For this version of the source. Throws Error where there is no home.
fs::path cache_folder() {
    std::string base = environment("XDG_CACHE_HOME");
    if (base.empty()) {
        const std::string home = environment("HOME");
        if (home.empty()) throw Error("no place to keep compiled Triton kernels: set XDG_CACHE_HOME or HOME");
        base = home + "/.cache";
    }
    return fs::path(base) / "moescope" / "triton" / source_hash().substr(0, 16);
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Written under another name first: two processes may do this at once.
void write_atomically(const fs::path& path, std::string_view contents) {
    const fs::path temporary = path.string() + fmt::format(".{}", getpid());
    {
        std::ofstream out(temporary, std::ios::binary);
        out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
        if (!out.flush()) throw Error(fmt::format("cannot write {}", temporary.string()));
    }
    fs::rename(temporary, path);
}

struct Outcome {
    bool ok = false;
    std::string output;  ///< both streams
};

/// Runs a program (looked up in the PATH) to its end, with nothing on its standard input.
Outcome run(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return {false, std::strerror(errno)};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    Outcome outcome;
    if (error != 0) {
        close(ends[0]);
        return {false, std::strerror(error)};
    }
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = read(ends[0], buffer.data(), buffer.size());
        if (got > 0) outcome.output.append(buffer.data(), static_cast<std::size_t>(got));
        if (got == 0 || (got < 0 && errno != EINTR)) break;
    }
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return outcome;
}

std::string last_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text.substr(text.find_last_of('\n') + 1);
}

std::optional<CompiledKernel> from_cache(const std::string& name) {
    const fs::path folder = cache_folder();
    const std::string json = read_file(folder / (name + ".json"));
    if (json.empty()) return std::nullopt;
    CompiledKernel kernel{parse_variant(json), read_file(folder / (name + ".cubin"))};
    if (kernel.cubin.empty()) return std::nullopt;
    return kernel;
}

}  // namespace

std::optional<std::string> no_compiler_reason() {
    static std::mutex mutex;
    static std::map<std::string, std::optional<std::string>> asked;
    const std::lock_guard lock(mutex);
    const auto [it, is_new] = asked.try_emplace(python());
    if (!is_new) return it->second;
    const Outcome outcome = run({python(), "-c", "import triton.compiler"});
    if (!outcome.ok) {
        it->second = fmt::format(
            "{} has no Triton ({}): install triton, or set MOESCOPE_PYTHON to a python that has it", python(),
            last_line(outcome.output));
    }
    return it->second;
}

bool is_cached(const std::string& name) {
    try {
        std::error_code error;
        return fs::exists(cache_folder() / (name + ".json"), error);
    } catch (const Error&) {
        return false;
    }
}

CompiledKernel compile_on_demand(int architecture, const Shape& shape) {
    const std::string name = variant_name(architecture, shape);
    if (auto kernel = from_cache(name)) return std::move(*kernel);
    const fs::path folder = cache_folder();
    try {
        fs::create_directories(folder);
        for (const char* file : {"silu_mul_quant.py", "compile.py"})
            write_atomically(folder / file, embedded_file(file));
    } catch (const fs::filesystem_error& e) {
        throw Error(fmt::format("cannot keep compiled Triton kernels: {}", e.what()));
    }
    const Outcome outcome = run({python(), "-B", (folder / "compile.py").string(), "one",
                                 std::to_string(architecture), std::to_string(shape.hidden),
                                 std::to_string(shape.group_size), std::string(to_string(shape.scale_format)),
                                 is_wide(shape) ? "wide" : "narrow", folder.string()});
    std::optional<CompiledKernel> kernel;
    if (outcome.ok) kernel = from_cache(name);
    if (!kernel) throw Error(fmt::format("Triton did not compile {}: {}", name, last_line(outcome.output)));
    return std::move(*kernel);
}

}  // namespace moescope::triton
