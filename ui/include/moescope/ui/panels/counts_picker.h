// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QLabel>
#include <QSlider>
#include <QWidget>
#include <cstdint>
#include <memory>
#include <vector>

namespace moescope::ui {

class LoadChart;

/// Which step of a file of recorded counts is measured, one or every one, with a picture of the counts of the
/// step that the slider is at.
class CountsPicker : public QWidget {
    Q_OBJECT

  public:
    explicit CountsPicker(QWidget* parent = nullptr);
    ~CountsPicker() override;

    /// Steps of a file, at least one.
    void setSteps(std::vector<std::vector<std::int32_t>> steps);
    /// The chosen one, -1: every one.
    void showStep(std::int64_t step);
    QSlider& slider() { return *m_slider; }
    QCheckBox& everyStep() { return *m_every; }
    QLabel& label() { return *m_label; }
    LoadChart& picture() { return *m_chart; }

  signals:
    /// -1: every one.
    void stepChosen(std::int64_t step);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void redraw();

    std::unique_ptr<LoadChart> m_chart;
    QSlider* m_slider;
    QCheckBox* m_every;
    QLabel* m_label;
    std::vector<std::vector<std::int32_t>> m_steps;
};

}  // namespace moescope::ui
