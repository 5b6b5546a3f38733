// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/measure_editor.h"

#include <QFormLayout>
#include <QSignalBlocker>

#include "moescope/ui/support/form.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kMostSamples = 1'000'000;  // as the plan allows
constexpr int kMostRetries = 100;        // as the command line allows

void nameFor(QWidget& widget, const QString& name, const QString& tip) {
    widget.setAccessibleName(name);
    widget.setToolTip(tip);
}

}  // namespace

MeasureEditor::MeasureEditor(QWidget* parent)
    : QWidget(parent),
      m_cache(new QComboBox(this)),
      m_launch(new QComboBox(this)),
      m_ci(new QDoubleSpinBox(this)),
      m_minSamples(new QSpinBox(this)),
      m_maxSamples(new QSpinBox),
      m_maxSamplesField(new Field(m_maxSamples, QStringLiteral("Max samples"), this)),
      m_maxSeconds(new QDoubleSpinBox(this)),
      m_retries(new QSpinBox(this)),
      m_seed(new QLineEdit),
      m_seedField(new Field(m_seed, QStringLiteral("Seed"), this)) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);

    for (const CacheSelection cache : {CacheSelection::cold, CacheSelection::hot, CacheSelection::both})
        m_cache->addItem(qs(to_string(cache)), static_cast<int>(cache));
    nameFor(*m_cache, QStringLiteral("Cache"),
            QStringLiteral("cold: no launch finds its input in the last-level cache; hot: every one may"));
    for (const LaunchMode launch : kLaunchModes)
        m_launch->addItem(qs(to_string(launch)), static_cast<int>(launch));
    nameFor(
        *m_launch, QStringLiteral("Launch"),
        QStringLiteral(
            "graph: many launches at once, averaged; host: each one timed from call to completion; pdl: as "
            "graph, and a launch may start while the one before it ends (GPUs, silu_v3)"));
    m_ci->setRange(0.05, 50.0);
    m_ci->setSingleStep(0.25);
    m_ci->setSuffix(QStringLiteral(" %"));
    nameFor(*m_ci, QStringLiteral("CI target"),
            QStringLiteral("A cell is done when half its 95 % interval is this share of its median"));
    m_minSamples->setRange(1, kMostSamples);
    nameFor(*m_minSamples, QStringLiteral("Min samples"),
            QStringLiteral("A cell gets no fewer, unless its time is up"));
    m_maxSamples->setRange(1, kMostSamples);
    nameFor(*m_maxSamples, QStringLiteral("Max samples"), QStringLiteral("A cell gets no more"));
    m_maxSeconds->setRange(0.01, 3600.0);
    m_maxSeconds->setSuffix(QStringLiteral(" s"));
    nameFor(*m_maxSeconds, QStringLiteral("Time per cell"),
            QStringLiteral("A cell stops after this time, whatever its interval"));
    m_retries->setRange(0, kMostRetries);
    m_retries->setSpecialValueText(QStringLiteral("off"));
    nameFor(*m_retries, QStringLiteral("Retry throttled"),
            QStringLiteral(
                "Cases with a cell that was measured while the device was held back are measured again "
                "at the end of the sweep, at most this many times"));
    m_seed->setToolTip(
        QStringLiteral("Of the random strategies: the same seed gives the same counts anywhere"));
    // The decimal point in the window is the one in files and on the command line.
    for (QDoubleSpinBox* box : {m_ci, m_maxSeconds}) box->setLocale(QLocale::c());
    for (QSpinBox* box : {m_minSamples, m_maxSamples, m_retries}) box->setLocale(QLocale::c());

    form->addRow(QStringLiteral("Cache"), m_cache);
    form->addRow(QStringLiteral("Launch"), m_launch);
    form->addRow(QStringLiteral("CI target \u00b1"), m_ci);
    form->addRow(QStringLiteral("Min samples"), m_minSamples);
    form->addRow(QStringLiteral("Max samples"), m_maxSamplesField);
    form->addRow(QStringLiteral("Time per cell"), m_maxSeconds);
    form->addRow(QStringLiteral("Retry throttled"), m_retries);
    form->addRow(QStringLiteral("Seed"), m_seedField);
    alignLabels(*form);

    for (QComboBox* box : {m_cache, m_launch})
        connect(box, &QComboBox::currentIndexChanged, this, &MeasureEditor::changed);
    for (QDoubleSpinBox* box : {m_ci, m_maxSeconds})
        connect(box, &QDoubleSpinBox::valueChanged, this, &MeasureEditor::changed);
    connect(m_retries, &QSpinBox::valueChanged, this, &MeasureEditor::changed);
    const auto checked = [this] {
        check();
        emit changed();
    };
    for (QSpinBox* box : {m_minSamples, m_maxSamples}) connect(box, &QSpinBox::valueChanged, this, checked);
    connect(m_seed, &QLineEdit::textChanged, this, checked);
}

