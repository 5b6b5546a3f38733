// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "moescope/measurement/plan.h"
#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

/// One row a case of the plan, rejected ones with their reason. After the columns of the case one for each
/// kernel of the plan: how far its cells are in the sweep that was last begun.
class PlanModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        kNumber,
        kExperts,
        kTokens,
        kStrategy,
        kState,
        kMaxOverMean,
        kGini,
        kActive,
        kMaxTokens,
        kHidden,
        kGroupSize,
        kScales,
        kInputType,
        kSeed,
        kColumnCount
    };

    explicit PlanModel(QObject* parent = nullptr);

    void setPlan(std::shared_ptr<const Plan> plan);
    const std::shared_ptr<const Plan>& plan() const { return m_plan; }

    /// A sweep of these cells (cell_key) begins. `earlier`: results that its session has already, which tell
    /// the states of the other cells.
    void beginSweep(const std::unordered_set<std::string>& cells, const std::vector<Result>& earlier);
    void endSweep();
    /// What is planned now has nothing to do with the last sweep.
    void forgetSweep();
    void setResults(const ResultBatch& batch);
    /// Of the case in work, as Progress::current.
    void setCurrent(const std::string& label);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    struct Cells {
        int all = 0;
        int asked = 0;  ///< that the sweep is to measure or has measured
        int ok = 0;
        int failed = 0;
    };
    Cells cellsOf(std::size_t row, const KernelTraits& kernel) const;
    bool isCurrent(std::size_t row) const;
    QString text(std::size_t row, Column column) const;
    QString state(std::size_t row) const;
    QString kernelState(std::size_t row, const KernelTraits& kernel) const;
    void statesChanged();

    std::shared_ptr<const Plan> m_plan;
    std::unordered_map<std::string, Status> m_states;  ///< of the last sweep's session, by cell_key
    std::unordered_set<std::string> m_asked;           ///< cells of the last sweep
    bool m_sweeping = false;
    std::string m_currentLabel;
};

}  // namespace moescope::ui
