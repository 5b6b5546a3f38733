// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <set>

#include "moescope/ui/compare/compared_cells.h"
#include "moescope/ui/models/results_model.h"

namespace moescope::ui {

/// The cells of a comparison, a row each, in the comparison's order. Numbers sort as numbers through
/// ResultsModel::kSortRole.
class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        kKernel,
        kExperts,
        kTokens,
        kStrategy,
        kVerdict,
        kRatio,
        kInterval,
        kBase,
        kOther,
        kWhy,
        kAdvice,
        kQ,
        kBaseSamples,
        kOtherSamples,
        kMaxTokens,
        kHidden,
        kGroupSize,
        kScales,
        kInputType,
        kSeed,
        kCache,
        kLaunch,
        kColumnCount
    };

    explicit ComparisonModel(QObject* parent = nullptr);

    /// Null: nothing is compared.
    void setCompared(ComparedPtr compared);
    const ComparedPtr& compared() const { return m_compared; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    const ComparisonRow& rowAt(int row) const;

  private:
    QString text(const ComparisonRow& row, Column column) const;

    ComparedPtr m_compared;
};

/// Filters cells by verdict, and by words and conditions as the results table does: `tokens>=1024`,
/// `verdict=SLOWER`. What has no value sorts to the end in both directions.
class ComparisonProxy : public ResultsProxy {
    Q_OBJECT

  public:
    explicit ComparisonProxy(QObject* parent = nullptr);

    /// Those that are shown.
    void setVerdicts(std::set<Verdict> verdicts);
    /// Rows of the comparison that the filter lets through, in their order there.
    std::vector<std::size_t> shownRows() const;

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

  private:
    std::set<Verdict> m_verdicts;
};

}  // namespace moescope::ui