void MeasureEditor::check() {
    bool whole = false;
    m_seed->text().toULongLong(&whole);
    m_seedField->setError(
        whole ? QString() : QStringLiteral("seed: '%1' is no whole number from 0 on").arg(m_seed->text()));
    m_maxSamplesField->setError(samplesHold()
                                    ? QString()
                                    : QStringLiteral("max samples %1 is below min samples %2: raise it")
                                          .arg(m_maxSamples->value())
                                          .arg(m_minSamples->value()));
}

bool MeasureEditor::writeTo(Selection& selection) const {
    bool whole = false;
    selection.seed = m_seed->text().toULongLong(&whole);
    selection.cache = static_cast<CacheSelection>(m_cache->currentData().toInt());
    selection.launch = static_cast<LaunchMode>(m_launch->currentData().toInt());
    selection.measure = {m_ci->value(), m_minSamples->value(), m_maxSamples->value(), m_maxSeconds->value()};
    return whole && samplesHold();
}

void MeasureEditor::readFrom(const Selection& selection) {
    {
        const QSignalBlocker quiet(this);
        m_cache->setCurrentIndex(m_cache->findData(static_cast<int>(selection.cache)));
        m_launch->setCurrentIndex(m_launch->findData(static_cast<int>(selection.launch)));
        m_ci->setValue(selection.measure.ci_percent);
        m_minSamples->setValue(selection.measure.min_samples);
        m_maxSamples->setValue(selection.measure.max_samples);
        m_maxSeconds->setValue(selection.measure.max_seconds);
        m_seed->setText(QString::number(selection.seed));
    }
    check();
    emit changed();
}

void MeasureEditor::saveTo(FieldState& state) const {
    for (const QComboBox* box : {m_cache, m_launch}) state.insert(box->accessibleName(), box->currentIndex());
    for (const QDoubleSpinBox* box : {m_ci, m_maxSeconds})
        state.insert(box->accessibleName(), QString::number(box->value(), 'g', 15));
    for (const QSpinBox* box : {m_minSamples, m_maxSamples, m_retries})
        state.insert(box->accessibleName(), QString::number(box->value()));
    state.insert(m_seed->accessibleName(), m_seed->text());
}

void MeasureEditor::restoreFrom(const FieldState& state) {
    const auto restore = [&state](const QWidget& widget, auto&& set) {
        if (const auto value = state.constFind(widget.accessibleName()); value != state.cend()) set(*value);
    };
    {
        const QSignalBlocker quiet(this);
        for (QComboBox* box : {m_cache, m_launch})
            restore(*box, [box](const QVariant& value) { box->setCurrentIndex(value.toInt()); });
        for (QDoubleSpinBox* box : {m_ci, m_maxSeconds})
            restore(*box, [box](const QVariant& value) { box->setValue(value.toDouble()); });
        for (QSpinBox* box : {m_minSamples, m_maxSamples, m_retries})
            restore(*box, [box](const QVariant& value) { box->setValue(value.toInt()); });
        restore(*m_seed, [this](const QVariant& value) { m_seed->setText(value.toString()); });
    }
    check();
    emit changed();
}

}  // namespace moescope::ui
