// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_model.h"

#include <QGuiApplication>
#include <QPalette>
#include <algorithm>
#include <array>
#include <optional>

#include "moescope/ui/compare/verdict_style.h"
#include "moescope/ui/models/case_columns.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/kernel_style.h"

namespace moescope::ui {
namespace {

constexpr std::array<ColumnInfo, ComparisonModel::kColumnCount> kColumns{{
    {"Kernel", "Of A and B; with an arrow where two kernels were matched", false},
    caseColumn(CaseColumn::experts),
    caseColumn(CaseColumn::tokens),
    caseColumn(CaseColumn::strategy),
    {"Verdict", "FASTER, SLOWER: the interval lies beyond the threshold. SAME: inside it. UNSURE: neither",
     false},
    {"Ratio", "B over A", true},
    {"95 % interval", "Of the ratio, drift between runs included", true},
    {"A", "Base", true},
    {"B", "Compared with it", true},
    {"Why", "Why it is unsure or not compared, and what disturbed the samples", false},
    {"What would decide", "For a cell that is UNSURE", false},
    {"q", "Probability of a difference by chance, adjusted for all cells (Benjamini, Hochberg)", true},
    {"Samples A", "In all runs of A", true},
    {"Samples B", "In all runs of B", true},
    caseColumn(CaseColumn::max_tokens),
    caseColumn(CaseColumn::hidden),
    caseColumn(CaseColumn::group_size),
    caseColumn(CaseColumn::scales),
    caseColumn(CaseColumn::input_type),
    caseColumn(CaseColumn::seed),
    kCacheColumn,
    {"Launch", "How launches were timed", false},
}};

std::optional<double> numberIn(const ComparisonRow& row, ComparisonModel::Column column) {
    if (const auto of_case = kColumns[column].ofCase) return caseNumber(*of_case, row.c);
    switch (column) {
        case ComparisonModel::kRatio:
            return row.ratio;
        case ComparisonModel::kInterval:  // by its width: the least sure are at one end
            return row.interval ? std::optional((*row.interval)[1] - (*row.interval)[0]) : std::nullopt;
        case ComparisonModel::kBase:
            return row.base.value;
        case ComparisonModel::kOther:
            return row.other.value;
        case ComparisonModel::kQ:
            return row.q;
        case ComparisonModel::kBaseSamples:
            return static_cast<double>(row.base.samples);
        case ComparisonModel::kOtherSamples:
            return static_cast<double>(row.other.samples);
        default:
            return std::nullopt;
    }
}

}  // namespace

ComparisonModel::ComparisonModel(QObject* parent) : QAbstractTableModel(parent) {}

void ComparisonModel::setCompared(ComparedPtr compared) {
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_compared ? 0 : static_cast<int>(m_compared->comparison.rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount;
}

const ComparisonRow& ComparisonModel::rowAt(int row) const {
    return m_compared->comparison.rows[static_cast<std::size_t>(row)];
}

QString ComparisonModel::text(const ComparisonRow& row, Column column) const {
    if (const auto of_case = kColumns[column].ofCase) return caseText(*of_case, row.c);
    switch (column) {
        case kKernel:
            return qs(row.kernel_label());
        case kVerdict:
            return verdictText(row.verdict);
        case kInterval:
            return row.interval ? intervalText(row) : QString();
        case kWhy:
            return qs(row.reason);
        case kAdvice:
            return qs(row.advice);
        case kCache:
            return qs(to_string(row.cache));
        case kLaunch:
            return qs(row.launch);
        default:
            break;
    }
    const std::optional<double> value = numberIn(row, column);
    if (!value) return {};
    switch (column) {
        case kRatio:
            return ratioText(*value);
        case kBase:
        case kOther:
            return metricText(m_compared->comparison.options.metric, *value);
        case kQ:
            return *value < 0.001 ? QStringLiteral("< 0.001") : fixedNumber(*value, 3);
        default:
            return fixedNumber(*value, 0);
    }
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const auto column = static_cast<Column>(index.column());
    const ComparisonRow& row = rowAt(index.row());
    const ColumnInfo& info = kColumns[static_cast<std::size_t>(column)];
    switch (role) {
        case Qt::DisplayRole:
            return text(row, column);
        case ResultsModel::kSortRole: {
            if (!info.number) return text(row, column);
            const std::optional<double> value = numberIn(row, column);
            return value ? QVariant(*value) : QVariant();
        }
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (info.number ? Qt::AlignRight : Qt::AlignLeft)));
        case Qt::ToolTipRole:
            return readOut(m_compared->comparison, row);
        case Qt::DecorationRole: {
            const Theme& theme = Theme::forPalette(QGuiApplication::palette());
            if (column == kVerdict) return verdictIcon(row.verdict, theme);
            if (column == kKernel)
                return kernelStyle(row.base_kernel.empty() ? row.other_kernel : row.base_kernel, theme).color;
            return {};
        }
        default:
            return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= kColumnCount) return {};
    const ColumnInfo& column = kColumns[static_cast<std::size_t>(section)];
    if (role == Qt::ToolTipRole) return QString::fromUtf8(column.hint);
    if (role != Qt::DisplayRole) return {};
    QString title = QString::fromUtf8(column.title);
    if ((section == kBase || section == kOther) && m_compared) {
        const CompareMetric metric = m_compared->comparison.options.metric;
        const QString unit = metricUnit(metric);
        title += QLatin1Char(' ') + (unit.isEmpty() ? qs(to_string(metric)) : unit);
    }
    return title;
}

ComparisonProxy::ComparisonProxy(QObject* parent)
    : ResultsProxy(parent), m_verdicts(kVerdicts.begin(), kVerdicts.end()) {}

void ComparisonProxy::setVerdicts(std::set<Verdict> verdicts) {
    m_verdicts = std::move(verdicts);
    invalidateFilter();
}

std::vector<std::size_t> ComparisonProxy::shownRows() const {
    std::vector<std::size_t> rows;
    for (int row = 0; row < rowCount(); ++row)
        rows.push_back(static_cast<std::size_t>(mapToSource(index(row, 0)).row()));
    std::sort(rows.begin(), rows.end());
    return rows;
}

bool ComparisonProxy::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const auto* model = qobject_cast<const ComparisonModel*>(sourceModel());
    if (model != nullptr && m_verdicts.count(model->rowAt(row).verdict) == 0) return false;
    return ResultsProxy::filterAcceptsRow(row, parent);
}

}  // namespace moescope::ui
