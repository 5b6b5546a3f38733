// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform.h"

#include <QIcon>
#include <QRegularExpression>
#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "moescope/error.h"
#include "moescope/session/session.h"

namespace moescope::gui {
namespace {

constexpr const char* kRemedy =
    "start it in a desktop session (over ssh: ssh -X), or draw charts without a display: "
    "moescope-gui render S.moescope.json --chart bandwidth --out F.png";

/// While the display is being opened: one line instead of Qt's several and an abort.
void on_display_message(QtMsgType type, const QMessageLogContext&, const QString&) {
    if (type != QtFatalMsg) return;
    std::fprintf(stderr, "moescope-gui: the display cannot be opened: %s\n", kRemedy);
    std::fflush(stderr);
    std::_Exit(2);
}

/// Drawing in memory: remarks that are true and that nobody can or need do anything about are left out, so
/// that what is on stderr is about the request.
void on_offscreen_message(QtMsgType type, const QMessageLogContext& context, const QString& text) {
    if (text.contains(QLatin1String("propagateSizeHints")) || text.contains(QLatin1String("XDG_RUNTIME_DIR")))
        return;
    std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, text)));
}

}  // namespace

std::unique_ptr<QApplication> make_application(int& argc, char** argv, bool needs_display) {
    if (!needs_display) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    } else if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") && qEnvironmentVariableIsEmpty("DISPLAY") &&
               qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")) {
        throw Error(std::string("no display (DISPLAY and WAYLAND_DISPLAY are not set): ") + kRemedy);
    }
    QCoreApplication::setOrganizationName(QStringLiteral("moescope"));
    QCoreApplication::setApplicationName(QStringLiteral("moescope"));
    QCoreApplication::setApplicationVersion(QString::fromStdString(tool_version()));
    QGuiApplication::setDesktopFileName(QStringLiteral("moescope"));

    qInstallMessageHandler(needs_display ? on_display_message : on_offscreen_message);
    auto app = std::make_unique<QApplication>(argc, argv);
    if (needs_display) qInstallMessageHandler(nullptr);
    // Qt takes over the user's locale; files are written with decimal points all the same.
    std::setlocale(LC_NUMERIC, "C");
    QGuiApplication::setWindowIcon(QIcon(QStringLiteral(":/moescope/icons/moescope.svg")));
    return app;
}

QSize parse_size(const std::string& text) {
    static const QRegularExpression kPattern(QStringLiteral("^(\\d{1,6})x(\\d{1,6})$"));
    const QRegularExpressionMatch match = kPattern.match(QString::fromStdString(text));
    if (!match.hasMatch())
        throw Error("size '" + text + "' is not understood: give WIDTHxHEIGHT in pixels, e.g. 1280x800");
    return {match.captured(1).toInt(), match.captured(2).toInt()};
}

ui::ThemeChoice parse_theme(const std::string& text) {
    if (text == "light") return ui::ThemeChoice::light;
    if (text == "dark") return ui::ThemeChoice::dark;
    throw Error("theme '" + text + "' is not known: choose light or dark");
}

}  // namespace moescope::gui
