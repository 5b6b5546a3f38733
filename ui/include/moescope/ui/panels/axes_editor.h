// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QWidget>
#include <vector>

#include "moescope/ui/panels/axis_field.h"
#include "moescope/workload/selection.h"

class QFormLayout;

namespace moescope::ui {

/// The axes of the matrix: shapes, tokens, scale formats.
class AxesEditor : public QWidget {
    Q_OBJECT

  public:
    explicit AxesEditor(QWidget* parent = nullptr);

    /// Puts the axes into `selection`. False while a field does not hold.
    bool writeTo(Selection& selection) const;
    void readFrom(const Selection& selection);

    AxisField& experts() { return *m_experts; }
    AxisField& maxTokens() { return *m_maxTokens; }
    AxisField& hidden() { return *m_hidden; }
    AxisField& groupSize() { return *m_groupSize; }
    AxisField& tokens() { return *m_tokens; }
    QComboBox& tokensKind() { return *m_tokensKind; }

  signals:
    void changed();

  private:
    AxisField* addAxis(QFormLayout& form, const QString& label, const QString& name, std::int64_t low,
                       std::int64_t high);
    void checkFormats();

    AxisField* m_experts;
    AxisField* m_maxTokens;
    AxisField* m_hidden;
    AxisField* m_groupSize;
    QComboBox* m_tokensKind;
    AxisField* m_tokens;
    Field* m_formatsField;
    std::vector<std::pair<ScaleFormat, QCheckBox*>> m_formats;
};

}  // namespace moescope::ui
