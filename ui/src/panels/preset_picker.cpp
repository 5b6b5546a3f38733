// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/preset_picker.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QMessageBox>
#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/panels/preset_dialog.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kCustomName = "custom";
constexpr int kProblemRole = Qt::UserRole + 1;
constexpr int kUserRole = Qt::UserRole + 2;

/// Equal but for the name.
bool sameMatrix(Selection a, const Selection& b) {
    a.name = b.name;
    return a == b;
}

}  // namespace

PresetPicker::PresetPicker(std::function<std::optional<Selection>()> current, QWidget* parent)
    : Field(new QWidget, QStringLiteral("Preset"), parent),
      m_current(std::move(current)),
      m_box(new QComboBox),
      m_menu(new QToolButton) {
    m_box->setObjectName(QStringLiteral("preset"));
    m_box->setAccessibleName(QStringLiteral("Preset"));
    // A long name must not make the panel wide.
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(10);
    m_menu->setText(QStringLiteral("\u22ee"));
    m_menu->setAutoRaise(true);
    m_menu->setFocusPolicy(Qt::StrongFocus);
    m_menu->setToolTip(QStringLiteral("Save, rename and delete presets of your own"));
    m_menu->setAccessibleName(QStringLiteral("Presets of your own"));
    m_actions = new QMenu(m_menu);
    m_save = m_actions->addAction(QStringLiteral("&Save as preset..."), this, &PresetPicker::save);
    m_rename = m_actions->addAction(QStringLiteral("&Rename..."), this, &PresetPicker::rename);
    m_delete = m_actions->addAction(QStringLiteral("&Delete..."), this, &PresetPicker::askAndDelete);
    // A menu of the button's own would bring an arrow that covers its text.
    connect(m_menu, &QToolButton::clicked, this,
            [this] { m_actions->popup(m_menu->mapToGlobal(QPoint(0, m_menu->height()))); });

    QWidget* editor = layout()->itemAt(0)->widget();
    auto* row = new QHBoxLayout(editor);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    row->addWidget(m_box, 1);
    row->addWidget(m_menu);
    setFocusProxy(m_box);

    connect(m_box, &QComboBox::activated, this, &PresetPicker::choose);
    connect(m_box, &QComboBox::currentIndexChanged, this, &PresetPicker::updateActions);
    connect(m_actions, &QMenu::aboutToShow, this, &PresetPicker::updateActions);
    reload();
}

void PresetPicker::reload() {
    const QString shown = m_box->currentData().toString();
    m_presets = presets();
    m_box->clear();
    m_box->addItem(QStringLiteral("Custom"), QLatin1String(kCustomName));
    const auto add = [this](const Preset& preset, const QString& text, const QString& tip) {
        m_box->addItem(text, qs(preset.id));
        m_box->setItemData(m_box->count() - 1, tip, Qt::ToolTipRole);
    };
    for (const Preset& preset : presets()) add(preset, qs(preset.id), qs(preset.description));
    const std::vector<UserPreset> mine = user_presets();
    if (!mine.empty()) m_box->insertSeparator(m_box->count());
    for (const UserPreset& user : mine) {
        const QString id = qs(user.preset.id);
        const bool good = user.problem.empty();
        add(user.preset, good ? id : QStringLiteral("%1 (broken)").arg(id),
            good ? qs(user.preset.description) : qs(user.problem));
        m_box->setItemData(m_box->count() - 1, true, kUserRole);
        m_box->setItemData(m_box->count() - 1, qs(user.problem), kProblemRole);
        if (good) m_presets.push_back(user.preset);
    }
    select(shown);
}

void PresetPicker::select(const QString& name) {
    m_box->setCurrentIndex(std::max(0, m_box->findData(name)));
    m_box->setToolTip(m_box->currentData(Qt::ToolTipRole).toString());
    updateActions();
}

bool PresetPicker::isOfTheUser() const {
    return m_box->currentData(kUserRole).toBool();
}

void PresetPicker::updateActions() {
    m_save->setEnabled(m_current && m_current().has_value());
    m_rename->setEnabled(isOfTheUser());
    m_delete->setEnabled(isOfTheUser());
}

void PresetPicker::choose() {
    const QString problem = m_box->currentData(kProblemRole).toString();
    setError(problem.isEmpty() ? QString() : QStringLiteral("%1; mend or delete it").arg(problem));
    if (!problem.isEmpty()) return;  // stays selected, so that it can be deleted
    const std::string id = m_box->currentData().toString().toStdString();
    for (const Preset& preset : m_presets) {
        if (preset.id != id) continue;
        const Preset copy = preset;  // who listens may make this list anew
        emit chosen(copy);
        return;
    }
}

std::string PresetPicker::nameOf(const Selection& selection) const {
    std::string shown = m_box->currentData().toString().toStdString();
    std::string found = kCustomName;
    for (const Preset& preset : m_presets) {
        if (!sameMatrix(selection, preset.selection)) continue;
        if (preset.id == shown) return shown;  // of several that are the same
        if (found == kCustomName) found = preset.id;
    }
    return found;
}

void PresetPicker::mark(const std::optional<Selection>& selection) {
    setError({});
    select(selection ? qs(nameOf(*selection)) : QString());
}

void PresetPicker::save() {
    const std::optional<Selection> selection = m_current();
    if (!selection) return;
    auto* dialog = new PresetDialog(*selection, window());
    connect(dialog, &PresetDialog::done, this, [this](const QString& name) {
        reload();
        select(name);
    });
    dialog->open();
}

void PresetPicker::rename() {
    auto* dialog = new PresetDialog(m_box->currentData().toString(), window());
    connect(dialog, &PresetDialog::done, this, [this](const QString& name) {
        reload();
        select(name);
    });
    dialog->open();
}

void PresetPicker::askAndDelete() {
    const QString name = m_box->currentData().toString();
    auto* box =
        new QMessageBox(QMessageBox::Question, QStringLiteral("Delete preset"),
                        QStringLiteral("Delete the preset '%1'? The fields stay as they are.").arg(name),
                        QMessageBox::Cancel, window());
    box->setObjectName(QStringLiteral("delete preset"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto* confirm = box->addButton(QStringLiteral("&Delete"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    connect(confirm, &QAbstractButton::clicked, this, [this, name] {
        try {
            remove_user_preset(name.toStdString());
            setError({});
        } catch (const Error& error) {
            setError(errorText(error));
        }
        reload();
    });
    box->open();
}

}  // namespace moescope::ui
