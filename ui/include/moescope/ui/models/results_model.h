// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

/// One row a cell of the session, in the order measured. Numbers sort as numbers through kSortRole.
class ResultsModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        kKernel,
        kExperts,
        kTokens,
        kStrategy,
        kStatus,
        kMedian,
        kInterval,
        kBandwidth,
        kPercentTheoretical,
        kPercentMeasured,
        kSpeedup,
        kEfficiency,
        kGflops,
        kMaxOverMean,
        kGini,
        kSamples,
        kVerification,
        kMaxTokens,
        kHidden,
        kGroupSize,
        kScales,
        kCache,
        kColumnCount
    };
    static constexpr int kSortRole = Qt::UserRole;

    /// `document` must outlive the model.
    explicit ResultsModel(SessionDocument& document, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    const Result& resultAt(int row) const;

  private:
    QString text(std::size_t row, Column column) const;
    QVariant sortKey(std::size_t row, Column column) const;
    QString explanation(std::size_t row) const;
    void speedupsChanged();

    SessionDocument& m_document;
};

/// Sorts results by value; missing values stay at the end in both directions.
class ResultsProxy : public QSortFilterProxyModel {
    Q_OBJECT

  public:
    explicit ResultsProxy(QObject* parent = nullptr);

  protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;
};

}  // namespace moescope::ui
