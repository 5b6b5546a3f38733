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
#include "moescope/ui/panels/matrix_history.h"
#include "moescope/ui/panels/measure_editor.h"
#include "moescope/ui/panels/plugin_editor.h"
#include "moescope/ui/panels/preset_picker.h"
#include "moescope/ui/panels/strategy_editor.h"
#include "moescope/ui/sweep/device_catalog.h"
#include "moescope/ui/sweep/planner.h"

class QScrollArea;

namespace moescope::ui {

/// Builds the sweep matrix and says at once what it amounts to.
class MatrixPanel : public QWidget {
    Q_OBJECT

  public:
    explicit MatrixPanel(std::shared_ptr<const BackendFactory> factory, QWidget* parent = nullptr);

    /// Nothing while a field does not hold.
    std::optional<Selection> selection() const;
    /// One step of the history; `what` says which.
    void setSelection(const Selection& selection, const QString& what = QStringLiteral("opening a session"));
    /// The plan of what the fields say; null while they do not hold or the plan is being made.
    const std::shared_ptr<const Plan>& plan() const { return m_plan; }

    /// From now on kernels of plugins can be added. `files`: what the factory has been made with.
    void setPlugins(LoadPlugins load, const QStringList& files);

    /// Devices found, with their kernels; empty while they are looked for.
    const std::vector<DeviceCatalog::Entry>& devices() const { return m_catalog->entries(); }

    AxesEditor& axes() { return *m_axes; }
    StrategyEditor& strategies() { return *m_strategies; }
    MeasureEditor& measure() { return *m_measure; }
    KernelListModel& kernels() { return *m_kernels; }
    PluginEditor& plugins() { return *m_plugins; }
    MatrixHistory& history() { return *m_history; }
    PresetPicker& presetPicker() { return *m_preset; }
    QComboBox& presetBox() { return m_preset->box(); }
    QComboBox& deviceBox() { return *m_device; }
    QLabel& summary() { return *m_summary; }
    QListWidget& rejections() { return *m_rejections; }

  signals:
    /// Null: there is no plan just now.
    void planChanged(const std::shared_ptr<const moescope::Plan>& plan);

    /// Plugins came or went: sweeps are to open their device by this one.
    void backendsChanged(const std::shared_ptr<const moescope::BackendFactory>& factory);

  protected:
    /// In the order of what is shown; strategies and plugins come and go.
    bool focusNextPrevChild(bool next) override;

  private:
    QWidget* buildForm();
    void fillDevices();
    void chooseFirstPreset();
    void showDevice();
    /// What to say of plugins whose kernels run on other devices; empty: there are none.
    QString idlePlugins() const;
    /// What to say of kernels that a preset or session has and the device lacks; empty: there are none.
    QString missingKernels() const;
    FieldState fieldState() const;
    void restoreFields(const FieldState& changed);
    /// After fields came or went.
    void adoptFields();
    void edited();
    void requestPlan();
    void showPlan(const std::shared_ptr<const Plan>& plan);
    void showProblem(const QString& message);
    void showRejections();

    QScrollArea* m_scroll = nullptr;
    DeviceCatalog* m_catalog;
    Planner* m_planner;
    KernelListModel* m_kernels;
    MatrixHistory* m_history;
    PresetPicker* m_preset;
    QComboBox* m_device;
    AxesEditor* m_axes;
    StrategyEditor* m_strategies;
    QListView* m_kernelView;
    Field* m_kernelField;
    PluginEditor* m_plugins;
    PluginLoader* m_pluginLoader = nullptr;
    MeasureEditor* m_measure;
    QLabel* m_summary;
    QListWidget* m_rejections;
    QTimer m_settle;                           ///< waits for the end of typing
    std::vector<std::string> m_wantedKernels;  ///< of what was read in last
    std::shared_ptr<const Plan> m_plan;
    bool m_touched = false;    ///< somebody has chosen something already
    bool m_readingIn = false;  ///< many fields change, and it is one edit
};

}  // namespace moescope::ui
