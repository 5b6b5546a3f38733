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
constexpr const char* kTokensKind = "kind of tokens";
constexpr const char* kFormats = "scale formats";

}  // namespace

AxesEditor::AxesEditor(QWidget* parent) : QWidget(parent) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_experts = addAxis(*form, QStringLiteral("Experts E"), QStringLiteral("experts"), 1, 65536);
    m_expertParallel = addDivisor(*form, QStringLiteral("EP"), QStringLiteral("Expert parallel EP"),
                                  QStringLiteral("Devices that share the experts: each has E / EP of them"));
    m_maxTokens = addAxis(*form, QStringLiteral("Capacity T"), QStringLiteral("max-tokens"), 1, 1048576);
    m_hidden = addAxis(*form, QStringLiteral("Columns H"), QStringLiteral("hidden"), 1, 1048576);
    m_tensorParallel = addDivisor(*form, QStringLiteral("TP"), QStringLiteral("Tensor parallel TP"),
                                  QStringLiteral("Devices that share the columns: each has H / TP of them, "
                                                 "still a multiple of G"));
    m_groupSize = addAxis(*form, QStringLiteral("Group size G"), QStringLiteral("group-size"), 32, 256);
    m_groupSize->setChoices({32, 64, 128, 256});
    m_groupSize->edit().setPlaceholderText(QStringLiteral("32, 64, 128, 256"));

    m_tokensKind = new QComboBox(this);
    m_tokensKind->addItems({QStringLiteral("Tokens / expert"), QStringLiteral("Total tokens")});
    m_tokensKind->setAccessibleName(QStringLiteral("What the token axis counts"));
    m_tokens = new AxisField(QStringLiteral("tokens"), 0, std::int64_t{1} << 36, this);
    form->addRow(m_tokensKind, m_tokens);
    m_tokens->edit().setAccessibleName(QStringLiteral("Tokens"));
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
    field->edit().setAccessibleName(label);
    connect(field, &AxisField::changed, this, &AxesEditor::axisChanged);
    return field;
}

DivisorField* AxesEditor::addDivisor(QFormLayout& form, const QString& symbol, const QString& name,
                                     const QString& tip) {
    auto* field = new DivisorField(symbol, name, tip, this);
    form.addRow(name.section(QLatin1Char(' '), 0, 1), field);
    connect(field, &DivisorField::changed, this, &AxesEditor::axisChanged);
    return field;
}

void AxesEditor::axisChanged() {
    divide();
    emit changed();
}

void AxesEditor::divide() {
    m_localExperts = m_expertParallel->divide(m_experts->values(), QStringLiteral("E"));
    m_localHidden = m_tensorParallel->divide(m_hidden->values(), QStringLiteral("H"));
    // Undivided, the plan says which cases cannot be; divided, the divisor is what is wrong.
    const std::optional<std::vector<std::int64_t>> groups = m_groupSize->values();
    if (!m_localHidden || m_tensorParallel->divisor() == 1 || !groups) return;
    for (const std::int64_t columns : *m_localHidden) {
        for (const std::int64_t group : *groups) {
            if (columns % group == 0) continue;
            m_tensorParallel->setError(
                QStringLiteral("H / TP %1 leaves %2 columns, no multiple of G %3: choose a smaller TP")
                    .arg(m_tensorParallel->divisor())
                    .arg(columns)
                    .arg(group));
            m_localHidden.reset();
            return;
        }
    }
}

void AxesEditor::setCountsFromFiles(bool from_files) {
    m_experts->setMayBeEmpty(from_files);
    m_tokens->setMayBeEmpty(from_files);
    divide();
}

void AxesEditor::checkFormats() {
    const bool any =
        std::any_of(m_formats.begin(), m_formats.end(), [](const auto& f) { return f.second->isChecked(); });
    m_formatsField->setError(any ? QString() : QStringLiteral("choose at least one scale format"));
}

bool AxesEditor::writeTo(Selection& selection) const {
    for (const AxisField* field : {m_maxTokens, m_groupSize, m_tokens})
        if (!field->values()) return false;
    if (!m_localExperts || !m_localHidden) return false;
    selection.experts = *m_localExperts;
    selection.max_tokens = *m_maxTokens->values();
    selection.hidden = *m_localHidden;
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
        m_expertParallel->setDivisor(1);
        m_tensorParallel->setDivisor(1);
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
    divide();
    emit changed();
}

void AxesEditor::saveTo(FieldState& state) const {
    for (const AxisField* field : {m_experts, m_maxTokens, m_hidden, m_groupSize, m_tokens})
        state.insert(field->edit().accessibleName(), field->edit().text());
    for (const DivisorField* field : {m_expertParallel, m_tensorParallel})
        state.insert(field->name(), QString::number(field->divisor()));
    state.insert(QLatin1String(kTokensKind), m_tokensKind->currentIndex());
    QVariantList formats;
    for (const auto& [format, box] : m_formats) formats << box->isChecked();
    state.insert(QLatin1String(kFormats), formats);
}

void AxesEditor::restoreFrom(const FieldState& state) {
    {
        const QSignalBlocker quiet(this);
        for (AxisField* field : {m_experts, m_maxTokens, m_hidden, m_groupSize, m_tokens})
            if (const auto text = state.constFind(field->edit().accessibleName()); text != state.cend())
                field->setText(text->toString());
        for (DivisorField* field : {m_expertParallel, m_tensorParallel})
            if (const auto text = state.constFind(field->name()); text != state.cend())
                field->setDivisor(text->toInt());
        if (const auto kind = state.constFind(QLatin1String(kTokensKind)); kind != state.cend())
            m_tokensKind->setCurrentIndex(kind->toInt());
        if (const auto formats = state.constFind(QLatin1String(kFormats)); formats != state.cend())
            for (std::size_t at = 0; at < m_formats.size(); ++at)
                m_formats[at].second->setChecked(formats->toList().at(static_cast<qsizetype>(at)).toBool());
    }
    checkFormats();
    divide();
    emit changed();
}

}  // namespace moescope::ui
