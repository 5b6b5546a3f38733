// SPDX-License-Identifier: Apache-2.0
#include "session/result_lines.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

#include "json/plain_json.h"
#include "session/session_document.h"

namespace moescope {
namespace {

constexpr std::string_view kStart = "\n  \"results\": [\n";
constexpr std::string_view kEnd = "\n  ]\n";
constexpr std::size_t kFewest = 2000;  ///< lines below which threads do not pay
constexpr std::size_t kAtATime = 200;  ///< lines that a thread takes
constexpr unsigned kMostThreads = 8;

/// Lines without the comma that follows all but the last.
std::optional<std::vector<std::string_view>> split(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        const bool comma = line.ends_with(',');
        if (comma == text.empty()) return std::nullopt;
        if (comma) line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

Result read_line(std::string_view line, const std::string& source) {
    if (const std::optional<json::Json> plain = json::parse_plain(line))
        return result_from_document(*plain, source);
    return result_from_document(json::parse(line, source), source);
}

/// False when a line is no result.
bool read_lines(const std::vector<std::string_view>& lines, const std::string& source,
                std::vector<Result>& results) {
    results.resize(lines.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> wrong = false;
    const auto work = [&] {
        while (!wrong) {
            const std::size_t first = next.fetch_add(kAtATime);
            if (first >= lines.size()) return;
            try {
                for (std::size_t i = first; i < std::min(lines.size(), first + kAtATime); ++i)
                    results[i] = read_line(lines[i], source);
            } catch (const std::exception&) {
                wrong = true;
            }
        }
    };
    const unsigned processors = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < processors; ++i) threads.emplace_back(work);
    work();
    threads.clear();  // joins
    return !wrong;
}

}  // namespace

std::optional<Session> session_from_lines(std::string_view text, const std::string& source) {
    const std::size_t start = text.find(kStart);
    if (start == std::string_view::npos) return std::nullopt;
    const std::size_t first = start + kStart.size();
    const std::size_t end = text.rfind(kEnd);
    if (end == std::string_view::npos || end < first) return std::nullopt;
    const auto lines = split(text.substr(first, end - first));
    if (!lines || lines->size() < kFewest) return std::nullopt;
    try {
        // Line ends are escaped within strings, so the line found is a key; but of this object?
        std::string around(text.substr(0, first - 1));
        around += text.substr(end + kEnd.find(']'));
        const json::Json header = json::parse(around, source);
        if (!header.contains("results") || !header["results"].is_array() || !header["results"].empty())
            return std::nullopt;
        Session session = session_from_document(header, source);
        if (!read_lines(*lines, source, session.results)) return std::nullopt;
        return session;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace moescope
