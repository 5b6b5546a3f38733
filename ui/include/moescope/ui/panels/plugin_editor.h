// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>
#include <QVBoxLayout>
#include <vector>

#include "moescope/ui/panels/field.h"
#include "moescope/ui/sweep/plugin_loader.h"

namespace moescope::ui {

/// "Add kernel..." and the plugins that are loaded, each with a button to unload it. What is wrong with a
/// file is told beneath.
class PluginEditor : public Field {
    Q_OBJECT

  public:
    explicit PluginEditor(QWidget* parent = nullptr);

    /// Without, nothing can be added.
    void setLoader(PluginLoader* loader);
    void addFile(const QString& file);
    QToolButton& addButton() { return *m_add; }
    /// One for each plugin that is loaded.
    const std::vector<QToolButton*>& removeButtons() const { return m_remove; }

  signals:
    /// Rows came or went.
    void rowsChanged();

  private:
    void ask();
    void fill();

    PluginLoader* m_loader = nullptr;
    QVBoxLayout* m_column;
    QToolButton* m_add;
    std::vector<QWidget*> m_rows;
    std::vector<QToolButton*> m_remove;
    QString m_folder;  ///< where the last file was
};

}  // namespace moescope::ui
