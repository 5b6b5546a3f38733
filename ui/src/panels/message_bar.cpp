// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/message_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QToolButton>

#include "moescope/ui/theme/theme.h"

namespace moescope::ui {
namespace {

QString errorMark() {
    return QStringLiteral("Error");
}

}  // namespace

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), m_row(new QHBoxLayout(this)), m_mark(new QLabel(this)), m_text(new QLabel(this)) {
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

    m_row->setContentsMargins(8, 4, 4, 4);
    m_row->addWidget(m_mark);
    m_row->addWidget(m_text, 1);
    m_row->addWidget(close_button);
    hide();
}

void MessageBar::showError(const QString& text) {
    showText(text, errorMark());
}

void MessageBar::showNote(const QString& text) {
    showText(text, QStringLiteral("Note"));
}

void MessageBar::showChoices(const QString& text, const std::vector<Choice>& choices) {
    showText(text, QStringLiteral("Note"));
    for (const auto& [label, action] : choices) {
        auto* button = new QPushButton(label, this);
        m_row->insertWidget(m_row->count() - 1, button);
        m_buttons.push_back(button);
        connect(button, &QPushButton::clicked, this, [this, act = action] {
            hide();
            act();  // may show another message, which deletes the buttons
        });
    }
}

void MessageBar::clear() {
    if (m_buttons.empty()) hide();
}

/// Beside the word: what is wrong is seen at once, in either theme.
void MessageBar::colorMark() {
    QPalette colors = palette();
    if (m_mark->text() == errorMark())
        colors.setColor(QPalette::ToolTipText, Theme::forPalette(palette()).error);
    m_mark->setPalette(colors);
}

void MessageBar::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) colorMark();
}

void MessageBar::showText(const QString& text, const QString& mark) {
    for (QPushButton* button : m_buttons) {
        button->hide();
        button->deleteLater();  // one of them may be what was clicked
    }
    m_buttons.clear();
    m_mark->setText(mark);
    colorMark();
    m_text->setText(text);
    setAccessibleDescription(text);
    show();
}

}  // namespace moescope::ui
