// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/field.h"

#include <QEvent>
#include <QLabel>
#include <QStringList>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/theme/theme.h"

namespace moescope::ui {
namespace {

constexpr qsizetype kLongWord = 16;
constexpr char16_t kMayBreak = 0x200b;  // a space without width

}  // namespace

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
    makeLine(*m_error);
    m_error->hide();
}

void Field::setError(const QString& message) {
    m_message = message;
    m_error->setText(breakable(message));
    m_error->setVisible(!message.isEmpty());
    colorError();
    m_editor->setAccessibleDescription(message);
    fitLines();
}

/// Colour is never the only sign: the text itself says that something is wrong.
void Field::colorError() {
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, Theme::forPalette(palette()).error);
    m_error->setPalette(colors);
}

void Field::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) colorError();
}

void Field::makeLine(QLabel& label) {
    label.setWordWrap(true);
    label.setTextFormat(Qt::PlainText);
    label.setAlignment(Qt::AlignLeft | Qt::AlignTop);  // close to what it is about
    QSizePolicy policy = label.sizePolicy();
    policy.setHorizontalPolicy(QSizePolicy::Ignored);
    label.setSizePolicy(policy);
}

QString Field::breakable(const QString& text) {
    QStringList words = text.split(QLatin1Char(' '));
    for (QString& word : words) {
        if (word.size() < kLongWord) continue;
        for (const char16_t end : {u'/', u'_', u'.', u'-', u',', u':'})
            word.replace(QChar(end), QString(QChar(end)) + QChar(kMayBreak));
    }
    return words.join(QLatin1Char(' '));
}

void Field::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitLines();
}

void Field::fitLines() {
    // A form asks no row for its height at its width, and would cut off the last line of a wrapped text.
    for (QLabel* label : findChildren<QLabel*>(QString(), Qt::FindDirectChildrenOnly)) {
        label->setMinimumHeight(0);  // a label counts the height it has been given in, and would never shrink
        label->setFixedHeight(std::max(0, label->heightForWidth(width())));
    }
}

}  // namespace moescope::ui
