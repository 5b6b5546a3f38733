// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/axis_field.h"

#include "moescope/error.h"
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

void AxisField::parse() {
    try {
        m_values = parse_axis(m_name.toStdString(), m_edit->text().toStdString(), m_low, m_high);
        setError({});
    } catch (const Error& error) {
        m_values.reset();
        setError(QString::fromUtf8(error.what()));
    }
}

void AxisField::setValues(const std::vector<std::int64_t>& values) {
    m_edit->setText(values.empty() ? QString() : qs(format_axis(values)));
}

void AxisField::setText(const QString& text) {
    m_edit->setText(text);
}

}  // namespace moescope::ui
