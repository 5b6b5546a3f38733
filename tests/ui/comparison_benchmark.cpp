// SPDX-License-Identifier: GPL-3.0-or-later
// How long the comparison page takes for two sessions of a thousand cases, and how long it keeps the event
// loop from turning meanwhile. Prints figures; a test only of that it runs. Run it alone:
// comparison_benchmark
#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <vector>

#include "comparison_sample.h"
#include "moescope/ui/compare/comparison_page.h"
#include "sample_session.h"

int main(int argc, char** argv) {
    using namespace moescope;
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.filePath("config").toUtf8());
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication app(argc, argv);
    std::setlocale(LC_NUMERIC, "C");
    const Session base = ui::test::largeSession(1000);
    const Session other = ui::test::rerun(base, "later", 1.01);

    ui::ComparisonPage page;
    page.resize(1280, 740);
    page.show();
    QCoreApplication::processEvents();
    std::vector<double> turns_ms;
    QElapsedTimer since;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] {
        turns_ms.push_back(static_cast<double>(since.nsecsElapsed()) * 1e-6);
        since.restart();
    });
    QElapsedTimer whole;
    whole.start();
    since.start();
    timer.start(2);
    page.setSessions({std::make_shared<const Session>(base), std::make_shared<const Session>(other)});
    while (!page.isSettled()) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QCoreApplication::processEvents();  // the drawing
    std::sort(turns_ms.begin(), turns_ms.end());
    std::printf(
        "%zu cells compared and drawn in %lld ms; a turn of the event loop: p99 %.1f, longest %.1f ms\n",
        base.results.size(), static_cast<long long>(whole.elapsed()), turns_ms[turns_ms.size() * 99 / 100],
        turns_ms.back());
    return 0;
}
