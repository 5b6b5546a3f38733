// SPDX-License-Identifier: GPL-3.0-or-later
#include "window_command.h"

#include <QBuffer>
#include <QDockWidget>
#include <QEventLoop>
#include <QFileInfo>
#include <QPixmap>
#include <QTableView>
#include <QTimer>

#include "moescope/backend_factory.h"
#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/telemetry_panel.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "moescope/worker.h"
#include "platform.h"
#include "termination.h"

namespace moescope::gui {
namespace {

constexpr int kPlanTimeoutMs = 20000;

ui::LoadPlugins plugin_loader(double timeout_seconds) {
    std::shared_ptr<const BackendFactory> base = make_backend_factory();
    return [base, timeout_seconds](const std::vector<std::string>& files) {
        if (files.empty()) return base;
        // What is added to holds on to what it is added to.
        return std::shared_ptr<const BackendFactory>(
            add_plugins(*base, {files, timeout_seconds, {}}).release(),
            [base](const BackendFactory* extended) { delete extended; });
    };
}

std::unique_ptr<ui::MainWindow> make_window(const WindowOptions& options) {
    if (!options.chart.empty()) ui::findChartKind(QString::fromStdString(options.chart));
    if (options.compare && options.sessions.size() < 2)
        throw Error("--compare needs two sessions or more: the base first, then what is compared with it");
    const ui::LoadPlugins load = plugin_loader(options.plugin_timeout_seconds);
    QStringList plugins;
    for (const std::string& file : options.plugins)
        plugins << QFileInfo(QString::fromStdString(file)).absoluteFilePath();
    auto window = std::make_unique<ui::MainWindow>(load(options.plugins));
    window->matrix().setPlugins(load, plugins);
    if (!options.theme.empty()) window->setTheme(parse_theme(options.theme));
    if (!options.chart.empty()) window->charts().showChart(QString::fromStdString(options.chart));
    return window;
}

/// Throws Error that lists the known panels.
QDockWidget* find_panel(ui::MainWindow& window, const std::string& name) {
    if (name.empty()) return nullptr;
    std::string known;
    for (QDockWidget* dock : window.findChildren<QDockWidget*>()) {
        const std::string id = dock->objectName().section(QLatin1Char('.'), 1).toStdString();
        if (id == name) return dock;
        known += (known.empty() ? "" : ", ") + id;
    }
    throw Error("unknown panel '" + name + "': choose one of " + known);
}

void raise_panel(QDockWidget* panel) {
    if (panel == nullptr) return;
    panel->show();
    panel->raise();
}

/// Lets the window find devices and make its plan.
void wait_for_plan(ui::MainWindow& window) {
    if (window.matrix().plan()) return;
    QEventLoop loop;
    QObject::connect(&window.matrix(), &ui::MatrixPanel::planChanged, &loop,
                     [&loop](const std::shared_ptr<const Plan>& plan) {
                         if (plan) loop.quit();
                     });
    QTimer timeout;
    timeout.setSingleShot(true);
    QObject::connect(&timeout, &QTimer::timeout, &loop, &QEventLoop::quit);
    timeout.start(kPlanTimeoutMs);
    loop.exec();
}

/// So that there is something to explore.
void show_recorded_at_first_start(ui::MainWindow& window) {
    if (ui::recentSessions().isEmpty() && !window.messages().isVisible())
        window.commands().openRecorded(QStringLiteral(":/moescope/sessions/recorded.moescope.json"));
}

/// The first of the sessions against each of the others. Throws Error.
void open_comparison(ui::MainWindow& window, const WindowOptions& options) {
    ui::ComparisonPage& page = window.comparison().page();
    QStringList others;
    for (std::size_t i = 1; i < options.sessions.size(); ++i)
        others << QString::fromStdString(options.sessions[i]);
    window.comparison().setActive(true);
    if (!page.compareFiles(QString::fromStdString(options.sessions.front()), others))
        throw Error(page.messages().text().toStdString());
    page.view().charts().showChart(QString::fromStdString(options.chart));
    if (options.kernel_map.empty()) return;
    const QStringList kernels = QString::fromStdString(options.kernel_map).split(QLatin1Char('='));
    if (kernels.size() != 2 || page.setup().baseKernelBox().findText(kernels[0]) < 0 ||
        page.setup().otherKernelBox().findText(kernels[1]) < 0)
        throw Error("--kernel-map '" + options.kernel_map +
                    "': give BASE=OTHER, kernels that the sessions have, e.g. silu_v2=silu_v3");
    page.setup().matchKernels(kernels[0], kernels[1]);
}

void wait_for_comparison(ui::MainWindow& window) {
    ui::ComparisonPage& page = window.comparison().page();
    QEventLoop loop;
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &loop, [&] {
        if (page.isSettled()) loop.quit();
    });
    poll.start(20);
    loop.exec();
    page.view().table().selectRow(0);
}

QStringList session_paths(const WindowOptions& options) {
    QStringList paths;
    for (const std::string& session : options.sessions) paths << QString::fromStdString(session);
    return paths;
}

/// As the command line asks.
void open_sessions(ui::MainWindow& window, const WindowOptions& options) {
    if (options.compare) {
        open_comparison(window, options);
        return;
    }
    if (!options.sessions.empty() && !window.commands().open(session_paths(options)))
        throw Error(window.messages().text().toStdString());
}

}  // namespace

int show_window(QApplication& app, const WindowOptions& options) {
    const Termination termination;
    const std::unique_ptr<ui::MainWindow> window = make_window(options);
    QObject::connect(&termination, &Termination::requested, window.get(), &ui::MainWindow::closeUnasked);
    QDockWidget* panel = find_panel(*window, options.panel);
    window->show();
    if (options.compare)
        open_comparison(*window, options);
    else if (!options.sessions.empty())
        window->commands().open(session_paths(options));
    if (options.sessions.empty()) show_recorded_at_first_start(*window);
    raise_panel(panel);
    return app.exec();
}

int write_screenshot(QApplication& app, const WindowOptions& options) {
    const QString path = QString::fromStdString(options.screenshot);
    if (QFileInfo(path).suffix().toLower() != QLatin1String("png"))
        throw Error("'" + options.screenshot + "' is no picture file: its name must end in .png");
    const QSize size = parse_size(options.size);
    if (size.width() < 640 || size.height() < 480 || size.width() > 8000 || size.height() > 8000)
        throw Error("size " + options.size + " is out of bounds for the window: give 640x480 to 8000x8000");
    check_writable(options.screenshot);

    WindowOptions shown = options;
    if (shown.theme.empty()) shown.theme = "light";
    const std::unique_ptr<ui::MainWindow> window = make_window(shown);
    window->setAnimated(false);  // docks in their places, not on their way
    window->showNormal();
    window->resize(size);
    window->restoreDefaultLayout();
    QDockWidget* panel = find_panel(*window, options.panel);
    open_sessions(*window, options);
    if (options.sessions.empty()) show_recorded_at_first_start(*window);
    wait_for_plan(*window);
    if (options.compare)
        wait_for_comparison(*window);
    else if (!options.sessions.empty())
        window->results().table().selectRow(0);
    app.processEvents();
    raise_panel(panel);
    app.processEvents();
    window->charts().refresh();
    window->telemetry().updateNow();
    app.processEvents();

    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    window->grab().save(&buffer, "PNG");
    write_file_atomically(options.screenshot, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
    return 0;
}

}  // namespace moescope::gui
