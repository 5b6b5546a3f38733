// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/plan_model.h"

#include <QGuiApplication>
#include <QPalette>
#include <array>

#include "moescope/ui/models/case_columns.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/theme.h"

namespace moescope::ui {
namespace {

constexpr std::array<ColumnInfo, PlanModel::kColumnCount> kColumns{{
    {"#", "Place in the plan", true},
    caseColumn(CaseColumn::experts),
    caseColumn(CaseColumn::tokens),
    caseColumn(CaseColumn::strategy),
    {"State", "How far the case is, or why it cannot run", false},
    {"Max/mean", "Tokens of the busiest expert over the mean", true},
    {"Gini", "Inequality of the load: 0 even, towards 1 when one expert has all", true},
    {"Active", "Experts that have any token", true},
    caseColumn(CaseColumn::max_tokens),
    caseColumn(CaseColumn::hidden),
    caseColumn(CaseColumn::group_size),
    caseColumn(CaseColumn::scales),
    caseColumn(CaseColumn::input_type),
    caseColumn(CaseColumn::seed),
}};

bool isText(int column) {
    return column >= PlanModel::kColumnCount || !kColumns[static_cast<std::size_t>(column)].number;
}

}  // namespace

PlanModel::PlanModel(QObject* parent) : QAbstractTableModel(parent) {}

void PlanModel::setPlan(std::shared_ptr<const Plan> plan) {
    beginResetModel();
    m_plan = std::move(plan);
    endResetModel();
}

int PlanModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_plan ? 0 : static_cast<int>(m_plan->cases.size());
}

int PlanModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount + (m_plan ? static_cast<int>(m_plan->kernels.size()) : 0);
}

void PlanModel::beginSweep(const std::unordered_set<std::string>& cells, const std::vector<Result>& earlier) {
    m_asked = cells;
    m_states.clear();
    for (const Result& result : earlier)
        if (std::string key = cell_key(result); !m_asked.contains(key))
            m_states[std::move(key)] = result.status;
    m_sweeping = true;
    m_currentLabel.clear();
    statesChanged();
}

void PlanModel::forgetSweep() {
    m_asked.clear();
    m_states.clear();
    statesChanged();
}

void PlanModel::endSweep() {
    m_sweeping = false;
    m_currentLabel.clear();
    statesChanged();
}

void PlanModel::setResults(const ResultBatch& batch) {
    for (const auto& result : batch) m_states[cell_key(*result)] = result->status;
    statesChanged();
}

void PlanModel::setCurrent(const std::string& label) {
    if (label.empty() || label == m_currentLabel) return;
    m_currentLabel = label;
    statesChanged();
}

void PlanModel::statesChanged() {
    if (rowCount() > 0) emit dataChanged(index(0, kState), index(rowCount() - 1, columnCount() - 1));
}

bool PlanModel::isCurrent(std::size_t row) const {
    return m_sweeping && !m_currentLabel.empty() && case_label(m_plan->cases[row].c) == m_currentLabel;
}

PlanModel::Cells PlanModel::cellsOf(std::size_t row, const KernelTraits& kernel) const {
    Cells cells;
    if (m_plan->cases[row].rejected || m_plan->is_skipped(row, kernel.id)) return cells;
    for (const CacheMode mode : cache_modes(m_plan->selection.cache)) {
        const std::string key = cell_key(m_plan->cases[row].c, kernel.id, mode);
        ++cells.all;
        cells.asked += m_asked.contains(key) ? 1 : 0;
        const auto state = m_states.find(key);
        if (state == m_states.end()) continue;
        cells.ok += state->second == Status::ok ? 1 : 0;
        cells.failed += state->second == Status::failed ? 1 : 0;
    }
    return cells;
}

