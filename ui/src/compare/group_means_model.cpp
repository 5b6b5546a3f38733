// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/group_means_model.h"

#include <QFont>
#include <array>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::array<const char*, GroupMeansModel::kColumnCount> kTitles{
    "Kernel", "Cells", "Geometric mean", "Slower", "Faster", "Unsure", "Same"};

}  // namespace

GroupMeansModel::GroupMeansModel(QObject* parent) : QAbstractTableModel(parent) {}

void GroupMeansModel::setCompared(ComparedPtr compared) {
    beginResetModel();
    m_compared = std::move(compared);
    endResetModel();
}

int GroupMeansModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_compared ? 0 : static_cast<int>(m_compared->comparison.groups.size());
}

int GroupMeansModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount;
}

QVariant GroupMeansModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const GroupMean& group = m_compared->comparison.groups[static_cast<std::size_t>(index.row())];
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (index.column() >= kMean ? Qt::AlignRight : Qt::AlignLeft)));
    if (role == Qt::FontRole && group.value.empty()) {
        QFont bold;
        bold.setBold(true);
        return bold;
    }
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
        case kKernel:
            return qs(group.kernel);
        case kGroup:
            return group.value.empty()            ? QStringLiteral("all")
                   : group.dimension == "experts" ? QStringLiteral("E = %1").arg(qs(group.value))
                                                  : qs(group.value);
        case kMean:
            return ratioText(group.ratio);
        case kSlower:
            return groupedNumber(group.counts.slower);
        case kFaster:
            return groupedNumber(group.counts.faster);
        case kUnsure:
            return groupedNumber(group.counts.unsure);
        default:
            return groupedNumber(group.counts.same);
    }
}

QVariant GroupMeansModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= kColumnCount) return {};
    if (role == Qt::DisplayRole) return QString::fromUtf8(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::ToolTipRole && section == kMean)
        return QStringLiteral(
            "Of the ratios B over A of all cells that have one, UNSURE ones too; no interval");
    return {};
}

}  // namespace moescope::ui
