// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <optional>
#include <vector>

#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

enum class TimeUnit { microseconds, milliseconds };

/// One row a cell of the session, in the order measured. Numbers sort as numbers through kSortRole.
class ResultsModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        kKernel,
        kSession,  ///< empty where only one session is shown
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
        kInputType,
        kSeed,
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
    /// Of the median; keys to sort and filter by are in it too.
    void setTimeUnit(TimeUnit unit);
    /// The header of a column whatever its unit is now, to keep it by.
    static QString columnName(int column);

  private:
    QString text(std::size_t row, Column column) const;
    QVariant sortKey(std::size_t row, Column column) const;
    QString explanation(std::size_t row) const;
    void speedupsChanged();

    std::optional<double> number(std::size_t row, Column column) const;

    SessionDocument& m_document;
    TimeUnit m_timeUnit = TimeUnit::microseconds;
};

/// Filters results, and sorts them by value; missing values stay at the end in both directions.
class ResultsProxy : public QSortFilterProxyModel {
    Q_OBJECT

  public:
    explicit ResultsProxy(QObject* parent = nullptr);

    /// Words that some column of a row must have, and conditions such as `E=8`, `tokens>=1024`, `status!=ok`
    /// on the column whose header starts with the name. All must hold. A name that is no column is a word.
    void setFilter(const QString& text);

  protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

  private:
    struct Condition {
        int column = -1;  ///< -1: any
        QString comparison;
        QString text;
        std::optional<double> number;
    };
    std::optional<Condition> parseCondition(const QString& word) const;
    bool holds(const Condition& condition, int row) const;
    std::vector<Condition> m_conditions;
};

}  // namespace moescope::ui
