// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/session/open_session.h"

#include <QFileInfo>
#include <QStringList>
#include <cmath>

#include "moescope/ui/session/series_id.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kLongestShortName = 20;
constexpr double kPeakTolerance = 0.01;
constexpr double kFloorTolerance = 0.05;

/// "a / b" of what differs.
template <typename Field>
std::string joined(const std::vector<const OpenSession*>& shown, Field&& field) {
    QStringList values;
    for (const OpenSession* each : shown) {
        const QString value = qs(field(each->session));
        if (!value.isEmpty() && !values.contains(value)) values << value;
    }
    return values.join(QStringLiteral(" / ")).toStdString();
}

void dropIfUnlike(const std::vector<const OpenSession*>& shown, std::optional<double> Peaks::*member,
                  double tolerance, Peaks& peaks) {
    for (const OpenSession* each : shown) {
        const std::optional<double> value = each->session.peaks.*member;
        if (!(peaks.*member)) return;
        if (!value || std::abs(*value / *(peaks.*member) - 1.0) > tolerance) (peaks.*member).reset();
    }
}

}  // namespace

QString OpenSession::displayName() const {
    if (!path.isEmpty()) return QFileInfo(path).fileName();
    return session.name.empty() ? QStringLiteral("session %1").arg(number) : qs(session.name);
}

std::string OpenSession::shortName() const {
    QString name = qs(session.name).simplified();
    // Sweeps are named "seed on DEVICE"; what the device is stands beneath the chart.
    const QString device = QStringLiteral(" on %1").arg(qs(session.environment.device.name));
    if (name.endsWith(device)) name.chop(device.size());
    if (name.isEmpty()) name = QFileInfo(path).baseName();
    if (name.size() > kLongestShortName) name = name.left(kLongestShortName - 1) + QChar(0x2026);
    return name.toStdString();
}

std::string OpenSession::seriesId(const std::string& kernel) const {
    return ui::seriesId(kernel, number, shortName());
}

Session uniteSessions(const std::vector<const OpenSession*>& shown, const OpenSession& baseline) {
    Session united;
    united.id = joined(shown, [](const Session& s) { return s.id; });
    united.name = joined(shown, [](const Session& s) { return s.name; });
    united.created = joined(shown, [](const Session& s) { return s.created.substr(0, 10); });
    united.tool_version = joined(shown, [](const Session& s) { return s.tool_version; });
    united.tool_git = joined(shown, [](const Session& s) { return s.tool_git; });
    united.spec = baseline.session.spec;
    united.environment = baseline.session.environment;
    Device& device = united.environment.device;
    device.name = joined(shown, [](const Session& s) { return s.environment.device.name; });
    device.isa = joined(shown, [](const Session& s) { return s.environment.device.isa; });
    device.driver = joined(shown, [](const Session& s) { return s.environment.device.driver; });
    device.runtime = joined(shown, [](const Session& s) { return s.environment.device.runtime; });
    united.peaks = baseline.session.peaks;
    dropIfUnlike(shown, &Peaks::theoretical_gbps, kPeakTolerance, united.peaks);
    dropIfUnlike(shown, &Peaks::measured_gbps, kPeakTolerance, united.peaks);
    dropIfUnlike(shown, &Peaks::launch_floor_us, kFloorTolerance, united.peaks);
    for (const OpenSession* each : shown) {
        if (each->session.spec.cache != united.spec.cache) united.spec.cache = CacheSelection::both;
        for (const Result& result : each->session.results) {
            united.results.push_back(result);
            united.results.back().kernel = each->seriesId(result.kernel);
        }
    }
    return united;
}

}  // namespace moescope::ui
