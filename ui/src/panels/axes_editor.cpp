// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/axes_editor.h"

#include <QFormLayout>
#include <QSignalBlocker>
#include <algorithm>
#include <array>

#include "moescope/ui/support/form.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

enum TokensKind { kPerExpert, kTotal };
constexpr const char* kTokensKind = "kind of tokens";
constexpr const char* kFormats = "scale formats";
constexpr const char* kInputs = "input types";

constexpr std::array kScaleFormats{ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
constexpr std::array kInputTypes{InputType::bf16, InputType::fp16};

QStringList namesOf(const auto& all) {
    QStringList names;
    for (const auto each : all) names << qs(to_string(each));
    return names;
}

/// Those of `all` that are ticked.
template <typename T, std::size_t kCount>
std::vector<T> chosen(const ChoicesField& field, const std::array<T, kCount>& all) {
    std::vector<T> values;
    for (std::size_t i = 0; i < kCount; ++i)
        if (field.isChecked(i)) values.push_back(all[i]);
    return values;
}

template <typename T, std::size_t kCount>
void choose(ChoicesField& field, const std::array<T, kCount>& all, const std::vector<T>& values) {
    for (std::size_t i = 0; i < kCount; ++i)
        field.setChecked(i, std::find(values.begin(), values.end(), all[i]) != values.end());
}

}  // namespace

AxesEditor::AxesEditor(QWidget* parent) : QWidget(parent) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_experts = addAxis(*form, fieldName(Setting::experts), 1, 65536);
    m_expertParallel = addDivisor(*form, QStringLiteral("EP"), QStringLiteral("Expert parallel EP"),
                                  QStringLiteral("Devices that share the experts: each has E / EP of them"));
    m_maxTokens = addAxis(*form, fieldName(Setting::max_tokens), 1, 1048576);
    m_hidden = addAxis(*form, fieldName(Setting::hidden), 1, 1048576);
    m_tensorParallel = addDivisor(*form, QStringLiteral("TP"), QStringLiteral("Tensor parallel TP"),
                                  QStringLiteral("Devices that share the columns: each has H / TP of them, "
                                                 "still a multiple of G"));
    m_groupSize = addAxis(*form, fieldName(Setting::group_size), 32, 256);
    m_groupSize->setChoices({32, 64, 128, 256});
    m_groupSize->edit().setPlaceholderText(QStringLiteral("32, 64, 128, 256"));

    m_tokensKind = new QComboBox(this);
    m_tokensKind->addItems({QStringLiteral("Tokens / expert"), QStringLiteral("Total tokens")});
    m_tokensKind->setAccessibleName(QStringLiteral("What the token axis counts"));
    m_tokens = new AxisField(QStringLiteral("Tokens"), 0, std::int64_t{1} << 36, this);
    form->addRow(m_tokensKind, m_tokens);
    connect(m_tokens, &AxisField::changed, this, &AxesEditor::changed);
    connect(m_tokensKind, &QComboBox::currentIndexChanged, this, &AxesEditor::changed);

    m_formats =
        addChoices(*form, QStringLiteral("Scale format"), namesOf(kScaleFormats), QBoxLayout::TopToBottom);
    m_inputs = addChoices(*form, QStringLiteral("Input type"), namesOf(kInputTypes), QBoxLayout::LeftToRight);
    alignLabels(*form);
}

AxisField* AxesEditor::addAxis(QFormLayout& form, const QString& name, std::int64_t low, std::int64_t high) {
    auto* field = new AxisField(name, low, high, this);
    form.addRow(name, field);
    connect(field, &AxisField::changed, this, &AxesEditor::axisChanged);
    return field;
}

ChoicesField* AxesEditor::addChoices(QFormLayout& form, const QString& label, const QStringList& names,
                                     QBoxLayout::Direction direction) {
    auto* field = new ChoicesField(names, direction, label, label.toLower(), this);
    form.addRow(label, field);
    connect(field, &ChoicesField::changed, this, &AxesEditor::changed);
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
    selection.scale_formats = chosen(*m_formats, kScaleFormats);
    selection.input_types = chosen(*m_inputs, kInputTypes);
    return m_formats->isValid() && m_inputs->isValid();
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
        choose(*m_formats, kScaleFormats, selection.scale_formats);
        choose(*m_inputs, kInputTypes, selection.input_types);
    }
    divide();
    emit changed();
}

void AxesEditor::saveTo(FieldState& state) const {
    for (const AxisField* field : {m_experts, m_maxTokens, m_hidden, m_groupSize, m_tokens})
        state.insert(field->edit().accessibleName(), field->edit().text());
    for (const DivisorField* field : {m_expertParallel, m_tensorParallel})
        state.insert(field->name(), QString::number(field->divisor()));
    state.insert(QLatin1String(kTokensKind), m_tokensKind->currentIndex());
    state.insert(QLatin1String(kFormats), m_formats->state());
    state.insert(QLatin1String(kInputs), m_inputs->state());
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
            m_formats->restore(formats->toList());
        if (const auto inputs = state.constFind(QLatin1String(kInputs)); inputs != state.cend())
            m_inputs->restore(inputs->toList());
    }
    divide();
    emit changed();
}

}  // namespace moescope::ui
