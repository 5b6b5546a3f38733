// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/message_bar.h"

#include <QHBoxLayout>
#include <QToolButton>

namespace moescope::ui {

MessageBar::MessageBar(QWidget* parent) : QFrame(parent), m_mark(new QLabel(this)), m_text(new QLabel(this)) {
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    m_mark->setForegroundRole(QPalette::ToolTipText);
    m_text->setForegroundRole(QPalette::ToolTipText);
    QFont bold = m_mark->font();
    bold.setBold(true);
    m_mark->setFont(bold);
    m_text->setObjectName(QStringLiteral("message"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto* close_button = new QToolButton(this);
    close_button->setText(QStringLiteral("\u00d7"));
    close_button->setAutoRaise(true);
    close_button->setAccessibleName(QStringLiteral("Close this message"));
    connect(close_button, &QToolButton::clicked, this, &QWidget::hide);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 4, 4, 4);
    row->addWidget(m_mark);
    row->addWidget(m_text, 1);
    row->addWidget(close_button);
    hide();
}

void MessageBar::showError(const QString& text) {
    showText(text, QStringLiteral("Error"));
}

void MessageBar::showNote(const QString& text) {
    showText(text, QStringLiteral("Note"));
}

void MessageBar::showText(const QString& text, const QString& mark) {
    m_mark->setText(mark);
    m_text->setText(text);
    setAccessibleDescription(text);
    show();
}

}  // namespace moescope::ui
