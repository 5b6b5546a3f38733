// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/kernel_list_model.h"

#include <QGuiApplication>
#include <QPalette>

#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/kernel_style.h"

namespace moescope::ui {

KernelListModel::KernelListModel(QObject* parent) : QAbstractListModel(parent) {}

void KernelListModel::setKernels(std::vector<KernelTraits> kernels) {
    beginResetModel();
    m_kernels = std::move(kernels);
    if (checked().empty()) m_useDefaults = true;  // what was chosen on another device is not here
    endResetModel();
    emit checkedChanged();
}

bool KernelListModel::isChecked(const KernelTraits& kernel) const {
    return m_useDefaults ? kernel.in_default_set : m_checked.count(kernel.id) > 0;
}

std::vector<std::string> KernelListModel::checked() const {
    std::vector<std::string> ids;
    for (const KernelTraits& kernel : m_kernels)
        if (isChecked(kernel)) ids.push_back(kernel.id);
    return ids;
}

void KernelListModel::setChecked(const std::vector<std::string>& ids) {
    check(ids.empty(), ids);
}

void KernelListModel::check(bool defaults, const std::vector<std::string>& ids) {
    m_useDefaults = defaults;
    m_checked = {ids.begin(), ids.end()};
    if (!m_kernels.empty())
        emit dataChanged(index(0), index(static_cast<int>(m_kernels.size()) - 1), {Qt::CheckStateRole});
    emit checkedChanged();
}

std::vector<std::string> KernelListModel::selection() const {
    return m_useDefaults ? std::vector<std::string>() : checked();
}

QVariant KernelListModel::checkState() const {
    QStringList ids;
    for (const std::string& id : m_checked) ids << qs(id);
    // In the default set nobody's choice counts.
    return QVariantList{m_useDefaults, m_useDefaults ? QStringList() : ids};
}

void KernelListModel::restoreCheckState(const QVariant& state) {
    const QVariantList parts = state.toList();
    std::vector<std::string> ids;
    for (const QString& id : parts.at(1).toStringList()) ids.push_back(id.toStdString());
    check(parts.at(0).toBool(), ids);
}

int KernelListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_kernels.size());
}

QVariant KernelListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const KernelTraits& kernel = m_kernels[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            return kernel.plugin.empty() ? qs(kernel.id)
                                         : QStringLiteral("%1 from %2").arg(qs(kernel.id), qs(kernel.plugin));
        case Qt::ToolTipRole:
            return kernel.plugin.empty()
                       ? qs(kernel.description)
                       : QStringLiteral("%1\nA kernel of the plugin %2; runs in a process of its own")
                             .arg(qs(kernel.description), qs(kernel.plugin));
        case Qt::CheckStateRole:
            return isChecked(kernel) ? Qt::Checked : Qt::Unchecked;
        case Qt::DecorationRole:
            return kernelStyle(kernel.id, Theme::forPalette(QGuiApplication::palette())).color;
        default:
            return {};
    }
}

bool KernelListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) return false;
    if (m_useDefaults) {
        const std::vector<std::string> defaults = checked();
        m_checked = {defaults.begin(), defaults.end()};
        m_useDefaults = false;
    }
    const std::string& id = m_kernels[static_cast<std::size_t>(index.row())].id;
    if (value.toInt() == Qt::Checked)
        m_checked.insert(id);
    else
        m_checked.erase(id);
    emit dataChanged(index, index, {Qt::CheckStateRole});
    emit checkedChanged();
    return true;
}

Qt::ItemFlags KernelListModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemNeverHasChildren;
}

}  // namespace moescope::ui
