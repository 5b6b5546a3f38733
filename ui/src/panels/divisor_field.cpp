// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/divisor_field.h"

#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/text.h"
#include "moescope/workload/axis.h"

namespace moescope::ui {
namespace {

constexpr int kMostDevices = 4096;

}  // namespace

DivisorField::DivisorField(const QString& symbol, const QString& name, const QString& tip, QWidget* parent)
    : Field(new QSpinBox, name, parent),
      m_symbol(symbol),
      m_spin(findChild<QSpinBox*>()),
      m_note(new QLabel) {
    m_spin->setRange(1, kMostDevices);
    m_spin->setToolTip(tip);
    m_note->setObjectName(QStringLiteral("note"));
    makeLine(*m_note);
    m_note->hide();
    static_cast<QVBoxLayout*>(layout())->insertWidget(1, m_note);
    connect(m_spin, &QSpinBox::valueChanged, this, &DivisorField::changed);
}

std::optional<std::vector<std::int64_t>> DivisorField::divide(
    const std::optional<std::vector<std::int64_t>>& values, const QString& axis) {
    setError({});
    m_note->hide();
    m_note->clear();
    const int by = divisor();
    if (!values || by == 1) return values;
    std::vector<std::int64_t> quotients;
    for (const std::int64_t value : *values) {
        if (value % by != 0) {
            setError(QStringLiteral("%1 %2 cannot be divided by %3 %4: choose a divisor of it")
                         .arg(axis, groupedNumber(value), m_symbol)
                         .arg(by));
            return std::nullopt;
        }
        quotients.push_back(value / by);
    }
    m_note->setText(breakable(QStringLiteral("%1 / %2 %3 = %4")
                                  .arg(qs(format_axis(*values)), m_symbol)
                                  .arg(by)
                                  .arg(qs(format_axis(quotients)))));
    m_note->show();
    fitLines();
    return quotients;
}

}  // namespace moescope::ui
