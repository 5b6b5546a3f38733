// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/plugin_editor.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>

namespace moescope::ui {

PluginEditor::PluginEditor(QWidget* parent)
    : Field(new QWidget, QStringLiteral("Plugins"), parent), m_add(new QToolButton) {
    m_column = new QVBoxLayout(layout()->itemAt(0)->widget());
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(2);
    m_add->setAutoRaise(true);
    m_add->setFocusPolicy(Qt::StrongFocus);
    m_add->setToolTip(
        QStringLiteral("Load a shared library with kernels of your own; it runs in a process of its own"));
    m_column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QToolButton::clicked, this, &PluginEditor::ask);
    fill();
}

void PluginEditor::setLoader(PluginLoader* loader) {
    m_loader = loader;
    connect(loader, &PluginLoader::busyChanged, this, &PluginEditor::fill);
    connect(loader, &PluginLoader::loaded, this, [this] { setError({}); });
    connect(loader, &PluginLoader::failed, this, &PluginEditor::setError);
    fill();
}

void PluginEditor::ask() {
    const QString file = QFileDialog::getOpenFileName(
        this, QStringLiteral("Add kernel"), m_folder,
        QStringLiteral("Shared libraries with kernels (*.so *.so.*);;All files (*)"));
    if (!file.isEmpty()) addFile(file);
}

void PluginEditor::addFile(const QString& file) {
    if (m_loader == nullptr) return;
    m_folder = QFileInfo(file).path();
    setError({});
    m_loader->add(file);
}

void PluginEditor::fill() {
    const bool busy = m_loader != nullptr && m_loader->isBusy();
    m_add->setText(busy ? QStringLiteral("Loading...") : QStringLiteral("Add kernel..."));
    m_add->setEnabled(m_loader != nullptr && !busy);
    for (QWidget* row : m_rows) {
        row->hide();
        row->deleteLater();  // its own button may be what asked for this
    }
    m_rows.clear();
    m_remove.clear();
    for (const QString& file : m_loader == nullptr ? QStringList() : m_loader->files()) {
        const QString name = QFileInfo(file).fileName();
        auto* row = new QWidget;
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(4, 0, 0, 0);
        auto* label = new QLabel;
        label->setText(label->fontMetrics().elidedText(name, Qt::ElideMiddle, 200));
        label->setToolTip(file);
        auto* remove = new QToolButton;
        remove->setText(QStringLiteral("\u00d7"));
        remove->setAutoRaise(true);
        remove->setFocusPolicy(Qt::StrongFocus);
        remove->setEnabled(!busy);
        remove->setToolTip(QStringLiteral("Unload %1").arg(name));
        remove->setAccessibleName(remove->toolTip());
        connect(remove, &QToolButton::clicked, this, [this, file] { m_loader->remove(file); });
        line->addWidget(label, 1);
        line->addWidget(remove);
        m_column->insertWidget(m_column->count() - 1, row);
        m_rows.push_back(row);
        m_remove.push_back(remove);
    }
    emit rowsChanged();
}

}  // namespace moescope::ui
