// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/preset_dialog.h"

#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

PresetDialog::PresetDialog(bool renaming, QWidget* parent)
    : QDialog(parent),
      m_renaming(renaming),
      m_name(new QLineEdit),
      m_nameField(new Field(m_name, QStringLiteral("Name of the preset"))),
      m_description(new QLineEdit),
      m_replace(new QCheckBox(QStringLiteral("&Replace the preset of this name"))) {
    setObjectName(QStringLiteral("preset dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(renaming ? QStringLiteral("Rename preset") : QStringLiteral("Save as preset"));
    m_description->setAccessibleName(QStringLiteral("Description of the preset"));
    m_description->setPlaceholderText(QStringLiteral("what it is for"));
    m_name->setMinimumWidth(280);

    auto* form = new QFormLayout;
    form->addRow(QStringLiteral("&Name"), m_nameField);
    form->addRow(QStringLiteral("&Description"), m_description);
    form->addRow(QString(), m_replace);
    form->setRowVisible(m_description, !renaming);
    form->setRowVisible(m_replace, false);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    m_ok->setText(renaming ? QStringLiteral("&Rename it") : QStringLiteral("&Save"));
    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addStretch(1);
    column->addWidget(buttons);

    connect(m_name, &QLineEdit::textChanged, this, [this, form] {
        m_replace->setChecked(false);  // what was agreed to was another name
        check();
        form->setRowVisible(m_replace, !m_renaming &&
                                           QFileInfo::exists(qs(user_preset_directory() + "/") + name() +
                                                             QStringLiteral(".json")) &&
                                           !preset_name_problem(name().toStdString()));
    });
    connect(m_replace, &QCheckBox::toggled, this, &PresetDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &PresetDialog::write);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

PresetDialog::PresetDialog(Selection selection, QWidget* parent) : PresetDialog(false, parent) {
    m_selection = std::move(selection);
    check();
}

PresetDialog::PresetDialog(const QString& from, QWidget* parent) : PresetDialog(true, parent) {
    m_from = from;
    m_name->setText(from);
    m_name->selectAll();
    check();
}

void PresetDialog::check() {
    const std::string wanted = name().toStdString();
    const std::vector<UserPreset> all = user_presets();
    const bool taken =
        std::any_of(all.begin(), all.end(), [&](const UserPreset& user) { return user.preset.id == wanted; });
    QString problem;
    if (const auto bad = preset_name_problem(wanted); bad && !wanted.empty())
        problem = qs(*bad);
    else if (taken && m_renaming && name() != m_from)
        problem = QStringLiteral("preset '%1' is there already: choose another name").arg(name());
    else if (taken && !m_renaming && !m_replace->isChecked())
        problem = QStringLiteral(
                      "preset '%1' is there already: choose another name, or check that it is to be "
                      "replaced")
                      .arg(name());
    m_nameField->setError(problem);
    m_ok->setEnabled(problem.isEmpty() && !wanted.empty());
}

void PresetDialog::write() {
    try {
        const std::string wanted = name().toStdString();
        if (m_renaming)
            rename_user_preset(m_from.toStdString(), wanted);
        else
            save_user_preset({wanted, m_description->text().trimmed().toStdString(), m_selection},
                             m_replace->isChecked());
    } catch (const Error& error) {
        m_nameField->setError(errorText(error));
        return;
    }
    emit done(name());
    accept();
}

}  // namespace moescope::ui
