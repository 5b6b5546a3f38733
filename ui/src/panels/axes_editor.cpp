// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/axes_editor.h"

#include <QFormLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/form.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

enum TokensKind { kPerExpert, kTotal };

}  // namespace

AxesEditor::AxesEditor(QWidget* parent) : QWidget(parent) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_experts = addAxis(*form, QStringLiteral("Experts E"), QStringLiteral("experts"), 1, 65536);
    m_maxTokens = addAxis(*form, QStringLiteral("Capacity T"), QStringLiteral("max-tokens"), 1, 1048576);
    m_hidden = addAxis(*form, QStringLiteral("Columns H"), QStringLiteral("hidden"), 1, 1048576);
    m_groupSize = addAxis(*form, QStringLiteral("Group size G"), QStringLiteral("group-size"), 32, 256);

    m_tokensKind = new QComboBox(this);
    m_tokensKind->addItems({QStringLiteral("Tokens / expert"), QStringLiteral("Total tokens")});
    m_tokensKind->setAccessibleName(QStringLiteral("What the token axis counts"));
    m_tokens = new AxisField(QStringLiteral("tokens"), 0, std::int64_t{1} << 36, this);
    form->addRow(m_tokensKind, m_tokens);
    connect(m_tokens, &AxisField::changed, this, &AxesEditor::changed);
    connect(m_tokensKind, &QComboBox::currentIndexChanged, this, &AxesEditor::changed);

    auto* boxes = new QWidget;
    auto* column = new QVBoxLayout(boxes);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed}) {
        auto* box = new QCheckBox(qs(to_string(format)));
        column->addWidget(box);
        m_formats.emplace_back(format, box);
        connect(box, &QCheckBox::toggled, this, [this] {
            checkFormats();
            emit changed();
        });
    }
    m_formatsField = new Field(boxes, QStringLiteral("Scale formats"), this);
    form->addRow(QStringLiteral("Scale format"), m_formatsField);
    alignLabels(*form);
}

AxisField* AxesEditor::addAxis(QFormLayout& form, const QString& label, const QString& name, std::int64_t low,
                               std::int64_t high) {
    auto* field = new AxisField(name, low, high, this);
    form.addRow(label, field);
    connect(field, &AxisField::changed, this, &AxesEditor::changed);
    return field;
}

void AxesEditor::checkFormats() {
    const bool any =
        std::any_of(m_formats.begin(), m_formats.end(), [](const auto& f) { return f.second->isChecked(); });
    m_formatsField->setError(any ? QString() : QStringLiteral("choose at least one scale format"));
}

bool AxesEditor::writeTo(Selection& selection) const {
    for (const AxisField* field : {m_experts, m_maxTokens, m_hidden, m_groupSize, m_tokens})
        if (!field->values()) return false;
    selection.experts = *m_experts->values();
    selection.max_tokens = *m_maxTokens->values();
    selection.hidden = *m_hidden->values();
    selection.group_size = *m_groupSize->values();
    const bool total = m_tokensKind->currentIndex() == kTotal;
    selection.tokens_per_expert = total ? std::vector<std::int64_t>() : *m_tokens->values();
    selection.total_tokens = total ? *m_tokens->values() : std::vector<std::int64_t>();
    selection.scale_formats.clear();
    for (const auto& [format, box] : m_formats)
        if (box->isChecked()) selection.scale_formats.push_back(format);
    return !selection.scale_formats.empty();
}

void AxesEditor::readFrom(const Selection& selection) {
    {
        const QSignalBlocker quiet(this);
        m_experts->setValues(selection.experts);
        m_maxTokens->setValues(selection.max_tokens);
        m_hidden->setValues(selection.hidden);
        m_groupSize->setValues(selection.group_size);
        const bool total = !selection.total_tokens.empty();
        m_tokensKind->setCurrentIndex(total ? kTotal : kPerExpert);
        m_tokens->setValues(total ? selection.total_tokens : selection.tokens_per_expert);
        for (const auto& [format, box] : m_formats)
            box->setChecked(
                std::count(selection.scale_formats.begin(), selection.scale_formats.end(), format) > 0);
    }
    checkFormats();
    emit changed();
}

}  // namespace moescope::ui
