// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QListWidget>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>

#include "moescope/measurement/plan.h"
#include "moescope/ui/models/kernel_list_model.h"
#include "moescope/ui/panels/axes_editor.h"
#include "moescope/ui/panels/measure_editor.h"
#include "moescope/ui/panels/strategy_editor.h"
#include "moescope/ui/sweep/device_catalog.h"
#include "moescope/ui/sweep/planner.h"

namespace moescope::ui {

/// Builds the sweep matrix and says at once what it amounts to.
class MatrixPanel : public QWidget {
    Q_OBJECT

  public:
    explicit MatrixPanel(std::shared_ptr<const BackendFactory> factory, QWidget* parent = nullptr);

    /// Nothing while a field does not hold.
    std::optional<Selection> selection() const;
    void setSelection(const Selection& selection);
    /// The plan of what the fields say; null while they do not hold or the plan is being made.
    const std::shared_ptr<const Plan>& plan() const { return m_plan; }

    AxesEditor& axes() { return *m_axes; }
    StrategyEditor& strategies() { return *m_strategies; }
    MeasureEditor& measure() { return *m_measure; }
    KernelListModel& kernels() { return *m_kernels; }
    QComboBox& presetBox() { return *m_preset; }
    QComboBox& deviceBox() { return *m_device; }
    QLabel& summary() { return *m_summary; }
    QListWidget& rejections() { return *m_rejections; }

  signals:
    /// Null: there is no plan just now.
    void planChanged(const std::shared_ptr<const moescope::Plan>& plan);

  private:
    QWidget* buildForm();
    void fillDevices();
    void chooseFirstPreset();
    void showDevice();
    void edited();
    void requestPlan();
    void showPlan(const std::shared_ptr<const Plan>& plan);
    void showProblem(const QString& message);
    void showRejections();
    void markPreset(const Selection& selection);

    DeviceCatalog* m_catalog;
    Planner* m_planner;
    KernelListModel* m_kernels;
    QComboBox* m_preset;
    QComboBox* m_device;
    AxesEditor* m_axes;
    StrategyEditor* m_strategies;
    QListView* m_kernelView;
    Field* m_kernelField;
    MeasureEditor* m_measure;
    QLabel* m_summary;
    QListWidget* m_rejections;
    QTimer m_settle;  ///< waits for the end of typing
    std::shared_ptr<const Plan> m_plan;
    bool m_touched = false;  ///< somebody has chosen something already
};

}  // namespace moescope::ui