QString PlanModel::kernelState(std::size_t row, const KernelTraits& kernel) const {
    if (m_plan->cases[row].rejected) return {};
    if (m_plan->is_skipped(row, kernel.id)) return QStringLiteral("skipped");
    const Cells cells = cellsOf(row, kernel);
    if (cells.failed > 0) return QStringLiteral("failed");
    if (cells.ok > 0 && cells.ok == cells.all) return QStringLiteral("ok");
    if (cells.ok > 0) return QStringLiteral("%1 of %2").arg(cells.ok).arg(cells.all);
    if (!m_sweeping || cells.asked == 0) return {};
    return isCurrent(row) ? QStringLiteral("measuring") : QStringLiteral("waiting");
}

QString PlanModel::state(std::size_t row) const {
    const PlannedCase& planned = m_plan->cases[row];
    if (planned.rejected) return QStringLiteral("rejected: %1").arg(messageText(*planned.rejected));
    QStringList skipped;
    for (const KernelTraits& kernel : m_plan->kernels)
        if (const std::string* reason = m_plan->skip_reason(row, kernel.id))
            skipped << QStringLiteral("%1 skipped: %2").arg(qs(kernel.id), qs(*reason));
    Cells sum;
    for (const KernelTraits& kernel : m_plan->kernels) {
        const Cells cells = cellsOf(row, kernel);
        sum.all += cells.all;
        sum.asked += cells.asked;
        sum.ok += cells.ok;
        sum.failed += cells.failed;
    }
    QString progress;
    if (sum.failed > 0)
        progress = QStringLiteral("%1 failed").arg(counted(sum.failed, QStringLiteral("cell")));
    else if (sum.ok > 0)
        progress = sum.ok == sum.all
                       ? QStringLiteral("done")
                       : QStringLiteral("%1 of %2").arg(sum.ok).arg(counted(sum.all, QStringLiteral("cell")));
    else if (isCurrent(row))
        progress = QStringLiteral("measuring");
    else if (m_sweeping && sum.asked > 0)
        progress = QStringLiteral("waiting");
    if (!progress.isEmpty()) skipped.prepend(progress);
    return skipped.isEmpty() ? QStringLiteral("ready") : skipped.join(QStringLiteral("; "));
}

QString PlanModel::text(std::size_t row, Column column) const {
    const PlannedCase& planned = m_plan->cases[row];
    if (const auto of_case = kColumns[column].ofCase) return caseText(*of_case, planned.c);
    switch (column) {
        case kNumber:
            return QString::number(row + 1);
        case kState:
            return state(row);
        default:
            break;
    }
    if (planned.rejected) return {};
    switch (column) {
        case kMaxOverMean:
            return fixedNumber(planned.load.max_over_mean, 2);
        case kGini:
            return fixedNumber(planned.load.gini, 2);
        case kActive:
            return groupedNumber(planned.load.active);
        default:
            return {};
    }
}

QVariant PlanModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const auto row = static_cast<std::size_t>(index.row());
    switch (role) {
        case Qt::DisplayRole:
            if (index.column() >= kColumnCount)
                return kernelState(row,
                                   m_plan->kernels[static_cast<std::size_t>(index.column()) - kColumnCount]);
            return text(row, static_cast<Column>(index.column()));
        case Qt::ToolTipRole:
            return state(row);
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (isText(index.column()) ? Qt::AlignLeft : Qt::AlignRight)));
        case Qt::ForegroundRole:
            if (m_plan->cases[row].rejected) return Theme::forPalette(QGuiApplication::palette()).error;
            return {};
        default:
            return {};
    }
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= columnCount()) return {};
    if (section >= kColumnCount) {
        const KernelTraits& kernel = m_plan->kernels[static_cast<std::size_t>(section) - kColumnCount];
        if (role == Qt::ToolTipRole) return QStringLiteral("How far the cells of %1 are").arg(qs(kernel.id));
        return role == Qt::DisplayRole ? QVariant(qs(kernel.id)) : QVariant();
    }
    const ColumnInfo& column = kColumns[static_cast<std::size_t>(section)];
    if (role == Qt::ToolTipRole) return QString::fromUtf8(column.hint);
    return role == Qt::DisplayRole ? QVariant(QString::fromUtf8(column.title)) : QVariant();
}

}  // namespace moescope::ui
