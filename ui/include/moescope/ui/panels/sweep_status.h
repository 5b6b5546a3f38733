// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QProgressBar>
#include <QWidget>

#include "moescope/measurement/runner.h"
#include "moescope/ui/sweep/sweep_worker.h"

namespace moescope::ui {

/// The status bar's part of a sweep: case in work, bar, time left; afterwards what came of it.
class SweepStatus : public QWidget {
    Q_OBJECT

  public:
    explicit SweepStatus(QWidget* parent = nullptr);

    void begin(std::int64_t cells);
    void showProgress(const Progress& progress);
    void stopping();
    void end(const SweepOutcome& outcome);
    void showText(const QString& text);

    QProgressBar& bar() { return *m_bar; }
    QLabel& label() { return *m_text; }

  private:
    QLabel* m_text;
    QProgressBar* m_bar;
    QLabel* m_time;
    double m_elapsed = 0.0;
    std::int64_t m_done = 0;
};

}  // namespace moescope::ui
