// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/field.h"

#include <QLabel>
#include <QVBoxLayout>

#include "moescope/ui/theme/theme.h"

namespace moescope::ui {

Field::Field(QWidget* editor, const QString& name, QWidget* parent)
    : QWidget(parent), m_editor(editor), m_error(new QLabel(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(editor);
    layout->addWidget(m_error);
    editor->setAccessibleName(name);
    if (editor->focusPolicy() != Qt::NoFocus) setFocusProxy(editor);  // so that a label's Alt key finds it
    m_error->setObjectName(QStringLiteral("error"));
    m_error->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->hide();
}

void Field::setError(const QString& message) {
    m_error->setText(message);
    m_error->setVisible(!message.isEmpty());
    // Colour is never the only sign: the text itself says that something is wrong.
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, Theme::forPalette(palette()).error);
    m_error->setPalette(colors);
    m_editor->setAccessibleDescription(message);
}

QString Field::error() const {
    return m_error->text();
}

}  // namespace moescope::ui
