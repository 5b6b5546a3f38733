// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBoxLayout>
#include <QStringList>
#include <QVariant>
#include <vector>

#include "moescope/ui/panels/field.h"

class QCheckBox;

namespace moescope::ui {

/// Boxes to tick, at least one of them; it says so while there is none.
class ChoicesField : public Field {
    Q_OBJECT

  public:
    /// `name` becomes its accessible name; `missing` is what it asks for, in the singular: "scale format".
    ChoicesField(const QStringList& choices, QBoxLayout::Direction direction, const QString& name,
                 const QString& missing, QWidget* parent = nullptr);

    bool isChecked(std::size_t choice) const;
    void setChecked(std::size_t choice, bool checked);
    bool isValid() const;

    /// All boxes, to keep them by.
    QVariantList state() const;
    /// What is missing in `state` stays as it is.
    void restore(const QVariantList& state);

  signals:
    void changed();

  private:
    void check();

    QString m_missing;
    std::vector<QCheckBox*> m_boxes;
};

}  // namespace moescope::ui
