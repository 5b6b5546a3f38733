// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <cstdint>
#include <optional>
#include <vector>

#include "moescope/ui/panels/field.h"

namespace moescope::ui {

/// An integer axis as text: lists and ranges such as "8, 32, 256" or "8:512:*2".
class AxisField : public Field {
    Q_OBJECT

  public:
    AxisField(const QString& name, std::int64_t low, std::int64_t high, QWidget* parent = nullptr);

    /// Nothing while the text does not parse; the reason then stands beneath it.
    std::optional<std::vector<std::int64_t>> values() const { return m_values; }
    void setValues(const std::vector<std::int64_t>& values);
    void setText(const QString& text);
    QLineEdit& edit() { return *m_edit; }
    const QLineEdit& edit() const { return *m_edit; }
    /// Without: nothing given is an error.
    void setMayBeEmpty(bool may_be_empty);
    /// Only these values are any good; empty: all of the range.
    void setChoices(std::vector<std::int64_t> choices);

  signals:
    void changed();

  private:
    void parse();
    /// Throws Error.
    std::vector<std::int64_t> read() const;
    std::string choices() const;

    QLineEdit* m_edit;
    QString m_name;
    std::int64_t m_low;
    std::int64_t m_high;
    bool m_mayBeEmpty = false;
    std::vector<std::int64_t> m_choices;
    std::optional<std::vector<std::int64_t>> m_values;
};

}  // namespace moescope::ui
