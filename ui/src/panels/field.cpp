// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/field.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

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
    m_error->setAlignment(Qt::AlignLeft | Qt::AlignTop);  // close to what it is about
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
    fitLines();
}

void Field::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitLines();
}

void Field::fitLines() {
    // A form asks no row for its height at its width, and would cut off the last line of a wrapped text.
    for (QLabel* label : findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly))
        label->setMinimumHeight(label->wordWrap() ? std::max(0, label->heightForWidth(width())) : 0);
}

QString Field::error() const {
    return m_error->text();
}

}  // namespace moescope::ui
