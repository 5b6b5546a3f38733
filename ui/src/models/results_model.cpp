// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/results_model.h"

#include <QColor>
#include <QGuiApplication>
#include <QPalette>
#include <array>
#include <optional>

#include "moescope/ui/models/case_columns.h"
#include "moescope/ui/session/series_id.h"
#include "moescope/ui/support/icons.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/kernel_style.h"

namespace moescope::ui {
namespace {

constexpr std::array<ColumnInfo, ResultsModel::kColumnCount> kColumns{{
    {"Kernel", "", false},
    {"Session", "The open session that the result is of", false},
    caseColumn(CaseColumn::experts),
    caseColumn(CaseColumn::tokens),
    caseColumn(CaseColumn::strategy),
    {"Status", "", false},
    {"Median \u00b5s", "Median time of one launch, microseconds", true},
    {"\u00b1 %", "Half the 95 % interval of the median, percent of it", true},
    {"GB/s", "Bytes moved / median time", true},
    {"% theor.", "Percent of the theoretical peak", true},
    {"% meas.", "Percent of the measured peak (stream41)", true},
    {"Speedup", "Time of the baseline / time of this kernel, same case", true},
    {"Efficiency", "Limit time (launch floor + bytes / stream41 bandwidth) / median time", true},
    {"GFLOPS", "8 operations an output value / median time", true},
    {"Max/mean", "Tokens of the busiest expert over the mean", true},
    {"Gini", "Inequality of the load: 0 even, towards 1 when one expert has all", true},
    {"Samples", "Samples taken", true},
    {"Verified", "Output compared with the reference, bit by bit", false},
    caseColumn(CaseColumn::max_tokens),
    caseColumn(CaseColumn::hidden),
    caseColumn(CaseColumn::group_size),
    caseColumn(CaseColumn::scales),
    caseColumn(CaseColumn::input_type),
    caseColumn(CaseColumn::seed),
    kCacheColumn,
}};

std::optional<double> halfIntervalPercent(const Result& r) {
    if (!r.ci95_us || !r.median_us || *r.median_us <= 0.0) return std::nullopt;
    return 50.0 * ((*r.ci95_us)[1] - (*r.ci95_us)[0]) / *r.median_us;
}

/// Of the columns that hold a measured or derived number.
std::optional<double> numberIn(const SessionDocument& document, std::size_t row,
                               ResultsModel::Column column) {
    const Result& r = document.session().results[row];
    if (const auto of_case = kColumns[column].ofCase) return caseNumber(*of_case, r.c);
    switch (column) {
        case ResultsModel::kMedian:
            return r.median_us;
        case ResultsModel::kInterval:
            return halfIntervalPercent(r);
        case ResultsModel::kBandwidth:
            return r.gbps;
        case ResultsModel::kPercentTheoretical:
            return r.percent_of_peak.theoretical;
        case ResultsModel::kPercentMeasured:
            return r.percent_of_peak.measured;
        case ResultsModel::kSpeedup:
            return document.speedup(row);
        case ResultsModel::kEfficiency:
            return r.efficiency;
        case ResultsModel::kGflops:
            return r.gflops;
        case ResultsModel::kMaxOverMean:
            return r.load.counts_known() ? std::optional(r.load.max_over_mean) : std::nullopt;
        case ResultsModel::kGini:
            return r.load.counts_known() ? std::optional(r.load.gini) : std::nullopt;
        case ResultsModel::kSamples:
            return static_cast<double>(r.samples_us.size());
        default:
            return std::nullopt;
    }
}

QString numberText(ResultsModel::Column column, double value) {
    switch (column) {
        case ResultsModel::kMedian:
            return significantNumber(value, 4);
        case ResultsModel::kInterval:
        case ResultsModel::kSpeedup:
        case ResultsModel::kMaxOverMean:
        case ResultsModel::kGini:
        case ResultsModel::kEfficiency:
            return fixedNumber(value, 2);
        case ResultsModel::kBandwidth:
        case ResultsModel::kGflops:
            return significantNumber(value, 4);
        case ResultsModel::kPercentTheoretical:
        case ResultsModel::kPercentMeasured:
            return fixedNumber(value, 1);
        default:
            return fixedNumber(value, 0);
    }
}

QString verificationText(const Result& r) {
    if (!r.verification.done) return QStringLiteral("-");
    return r.verification.passed ? QStringLiteral("passed") : QStringLiteral("differs");
}

}  // namespace

ResultsModel::ResultsModel(SessionDocument& document, QObject* parent)
    : QAbstractTableModel(parent), m_document(document) {
    connect(&document, &SessionDocument::aboutToReset, this, [this] { beginResetModel(); });
    connect(&document, &SessionDocument::reset, this, [this] { endResetModel(); });
    connect(&document, &SessionDocument::aboutToAppend, this,
            [this](int first, int last) { beginInsertRows({}, first, last); });
    connect(&document, &SessionDocument::appended, this, [this] {
        endInsertRows();
        speedupsChanged();  // a late baseline gives its case a speedup
    });
    connect(&document, &SessionDocument::revised, this, [this](int first, int last) {
        emit dataChanged(index(first, 0), index(last, kColumnCount - 1));
        speedupsChanged();
    });
    connect(&document, &SessionDocument::baselineChanged, this, &ResultsModel::speedupsChanged);
}

int ResultsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_document.session().results.size());
}

int ResultsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount;
}

const Result& ResultsModel::resultAt(int row) const {
    return m_document.session().results[static_cast<std::size_t>(row)];
}

QString ResultsModel::text(std::size_t row, Column column) const {
    const Result& r = m_document.session().results[row];
    if (const auto of_case = kColumns[column].ofCase) return caseText(*of_case, r.c);
    switch (column) {
        case kCache:
            return qs(to_string(r.cache));
        case kKernel:
            return qs(kernelOf(r.kernel));
        case kSession:
            return qs(sessionOf(r.kernel));
        case kStatus:
            return qs(to_string(r.status));
        case kVerification:
            return verificationText(r);
        default:
            break;
    }
    const std::optional<double> value = number(row, column);
    if (!value) return {};
    return numberText(column, *value);
}

QVariant ResultsModel::sortKey(std::size_t row, Column column) const {
    if (!kColumns[column].number) return text(row, column);
    const std::optional<double> value = number(row, column);
    return value ? QVariant(*value) : QVariant();
}

std::optional<double> ResultsModel::number(std::size_t row, Column column) const {
    const std::optional<double> value = numberIn(m_document, row, column);
    if (value && column == kMedian && m_timeUnit == TimeUnit::milliseconds) return *value / 1000.0;
    return value;
}

void ResultsModel::setTimeUnit(TimeUnit unit) {
    if (unit == m_timeUnit) return;
    m_timeUnit = unit;
    emit headerDataChanged(Qt::Horizontal, kMedian, kMedian);
    if (rowCount() > 0) emit dataChanged(index(0, kMedian), index(rowCount() - 1, kMedian));
}

QString ResultsModel::columnName(int column) {
    return QString::fromUtf8(kColumns[static_cast<std::size_t>(column)].title);
}

QString ResultsModel::explanation(std::size_t row) const {
    const Result& r = m_document.session().results[row];
    if (!r.error.empty()) return qs(r.error);
    if (!r.verification.note.empty()) return qs(r.verification.note);
    if (r.stop_reason.empty()) return {};
    return QStringLiteral("%1 of %2 launches each; stopped by %3")
        .arg(counted(static_cast<std::int64_t>(r.samples_us.size()), "sample"))
        .arg(r.launches_per_sample)
        .arg(qs(r.stop_reason));
}

QVariant ResultsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const auto row = static_cast<std::size_t>(index.row());
    const auto column = static_cast<Column>(index.column());
    switch (role) {
        case Qt::DisplayRole:
            return text(row, column);
        case kSortRole:
            return sortKey(row, column);
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (kColumns[column].number ? Qt::AlignRight : Qt::AlignLeft)));
        case Qt::ToolTipRole:
            return explanation(row);
        case Qt::DecorationRole:
            if (column == kKernel) {
                const Theme& theme = Theme::forPalette(QGuiApplication::palette());
                return colorIcon(kernelStyle(m_document.session().results[row].kernel, theme).color);
            }
            return {};
        default:
            return {};
    }
}

QVariant ResultsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= kColumnCount) return {};
    const ColumnInfo& column = kColumns[static_cast<std::size_t>(section)];
    const bool in_milliseconds = section == kMedian && m_timeUnit == TimeUnit::milliseconds;
    if (role == Qt::DisplayRole) return in_milliseconds ? QStringLiteral("Median ms") : columnName(section);
    if (role == Qt::ToolTipRole && in_milliseconds)
        return QStringLiteral("Median time of one launch, milliseconds");
    if (role == Qt::ToolTipRole) return QString::fromUtf8(column.hint);
    return {};
}

void ResultsModel::speedupsChanged() {
    if (rowCount() > 0) emit dataChanged(index(0, kSpeedup), index(rowCount() - 1, kSpeedup));
}

}  // namespace moescope::ui
