// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/session.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <random>

#include "build_info.h"

namespace moescope {
namespace {

std::string iso_now() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string random_id() {
    std::random_device device;
    std::string id;
    for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", device());
    return id;
}

std::string os_name() {
    std::ifstream release("/etc/os-release");
    std::string pretty = "Linux";
    for (std::string line; std::getline(release, line);) {
        if (line.starts_with("PRETTY_NAME=\"")) pretty = line.substr(13, line.size() - 14);
    }
    utsname kernel{};
    if (uname(&kernel) != 0) return pretty;
    return fmt::format("{}, {} {}", pretty, kernel.sysname, kernel.release);
}

std::string host_name() {
    utsname kernel{};
    return uname(&kernel) == 0 ? std::string(kernel.nodename) : std::string();
}

}  // namespace

std::string_view to_string(Status status) {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::failed:
            return "failed";
        case Status::skipped:
            return "skipped";
        case Status::cancelled:
            return "cancelled";
    }
    return "?";
}

std::string cell_key(const Result& result) {
    return cell_key(result.c, result.kernel, result.cache);
}

std::string tool_version() {
    return fmt::format("moescope {} ({})", kVersion, kGit);
}

Environment current_environment(const Device& device) {
    return {.device = device,
            .host = host_name(),
            .os = os_name(),
            .compiler = kCompiler,
            .clocks = {},
            .extra = {}};
}

Session new_session(const Selection& selection, const Device& device) {
    Session session;
    session.id = random_id();
    session.created = iso_now();
    session.name = fmt::format("{} on {}", selection.name.empty() ? "sweep" : selection.name, device.name);
    session.tool_version = kVersion;
    session.tool_git = kGit;
    session.environment = current_environment(device);
    if (device.theoretical_gbps > 0.0) session.peaks.theoretical_gbps = device.theoretical_gbps;
    session.spec = selection;
    return session;
}

}  // namespace moescope
