// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <set>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope::ui {

/// The kernels of the chosen device, with a check mark each.
class KernelListModel : public QAbstractListModel {
    Q_OBJECT

  public:
    explicit KernelListModel(QObject* parent = nullptr);

    /// Kernels of a device; check marks stay with their ids, new ids start as in the default set.
    void setKernels(std::vector<KernelTraits> kernels);
    const std::vector<KernelTraits>& kernels() const { return m_kernels; }

    /// Checked ids in the device's order.
    std::vector<std::string> checked() const;
    /// As a Selection says it: empty while nobody has departed from the default set.
    std::vector<std::string> selection() const;
    /// Empty: the default set. Ids that this device lacks are remembered for one that has them.
    void setChecked(const std::vector<std::string>& ids);

    /// Check marks as a value, to put them back as they were.
    QVariant checkState() const;
    void restoreCheckState(const QVariant& state);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

  signals:
    void checkedChanged();

  private:
    void check(bool defaults, const std::vector<std::string>& ids);
    bool isChecked(const KernelTraits& kernel) const;

    std::vector<KernelTraits> m_kernels;
    bool m_useDefaults = true;
    std::set<std::string> m_checked;
};

}  // namespace moescope::ui
