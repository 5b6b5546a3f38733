// SPDX-License-Identifier: Apache-2.0
#include "remote_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace moescope::worker {
namespace {

using Clock = std::chrono::steady_clock;
/// A call that was asked to stop ends within a sample or two; one that does not is not going to.
constexpr std::chrono::seconds kStopPatience{3};
constexpr double kStartSeconds = 60.0;

std::string this_program() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace

RemoteWorker::RemoteWorker(const PluginOptions& options)
    : m_timeout_seconds(options.timeout_seconds),
      m_process(std::make_unique<ChildProcess>(options.program.empty() ? this_program() : options.program,
                                               std::vector<std::string>{"worker", "--stdio"})) {
    try {
        const Json hello = call("hello", Json::object(), kStartSeconds);
        const int version = hello.value("protocol", 0);
        if (version != kProtocolVersion)
            throw Error(
                fmt::format("the worker process speaks version {} of the protocol, this program {}: use a "
                            "worker of the same build",
                            version, kProtocolVersion));
    } catch (const WorkerFault& e) {
        throw Error(fmt::format("the worker process {} when it was started", e.what()));
    }
}

std::vector<PluginKernel> RemoteWorker::load(const std::string& path) {
    std::vector<PluginKernel> kernels;
    try {
        for (const Json& kernel : call("load", {{"plugin", path}}, m_timeout_seconds))
            kernels.push_back(plugin_kernel_from(kernel));
    } catch (const WorkerFault& e) {
        throw Error(fmt::format("plugin {}: the process that loaded it {}",
                                std::filesystem::path(path).filename().string(), e.what()));
    }
    return kernels;
}

Json RemoteWorker::call(const char* name, Json request, double seconds, const std::stop_token& stop) {
    if (m_process == nullptr) throw WorkerFault("is gone");
    const std::int64_t id = m_next_id++;
    request["id"] = id;
    request["call"] = name;
    m_process->channel().send(to_line(request));  // if it is gone, the answer says so
    Json answer = await(id, seconds, stop);
    if (answer.contains("error")) {
        std::string error =
            answer["error"].is_string() ? answer["error"].get<std::string>() : "unknown error";
        std::replace(error.begin(), error.end(), '\n', ' ');
        throw Error(error);
    }
    return answer.contains("result") ? answer["result"] : Json();
}

Json RemoteWorker::await(std::int64_t id, double seconds, const std::stop_token& stop) {
    const auto limit = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    Clock::time_point deadline = Clock::now() + limit;
    bool asked_to_stop = false;
    while (true) {
        const auto received =
            m_process->channel().receive(deadline, [&] { return !asked_to_stop && stop.stop_requested(); });
        switch (received.how) {
            case LineChannel::Wait::line: {
                Json answer = Json::parse(received.line, nullptr, false);
                if (answer.is_object() && answer.value("id", std::int64_t{0}) == id) return answer;
                m_process.reset();
                throw WorkerFault("answered what nobody asked: something wrote into its channel");
            }
            case LineChannel::Wait::interrupted:
                asked_to_stop = true;
                m_process->channel().send(to_line({{"call", "stop"}}));
                deadline = std::min(deadline, Clock::now() + kStopPatience);
                break;
            case LineChannel::Wait::timed_out:
                m_process->kill();
                m_process.reset();
                if (asked_to_stop) throw Stopped();
                throw WorkerFault(
                    fmt::format("gave no answer for {:g} s (--plugin-timeout) and was ended", seconds));
            case LineChannel::Wait::closed: {
                const std::string how = m_process->end();
                m_process.reset();
                throw WorkerFault(how);
            }
        }
    }
}

}  // namespace moescope::worker
