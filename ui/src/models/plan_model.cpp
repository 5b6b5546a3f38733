// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/plan_model.h"

#include <QGuiApplication>
#include <QPalette>
#include <array>

#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/theme.h"

namespace moescope::ui {
namespace {

constexpr std::array<const char*, PlanModel::kColumnCount> kTitles{
    "#", "E", "Tokens", "Strategy", "State", "Max/mean", "Gini", "Active", "T", "H", "G", "Scales", "Input"};

bool isText(int column) {
    return column == PlanModel::kScales || column == PlanModel::kInputType ||
           column == PlanModel::kStrategy || column == PlanModel::kState;
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
    return parent.isValid() ? 0 : kColumnCount;
}

QString PlanModel::state(std::size_t row) const {
    const PlannedCase& planned = m_plan->cases[row];
    if (planned.rejected) return QStringLiteral("rejected: %1").arg(qs(*planned.rejected));
    QStringList skipped;
    for (const KernelTraits& kernel : m_plan->kernels)
        if (const std::string* reason = m_plan->skip_reason(row, kernel.id))
            skipped << QStringLiteral("%1 skipped: %2").arg(qs(kernel.id), qs(*reason));
    return skipped.isEmpty() ? QStringLiteral("ready") : skipped.join(QStringLiteral("; "));
}

QString PlanModel::text(std::size_t row, Column column) const {
    const PlannedCase& planned = m_plan->cases[row];
    const Shape& shape = planned.c.shape;
    switch (column) {
        case kNumber:
            return QString::number(row + 1);
        case kExperts:
            return groupedNumber(shape.experts);
        case kMaxTokens:
            return groupedNumber(shape.max_tokens);
        case kHidden:
            return groupedNumber(shape.hidden);
        case kGroupSize:
            return groupedNumber(shape.group_size);
        case kScales:
            return qs(to_string(shape.scale_format));
        case kInputType:
            return qs(to_string(shape.input_type));
        case kStrategy:
            return qs(to_string(planned.c.strategy));
        case kTokens:
            return groupedNumber(planned.c.total_tokens);
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
    if (role != Qt::DisplayRole) return {};
    if (orientation == Qt::Vertical) return section + 1;
    if (section < 0 || section >= kColumnCount) return {};
    return QString::fromUtf8(kTitles[static_cast<std::size_t>(section)]);
}

}  // namespace moescope::ui
