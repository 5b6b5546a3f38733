// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QTimer>
#include <QWidget>

#include "moescope/ui/charts/telemetry_chart.h"
#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

/// The device's clocks, temperature and power over the cells of the session, live while a sweep runs. One
/// line of text where there is nothing to draw. Reads only while it is visible.
class TelemetryPanel : public QWidget {
    Q_OBJECT

  public:
    explicit TelemetryPanel(SessionDocument& document, QWidget* parent = nullptr);
    ~TelemetryPanel() override;

    /// All that the session has so far, whether visible or not.
    void updateNow();
    /// Highlights the cells of that case.
    void selectCase(const Case& selected);

    QLabel& text() { return *m_text; }
    QWidget& plot() { return *m_chart.widget(); }
    const std::vector<CellTelemetry>& cells() const { return m_cells; }
    /// Of a result, for the pointer over it.
    QString readOut(std::size_t result) const;

  signals:
    void resultPicked(std::size_t result);

  protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void scheduleUpdate();
    bool readSome(std::size_t most);
    void redraw();

    SessionDocument& m_document;
    TelemetryChart m_chart;
    QLabel* m_text;
    QTimer m_update;
    std::vector<CellTelemetry> m_cells;
    std::optional<Case> m_selected;
};

}  // namespace moescope::ui
