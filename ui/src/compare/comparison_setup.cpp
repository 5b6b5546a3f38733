// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_setup.h"

#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "moescope/ui/support/table.h"

namespace moescope::ui {

ComparisonSetup::ComparisonSetup(QWidget* parent)
    : QWidget(parent),
      m_sources(new SourcesModel(this)),
      m_view(new QTableView(this)),
      m_add(new QPushButton(QStringLiteral("&Add files..."), this)),
      m_metric(new QComboBox(this)),
      m_threshold(new QDoubleSpinBox(this)),
      m_repetitions(new QCheckBox(QStringLiteral("All of &B are runs of one build"), this)),
      m_baseKernel(new QComboBox(this)),
      m_otherKernel(new QComboBox(this)) {
    prepareTable(*m_view, QStringLiteral("Sessions to compare"));
    m_view->setModel(m_sources);
    m_view->horizontalHeader()->setSectionResizeMode(SourcesModel::kSession, QHeaderView::Stretch);
    for (const int column : {SourcesModel::kBase, SourcesModel::kOther, SourcesModel::kCells})
        m_view->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_add->setToolTip(
        QStringLiteral("Sessions, or the printed output of vLLM's benchmark script (.txt, .log)"));

    for (const CompareMetric metric :
         {CompareMetric::time, CompareMetric::bandwidth, CompareMetric::efficiency})
        m_metric->addItem(
            QString::fromUtf8(to_string(metric).data(), static_cast<qsizetype>(to_string(metric).size())),
            static_cast<int>(metric));
    m_metric->setAccessibleName(QStringLiteral("Metric"));
    m_metric->setToolTip(
        QStringLiteral("Efficiency compares each session with its own limit: for different GPUs"));
    m_threshold->setRange(0.1, 100.0);
    m_threshold->setDecimals(2);
    m_threshold->setLocale(QLocale::c());  // the decimal point of files and of the command line
    m_threshold->setSingleStep(0.5);
    m_threshold->setSuffix(QStringLiteral(" %"));
    m_threshold->setValue(CompareOptions{}.threshold_percent);
    m_threshold->setKeyboardTracking(false);
    m_threshold->setAccessibleName(QStringLiteral("Threshold"));
    m_threshold->setToolTip(QStringLiteral("What matters in practice: differences within it are SAME"));
    m_repetitions->setToolTip(
        QStringLiteral("Compare them as one, drift between them counted as noise; else one after the other"));
    m_baseKernel->setAccessibleName(QStringLiteral("Kernel of A"));
    m_otherKernel->setAccessibleName(QStringLiteral("Kernel of B"));
    const QString kernel_tip = QStringLiteral(
        "Compare a kernel of A with one of another name of B, such as silu_v2 "
        "with silu_v3, and nothing else but stream41, which tells drift");
    m_baseKernel->setToolTip(kernel_tip);
    m_otherKernel->setToolTip(kernel_tip);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 6);
    auto* intro = new QLabel(QStringLiteral("A is the base, B is compared with it:"), this);
    intro->setWordWrap(true);
    column->addWidget(intro);
    column->addWidget(m_view, 1);
    column->addWidget(m_add);
    column->addWidget(m_repetitions);
    auto* form = new QFormLayout;
    form->addRow(QStringLiteral("&Metric"), m_metric);
    form->addRow(QStringLiteral("&Threshold"), m_threshold);
    form->addRow(QStringLiteral("&Kernel of A"), m_baseKernel);
    form->addRow(QStringLiteral("as ker&nel of B"), m_otherKernel);
    column->addLayout(form);

    connect(m_add, &QPushButton::clicked, this, &ComparisonSetup::fileWanted);
    connect(m_sources, &SourcesModel::chosen, this, [this] {
        fillKernels();
        emit changed();
    });
    connect(m_metric, &QComboBox::currentIndexChanged, this, &ComparisonSetup::changed);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, &ComparisonSetup::changed);
    connect(m_repetitions, &QCheckBox::toggled, this, &ComparisonSetup::changed);
    for (QComboBox* box : {m_baseKernel, m_otherKernel})
        connect(box, &QComboBox::activated, this, &ComparisonSetup::changed);
    fillKernels();
}

/// Keeps what is chosen where it is still there.
void ComparisonSetup::fillKernels() {
    for (const auto& [box, of_base] : {std::pair{m_baseKernel, true}, std::pair{m_otherKernel, false}}) {
        const QSignalBlocker quiet(box);
        const QString chosen = box->currentIndex() > 0 ? box->currentText() : QString();
        box->clear();
        box->addItem(QStringLiteral("of the same name"));
        box->addItems(m_sources->kernels(of_base));
        box->setCurrentIndex(std::max(0, chosen.isEmpty() ? 0 : box->findText(chosen)));
    }
    m_repetitions->setEnabled(m_sources->others().size() > 1);
}

std::optional<ComparisonRunner::Request> ComparisonSetup::request() const {
    ComparisonRunner::Request request;
    request.base = m_sources->base();
    request.others = m_sources->others();
    if (request.base.empty() || request.others.empty()) return std::nullopt;
    request.as_repetitions = m_repetitions->isChecked() && request.others.size() > 1;
    request.options.metric = static_cast<CompareMetric>(m_metric->currentData().toInt());
    request.options.threshold_percent = m_threshold->value();
    if (m_baseKernel->currentIndex() > 0 && m_otherKernel->currentIndex() > 0 &&
        m_baseKernel->currentText() != m_otherKernel->currentText()) {
        request.options.kernel_map[m_baseKernel->currentText().toStdString()] =
            m_otherKernel->currentText().toStdString();
        request.only_mapped = true;
    }
    return request;
}

void ComparisonSetup::setMetric(CompareMetric metric) {
    m_metric->setCurrentIndex(m_metric->findData(static_cast<int>(metric)));
}

void ComparisonSetup::matchKernels(const QString& base, const QString& other) {
    m_baseKernel->setCurrentText(base);
    m_otherKernel->setCurrentText(other);
    emit changed();
}

}  // namespace moescope::ui
