// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSpinBox>

#include "moescope/ui/charts/chart_file.h"

class QPushButton;

namespace moescope::ui {

/// Asks how large a chart file shall be and how it shall look. What was chosen last is offered again.
class ExportDialog : public QDialog {
    Q_OBJECT

  public:
    /// `on_screen`: the chart's size now, logical pixels.
    ExportDialog(QSize on_screen, const Theme& screen_theme, bool footer, QWidget* parent = nullptr);

    /// Offers to draw only what the reader has zoomed to. Not offered where nothing is zoomed.
    void offerView(const ChartView& view);

    ChartFileSize size() const;
    ChartOptions look() const;

    QComboBox& presetBox() { return *m_preset; }
    QComboBox& themeBox() { return *m_theme; }
    QSpinBox& widthBox() { return *m_width; }
    QSpinBox& heightBox() { return *m_height; }
    QDoubleSpinBox& dpiBox() { return *m_dpi; }
    QCheckBox& footerBox() { return *m_footer; }
    QCheckBox& zoomBox() { return *m_zoom; }
    /// Whether a chart of this size can be read; if not, the dialog says why.
    bool isAcceptable() const;

    void accept() override;

  private:
    void applyPreset();
    void describe();

    QSize m_onScreen;
    Theme m_screenTheme;
    QComboBox* m_preset;
    QComboBox* m_theme;
    QSpinBox* m_width;
    QSpinBox* m_height;
    QDoubleSpinBox* m_dpi;
    QCheckBox* m_footer;
    QCheckBox* m_zoom;
    ChartView m_view;
    QLabel* m_summary;
    QPushButton* m_ok = nullptr;
};

}  // namespace moescope::ui
