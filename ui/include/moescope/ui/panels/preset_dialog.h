// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QDialog>
#include <QLineEdit>
#include <QPushButton>

#include "moescope/ui/panels/field.h"
#include "moescope/workload/user_presets.h"

namespace moescope::ui {

/// Asks for the name of a preset and writes it: a new one, or another name for one that is there. A name that
/// cannot be is told beneath it; one that is taken needs a check mark before it is replaced.
class PresetDialog : public QDialog {
    Q_OBJECT

  public:
    /// Saves `selection`.
    PresetDialog(Selection selection, QWidget* parent);
    /// Renames.
    PresetDialog(const QString& from, QWidget* parent);

    QLineEdit& nameEdit() { return *m_name; }
    QLineEdit& descriptionEdit() { return *m_description; }
    QCheckBox& replaceBox() { return *m_replace; }
    QPushButton& okButton() { return *m_ok; }
    QString error() const { return m_nameField->error(); }

  signals:
    /// It is on disk under this name.
    void done(const QString& name);

  private:
    PresetDialog(bool renaming, QWidget* parent);
    void check();
    void write();
    QString name() const { return m_name->text().trimmed(); }

    Selection m_selection;
    QString m_from;  ///< empty: saving
    bool m_renaming;
    QLineEdit* m_name;
    Field* m_nameField;
    QLineEdit* m_description;
    QCheckBox* m_replace;
    QPushButton* m_ok;
};

}  // namespace moescope::ui
