// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/choices_field.h"

#include <QCheckBox>
#include <algorithm>

namespace moescope::ui {

ChoicesField::ChoicesField(const QStringList& choices, QBoxLayout::Direction direction, const QString& name,
                           const QString& missing, QWidget* parent)
    : Field(new QWidget, name, parent), m_missing(missing) {
    QWidget* const boxes = editor();
    auto* layout = new QBoxLayout(direction, boxes);
    layout->setContentsMargins(0, 0, 0, 0);
    const bool is_row = direction == QBoxLayout::LeftToRight;
    layout->setSpacing(is_row ? 12 : 2);
    for (const QString& choice : choices) {
        auto* box = new QCheckBox(choice);
        layout->addWidget(box);
        m_boxes.push_back(box);
        connect(box, &QCheckBox::toggled, this, [this] {
            check();
            emit changed();
        });
    }
    if (is_row) layout->addStretch();
}

bool ChoicesField::isChecked(std::size_t choice) const {
    return m_boxes[choice]->isChecked();
}

void ChoicesField::setChecked(std::size_t choice, bool checked) {
    m_boxes[choice]->setChecked(checked);
    check();
}

bool ChoicesField::isValid() const {
    return std::any_of(m_boxes.begin(), m_boxes.end(), [](const QCheckBox* box) { return box->isChecked(); });
}

QVariantList ChoicesField::state() const {
    QVariantList state;
    for (const QCheckBox* box : m_boxes) state << box->isChecked();
    return state;
}

void ChoicesField::restore(const QVariantList& state) {
    for (std::size_t i = 0; i < m_boxes.size() && i < static_cast<std::size_t>(state.size()); ++i)
        m_boxes[i]->setChecked(state[static_cast<qsizetype>(i)].toBool());
    check();
}

void ChoicesField::check() {
    setError(isValid() ? QString() : QStringLiteral("choose at least one %1").arg(m_missing));
}

}  // namespace moescope::ui
