// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/axis_field.h"

#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"
#include "moescope/workload/axis.h"

namespace moescope::ui {

AxisField::AxisField(const QString& name, std::int64_t low, std::int64_t high, QWidget* parent)
    : Field(new QLineEdit, name, parent),
      m_edit(findChild<QLineEdit*>()),
      m_name(name),
      m_low(low),
      m_high(high) {
    m_edit->setPlaceholderText(QStringLiteral("8, 32, 256 or 8:512:*2"));
    m_edit->setToolTip(QStringLiteral("%1: numbers and ranges, separated by commas.\n"
                                      "8:64:8 counts in steps of 8, 8:512:*2 doubles.")
                           .arg(name));
    connect(m_edit, &QLineEdit::textChanged, this, [this] {
        parse();
        emit changed();
    });
    parse();
}

void AxisField::setMayBeEmpty(bool may_be_empty) {
    if (m_mayBeEmpty == may_be_empty) return;
    m_mayBeEmpty = may_be_empty;
    parse();
}

void AxisField::setChoices(std::vector<std::int64_t> choices) {
    m_choices = std::move(choices);
    parse();
}

void AxisField::parse() {
    try {
        m_values = read();
        setError({});
    } catch (const Error& error) {
        m_values.reset();
        setError(errorText(error));
    }
}

std::vector<std::int64_t> AxisField::read() const {
    const std::string name = m_name.toStdString();
    const QString text = m_edit->text().trimmed();
    if (text.isEmpty()) {
        if (m_mayBeEmpty) return {};
        throw Error(name + ": nothing is given; write a list like 8,16,32 or a range like 8:512:*2");
    }
    std::vector<std::int64_t> values = parse_axis(name, text.toStdString(), m_low, m_high);
    for (const std::int64_t value : values)
        if (!m_choices.empty() && std::count(m_choices.begin(), m_choices.end(), value) == 0)
            throw Error(name + ": " + std::to_string(value) + " is not possible; choose from " + choices());
    return values;
}

std::string AxisField::choices() const {
    std::string text;
    for (const std::int64_t choice : m_choices) text += (text.empty() ? "" : ", ") + std::to_string(choice);
    return text;
}

void AxisField::setValues(const std::vector<std::int64_t>& values) {
    m_edit->setText(values.empty() ? QString() : qs(format_axis(values)));
}

void AxisField::setText(const QString& text) {
    m_edit->setText(text);
}

}  // namespace moescope::ui
