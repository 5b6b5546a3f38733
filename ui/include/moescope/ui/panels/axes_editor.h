// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QWidget>
#include <vector>

#include "moescope/ui/panels/axis_field.h"
#include "moescope/ui/panels/choices_field.h"
#include "moescope/ui/panels/divisor_field.h"
#include "moescope/ui/panels/matrix_history.h"
#include "moescope/workload/selection.h"

class QFormLayout;

namespace moescope::ui {

/// The axes of the matrix: shapes, tokens, scale formats, input types. Experts and columns are the model's;
/// expert and tensor parallelism divide them, and what is left for one device is what is measured.
class AxesEditor : public QWidget {
    Q_OBJECT

  public:
    explicit AxesEditor(QWidget* parent = nullptr);

    /// Puts the axes into `selection`. False while a field does not hold.
    bool writeTo(Selection& selection) const;
    void readFrom(const Selection& selection);
    void saveTo(FieldState& state) const;
    void restoreFrom(const FieldState& state);
    /// Files of recorded counts tell experts and tokens, so that the two axes may be left empty.
    void setCountsFromFiles(bool from_files);

    AxisField& experts() { return *m_experts; }
    AxisField& maxTokens() { return *m_maxTokens; }
    AxisField& hidden() { return *m_hidden; }
    AxisField& groupSize() { return *m_groupSize; }
    AxisField& tokens() { return *m_tokens; }
    QComboBox& tokensKind() { return *m_tokensKind; }
    ChoicesField& scaleFormats() { return *m_formats; }
    ChoicesField& inputTypes() { return *m_inputs; }
    DivisorField& expertParallel() { return *m_expertParallel; }
    DivisorField& tensorParallel() { return *m_tensorParallel; }

  signals:
    void changed();

  private:
    AxisField* addAxis(QFormLayout& form, const QString& name, std::int64_t low, std::int64_t high);
    DivisorField* addDivisor(QFormLayout& form, const QString& symbol, const QString& name,
                             const QString& tip);
    ChoicesField* addChoices(QFormLayout& form, const QString& label, const QStringList& names,
                             QBoxLayout::Direction direction);
    void divide();
    void axisChanged();

    AxisField* m_experts;
    DivisorField* m_expertParallel;
    DivisorField* m_tensorParallel;
    /// For one device; nothing while a field does not hold.
    std::optional<std::vector<std::int64_t>> m_localExperts;
    std::optional<std::vector<std::int64_t>> m_localHidden;
    AxisField* m_maxTokens;
    AxisField* m_hidden;
    AxisField* m_groupSize;
    QComboBox* m_tokensKind;
    AxisField* m_tokens;
    ChoicesField* m_formats;
    ChoicesField* m_inputs;
};

}  // namespace moescope::ui
