// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/session/series_id.h"

#include <charconv>

namespace moescope::ui {
namespace {

constexpr std::string_view kAt = " @ ";

}  // namespace

std::string seriesId(std::string_view kernel, int session_number, std::string_view session_name) {
    std::string id(kernel);
    id += kAt;
    id += std::to_string(session_number);
    if (!session_name.empty()) id.append(": ").append(session_name);
    return id;
}

std::string_view kernelOf(std::string_view series_id) {
    return sessionNumberOf(series_id) > 0 ? series_id.substr(0, series_id.find(kAt)) : series_id;
}

std::string_view sessionOf(std::string_view series_id) {
    return sessionNumberOf(series_id) > 0 ? series_id.substr(series_id.find(kAt) + kAt.size())
                                          : std::string_view();
}

int sessionNumberOf(std::string_view series_id) {
    const std::size_t at = series_id.find(kAt);
    if (at == std::string_view::npos) return 0;
    const std::string_view rest = series_id.substr(at + kAt.size());
    int number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const bool whole = end == rest.data() + rest.size() || *end == ':';
    return error == std::errc() && whole ? number : 0;
}

}  // namespace moescope::ui
