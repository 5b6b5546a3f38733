// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/measure_editor.h"

#include <QFormLayout>
#include <QSignalBlocker>
#include <algorithm>

#include "moescope/ui/support/form.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

MeasureEditor::MeasureEditor(QWidget* parent)
    : QWidget(parent),
      m_cache(new QComboBox(this)),
      m_ci(new QDoubleSpinBox(this)),
      m_minSamples(new QSpinBox(this)),
      m_maxSeconds(new QDoubleSpinBox(this)),
      m_seed(new QLineEdit),
      m_seedField(new Field(m_seed, QStringLiteral("Seed"), this)) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);

    for (const CacheSelection cache : {CacheSelection::cold, CacheSelection::hot, CacheSelection::both})
        m_cache->addItem(qs(to_string(cache)), static_cast<int>(cache));
    m_cache->setToolTip(
        QStringLiteral("cold: no launch finds its input in the last-level cache; hot: every one may"));
    m_ci->setRange(0.05, 50.0);
    m_ci->setSingleStep(0.25);
    m_ci->setSuffix(QStringLiteral(" %"));
    m_ci->setToolTip(
        QStringLiteral("A cell is done when half its 95 % interval is this share of its median"));
    m_minSamples->setRange(1, 100000);
    m_maxSeconds->setRange(0.01, 3600.0);
    m_maxSeconds->setSuffix(QStringLiteral(" s"));
    m_maxSeconds->setToolTip(QStringLiteral("A cell stops after this time, whatever its interval"));
    // The decimal point in the window is the one in files and on the command line.
    for (QDoubleSpinBox* box : {m_ci, m_maxSeconds}) box->setLocale(QLocale::c());

    form->addRow(QStringLiteral("Cache"), m_cache);
    form->addRow(QStringLiteral("CI target \u00b1"), m_ci);
    form->addRow(QStringLiteral("Min samples"), m_minSamples);
    form->addRow(QStringLiteral("Time per cell"), m_maxSeconds);
    form->addRow(QStringLiteral("Seed"), m_seedField);
    alignLabels(*form);

    connect(m_cache, &QComboBox::currentIndexChanged, this, &MeasureEditor::changed);
    connect(m_ci, &QDoubleSpinBox::valueChanged, this, &MeasureEditor::changed);
    connect(m_minSamples, &QSpinBox::valueChanged, this, &MeasureEditor::changed);
    connect(m_maxSeconds, &QDoubleSpinBox::valueChanged, this, &MeasureEditor::changed);
    connect(m_seed, &QLineEdit::textChanged, this, [this] {
        checkSeed();
        emit changed();
    });
}

void MeasureEditor::checkSeed() {
    bool whole = false;
    m_seed->text().toULongLong(&whole);
    m_seedField->setError(
        whole ? QString() : QStringLiteral("seed: '%1' is no whole number from 0 on").arg(m_seed->text()));
}

bool MeasureEditor::writeTo(Selection& selection) const {
    bool whole = false;
    selection.seed = m_seed->text().toULongLong(&whole);
    selection.cache = static_cast<CacheSelection>(m_cache->currentData().toInt());
    selection.measure = {m_ci->value(), m_minSamples->value(), std::max(m_maxSamples, m_minSamples->value()),
                         m_maxSeconds->value()};
    return whole;
}

void MeasureEditor::readFrom(const Selection& selection) {
    {
        const QSignalBlocker quiet(this);
        m_cache->setCurrentIndex(m_cache->findData(static_cast<int>(selection.cache)));
        m_ci->setValue(selection.measure.ci_percent);
        m_minSamples->setValue(selection.measure.min_samples);
        m_maxSeconds->setValue(selection.measure.max_seconds);
        m_maxSamples = selection.measure.max_samples;
        m_seed->setText(QString::number(selection.seed));
    }
    checkSeed();
    emit changed();
}

}  // namespace moescope::ui
