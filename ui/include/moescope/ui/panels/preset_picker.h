// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QComboBox>
#include <QMenu>
#include <QToolButton>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "moescope/ui/panels/field.h"
#include "moescope/workload/user_presets.h"

namespace moescope::ui {

/// The presets to choose from, the user's own after those that come with the program, and a menu to save,
/// rename and delete the user's.
class PresetPicker : public Field {
    Q_OBJECT

  public:
    /// `current`: what "Save as preset..." saves; nothing while the fields do not hold.
    explicit PresetPicker(std::function<std::optional<Selection>()> current, QWidget* parent = nullptr);

    /// Shows which preset the matrix is, or that it is none.
    void mark(const std::optional<Selection>& selection);
    /// The preset that `selection` is, name aside, or "custom".
    std::string nameOf(const Selection& selection) const;

    QComboBox& box() { return *m_box; }
    QToolButton& menuButton() { return *m_menu; }
    QMenu& menu() { return *m_actions; }
    QAction& saveAction() { return *m_save; }
    QAction& renameAction() { return *m_rename; }
    QAction& deleteAction() { return *m_delete; }

  signals:
    void chosen(const moescope::Preset& preset);

  private:
    void reload();
    void choose();
    void save();
    void rename();
    void askAndDelete();
    void updateActions();
    void select(const QString& name);
    bool isOfTheUser() const;

    std::function<std::optional<Selection>()> m_current;
    QComboBox* m_box;
    QToolButton* m_menu;
    QMenu* m_actions;
    QAction* m_save;
    QAction* m_rename;
    QAction* m_delete;
    std::vector<Preset> m_presets;  ///< that can be used, built-in ones first
};

}  // namespace moescope::ui
