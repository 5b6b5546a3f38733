// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>
#include <QPushButton>
#include <QStringList>
#include <set>
#include <string>

namespace moescope::ui {

/// A button with a menu of kernels that a chart may show, each with its colour. "Kernels" while all are
/// shown, else "Kernels 4 of 6".
class KernelFilter : public QPushButton {
    Q_OBJECT

  public:
    explicit KernelFilter(QWidget* parent = nullptr);

    /// What is hidden stays so for kernels that are there again.
    void setKernels(const QStringList& kernels);
    const std::set<std::string>& hidden() const { return m_hidden; }
    void setHidden(const std::set<std::string>& hidden);
    void toggle(const std::string& kernel);

  signals:
    void hiddenChanged();

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void fillMenu();
    void showState();
    void hideAllBut(const QString& kernel);

    QStringList m_kernels;
    std::set<std::string> m_hidden;
};

}  // namespace moescope::ui
