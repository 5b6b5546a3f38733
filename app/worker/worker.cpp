// SPDX-License-Identifier: Apache-2.0

// The child's side: requests in, answers out, one at a time on the main thread, which owns the device.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include "line_channel.h"
#include "moescope/error.h"
#include "moescope/worker.h"
#include "wire.h"

namespace moescope {
namespace worker {
namespace {

/// Reads requests on a thread of its own: a `stop` has to arrive while a call is in work, and when the parent
/// is gone this process has to go too, whatever a plugin is doing.
class Inbox {
  public:
    explicit Inbox(LineChannel& channel) : m_thread([this, &channel] { read(channel); }) {}
    Inbox(const Inbox&) = delete;  // its thread holds its address
    Inbox& operator=(const Inbox&) = delete;
    ~Inbox() = delete;  // lives as long as the process

    Json next() {
        std::unique_lock lock(m_mutex);
        m_arrived.wait(lock, [this] { return !m_requests.empty(); });
        Json request = std::move(m_requests.front());
        m_requests.pop_front();
        return request;
    }
    /// Of the request in work: the parent sends the next one only after the answer.
    std::stop_token stop_token() {
        const std::lock_guard lock(m_mutex);
        return m_stop.get_token();
    }

  private:
    void read(LineChannel& channel) {
        while (true) {
            const LineChannel::Received received = channel.receive();
            if (received.how != LineChannel::Wait::line)
                ::_exit(0);  // the parent is gone or has done with us
            Json request = Json::parse(received.line, nullptr, false);
            if (!request.is_object() || !request.contains("call")) ::_exit(2);
            const std::lock_guard lock(m_mutex);
            if (request["call"] == "stop") {
                m_stop.request_stop();
            } else {
                m_stop = {};  // here, where requests and stops are still in order
                m_requests.push_back(std::move(request));
                m_arrived.notify_one();
            }
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::deque<Json> m_requests;
    std::stop_source m_stop;
    std::thread m_thread;
};

class Server {
  public:
    Server(const OpenBackend& open, Inbox& inbox) : m_open(open), m_inbox(inbox) {}

    Json answer(const Json& request) {
        Json answer{{"id", request.value("id", std::int64_t{0})}};
        try {
            answer["result"] = call(request.at("call").get<std::string>(), request);
        } catch (const std::exception& e) {
            answer["error"] = e.what();
        } catch (...) {
            answer["error"] = "an exception of unknown type";
        }
        return answer;
    }

  private:
    Json call(const std::string& name, const Json& request) {
        if (name == "hello") return {{"protocol", kProtocolVersion}};
        if (name == "load") return load(request.at("plugin").get<std::string>());
        if (name == "open") return open(request.at("device").get<std::string>());
        if (m_backend == nullptr) throw Error(fmt::format("{}: no device has been opened", name));
        Backend& backend = *m_backend;
        if (name == "reserve") {
            backend.reserve(sizes_from(request.at("sizes")));
            return nullptr;
        }
        if (name == "launch_mode") {
            backend.set_launch_mode(parse_launch_mode(request.at("mode").get<std::string>()));
            return nullptr;
        }
        if (name == "input") {
            backend.choose_input(request.at("kind") == to_string(InputKind::adversarial)
                                     ? InputKind::adversarial
                                     : InputKind::normal);
            return nullptr;
        }
        if (name == "ceilings") {
            Json result = to_json(backend.measure_ceilings(m_inbox.stop_token()));
            result["telemetry"] = to_json(backend.take_telemetry());
            return result;
        }
        if (name == "begin") {
            backend.begin_case(case_from(request.at("case")),
                               request.at("counts").get<std::vector<std::int32_t>>(),
                               rotation_from(request.at("rotation")));
            return nullptr;
        }
        if (name == "verify")
            return to_json(backend.verify(request.at("kernel").get<std::string>(), m_inbox.stop_token()));
        if (name == "sample") return sample(request);
        throw Error(fmt::format("unknown call '{}'", name));
    }

    Json load(const std::string& path) {
        Json list = Json::array();
        for (ForeignKernel& kernel : load_plugin(path)) {
            list.push_back(to_json(PluginKernel{kernel.traits, kernel.device_kind, kernel.plugin}));
            m_foreign.push_back(std::move(kernel));
        }
        return list;
    }

    Json open(const std::string& device_id) {
        const std::string kind = device_id.substr(0, device_id.find(':'));
        std::vector<ForeignKernel> fitting;
        std::copy_if(m_foreign.begin(), m_foreign.end(), std::back_inserter(fitting),
                     [&](const ForeignKernel& kernel) { return kernel.device_kind == kind; });
        m_backend = m_open(device_id, std::move(fitting));
        return to_json(m_backend->device());
    }

    Json sample(const Json& request) {
        const CacheMode mode = request.at("cache") == "hot" ? CacheMode::hot : CacheMode::cold;
        const std::vector<double> samples_us =
            m_backend->sample(request.at("kernel").get<std::string>(), mode, request.at("count").get<int>(),
                              m_inbox.stop_token());
        return {{"samples_us", samples_us},
                {"launches_per_sample", m_backend->launches_per_sample()},
                {"telemetry", to_json(m_backend->take_telemetry())}};
    }

    const OpenBackend& m_open;
    Inbox& m_inbox;
    std::vector<ForeignKernel> m_foreign;
    std::unique_ptr<Backend> m_backend;
};

/// The channel on what were standard input and output. Those now are /dev/null and standard error: a plugin
/// may print what it likes.
std::unique_ptr<LineChannel> take_over_stdio() {
    const int in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0 || out < 0 || null < 0) return nullptr;
    ::dup2(null, STDIN_FILENO);
    ::close(null);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    return std::make_unique<LineChannel>(in, out);
}

[[noreturn]] void serve(const OpenBackend& open) {
    // Neither is ever destroyed: the process ends by _exit.
    auto* const channel = take_over_stdio().release();
    if (channel == nullptr) ::_exit(2);
    auto* const inbox = new Inbox(*channel);
    Server server(open, *inbox);
    while (channel->send(to_line(server.answer(inbox->next())))) {
    }
    ::_exit(0);
}

}  // namespace
}  // namespace worker

std::optional<int> run_as_worker(int argc, const char* const* argv, const OpenBackend& open) {
    if (argc < 2 || std::string_view(argv[1]) != "worker") return std::nullopt;
    if (argc != 3 || std::string_view(argv[2]) != "--stdio") {
        fmt::print(stderr, "moescope: worker is started by moescope itself, as 'moescope worker --stdio'\n");
        return 2;
    }
    worker::serve(open);
}

}  // namespace moescope
