// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/matrix_panel.h"

#include <QFormLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/form.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kSettleMilliseconds = 120;
constexpr int kMostRejectionsListed = 500;
constexpr const char* kCustomName = "custom";

QString deviceText(const Device& device) {
    return QStringLiteral("%1: %2").arg(qs(device.id), qs(device.name));
}

/// Equal but for the name.
bool sameMatrix(Selection a, const Selection& b) {
    a.name = b.name;
    return a == b;
}

}  // namespace

MatrixPanel::MatrixPanel(std::shared_ptr<const BackendFactory> factory, QWidget* parent)
    : QWidget(parent),
      m_catalog(new DeviceCatalog(std::move(factory), this)),
      m_planner(new Planner(this)),
      m_kernels(new KernelListModel(this)),
      m_summary(new QLabel(this)),
      m_rejections(new QListWidget(this)) {
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(buildForm());
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Without a horizontal scroll bar nothing may be wider than the view.
    scroll->setMinimumWidth(scroll->widget()->minimumSizeHint().width() +
                            scroll->verticalScrollBar()->sizeHint().width());

    m_summary->setObjectName(QStringLiteral("summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setAccessibleName(QStringLiteral("What the matrix amounts to"));
    m_rejections->setObjectName(QStringLiteral("rejections"));
    m_rejections->setAccessibleName(QStringLiteral("Rejected cases and their reasons"));
    m_rejections->setWordWrap(true);
    m_rejections->setMaximumHeight(110);
    m_rejections->hide();

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 6, 8, 6);
    column->addWidget(scroll, 1);
    column->addWidget(m_summary);
    column->addWidget(m_rejections);

    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMilliseconds);
    connect(&m_settle, &QTimer::timeout, this, &MatrixPanel::requestPlan);
    connect(m_planner, &Planner::planReady, this, &MatrixPanel::showPlan);
    connect(m_planner, &Planner::planFailed, this, &MatrixPanel::showProblem);
    connect(m_catalog, &DeviceCatalog::loaded, this, &MatrixPanel::fillDevices);
    connect(m_catalog, &DeviceCatalog::failed, this, &MatrixPanel::showProblem);
    m_summary->setText(QStringLiteral("Looking for devices..."));
    m_catalog->load();
}

QWidget* MatrixPanel::buildForm() {
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 4, 0);

    m_preset = new QComboBox;
    m_preset->setObjectName(QStringLiteral("preset"));
    m_preset->addItem(QStringLiteral("Custom"), QLatin1String(kCustomName));
    for (const Preset& preset : presets()) {
        m_preset->addItem(qs(preset.id), qs(preset.id));
        m_preset->setItemData(m_preset->count() - 1, qs(preset.description), Qt::ToolTipRole);
    }
    m_device = new QComboBox;
    m_device->setObjectName(QStringLiteral("device"));
    // A long device name must not make the panel wide.
    for (QComboBox* box : {m_preset, m_device}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(12);
    }
    auto* top = new QFormLayout;
    top->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    top->addRow(QStringLiteral("&Preset"), m_preset);
    top->addRow(QStringLiteral("&Device"), m_device);
    alignLabels(*top);
    column->addLayout(top);

    m_axes = new AxesEditor;
    column->addWidget(m_axes);

    const auto add_heading = [column](const QString& text) {
        auto* label = new QLabel(text);
        QFont bold = label->font();
        bold.setBold(true);
        label->setFont(bold);
        column->addWidget(label);
    };
    add_heading(QStringLiteral("Strategies"));
    m_strategies = new StrategyEditor;
    column->addWidget(m_strategies);

    add_heading(QStringLiteral("Kernels"));
    m_kernelView = new QListView;
    m_kernelView->setModel(m_kernels);
    m_kernelView->setMinimumHeight(84);
    m_kernelView->setIconSize(QSize(12, 12));
    m_kernelView->setSpacing(2);
    // Check boxes are filled with the base colour; on the base colour they would hardly be seen in the dark
    // theme.
    m_kernelView->viewport()->setBackgroundRole(QPalette::Window);
    m_kernelView->setMaximumHeight(110);
    m_kernelField = new Field(m_kernelView, QStringLiteral("Kernels"));
    column->addWidget(m_kernelField);

    add_heading(QStringLiteral("Measuring"));
    m_measure = new MeasureEditor;
    column->addWidget(m_measure);
    column->addStretch(1);

    connect(m_preset, &QComboBox::activated, this, [this] {
        const std::string id = m_preset->currentData().toString().toStdString();
        if (id != kCustomName) setSelection(find_preset(id).selection);
    });
    connect(m_device, &QComboBox::currentIndexChanged, this, &MatrixPanel::showDevice);
    connect(m_axes, &AxesEditor::changed, this, &MatrixPanel::edited);
    connect(m_strategies, &StrategyEditor::changed, this, &MatrixPanel::edited);
    connect(m_kernels, &KernelListModel::checkedChanged, this, &MatrixPanel::edited);
    connect(m_measure, &MeasureEditor::changed, this, &MatrixPanel::edited);
    return content;
}

void MatrixPanel::fillDevices() {
    {
        const QSignalBlocker quiet(m_device);
        m_device->clear();
        for (const DeviceCatalog::Entry& entry : m_catalog->entries())
            m_device->addItem(deviceText(entry.device), qs(entry.device.id));
    }
    if (!m_touched) chooseFirstPreset();
    showDevice();
}

/// What finishes soon on the best device there is.
void MatrixPanel::chooseFirstPreset() {
    const auto& entries = m_catalog->entries();
    if (entries.empty() || presets().empty()) return;
    const QString wanted =
        entries.front().device.kind == "cuda" ? QStringLiteral("seed") : QStringLiteral("quick");
    const int at = std::max(1, m_preset->findData(wanted));
    setSelection(find_preset(m_preset->itemData(at).toString().toStdString()).selection);
}

void MatrixPanel::showDevice() {
    const int at = m_device->currentIndex();
    if (at < 0) return;
    m_device->setToolTip(m_device->currentText());
    m_kernels->setKernels(m_catalog->entries()[static_cast<std::size_t>(at)].kernels);
}

std::optional<Selection> MatrixPanel::selection() const {
    Selection selection;
    const bool axes_hold = m_axes->writeTo(selection);
    const bool measure_holds = m_measure->writeTo(selection);
    const auto strategies = m_strategies->strategies();
    if (!axes_hold || !measure_holds || !strategies || m_kernels->checked().empty()) return std::nullopt;
    selection.strategies = *strategies;
    selection.kernels = m_kernels->selection();
    selection.name = kCustomName;
    for (const Preset& preset : presets())
        if (sameMatrix(selection, preset.selection)) selection.name = preset.selection.name;
    return selection;
}

void MatrixPanel::setSelection(const Selection& selection) {
    m_touched = true;
    m_axes->readFrom(selection);
    m_strategies->setStrategies(selection.strategies);
    m_kernels->setChecked(selection.kernels);
    m_measure->readFrom(selection);
}

void MatrixPanel::edited() {
    if (m_plan) {
        m_plan.reset();
        emit planChanged(nullptr);
    }
    m_settle.start();
}

void MatrixPanel::markPreset(const Selection& selection) {
    int at = 0;
    for (const Preset& preset : presets())
        if (sameMatrix(selection, preset.selection)) at = std::max(0, m_preset->findData(qs(preset.id)));
    m_preset->setCurrentIndex(at);
    m_preset->setToolTip(m_preset->itemData(at, Qt::ToolTipRole).toString());
}

void MatrixPanel::requestPlan() {
    if (m_device->currentIndex() < 0) return;
    const bool kernels_chosen = !m_kernels->checked().empty();
    m_kernelField->setError(kernels_chosen ? QString() : QStringLiteral("choose at least one kernel"));
    const std::optional<Selection> wanted = selection();
    if (!wanted) {
        m_preset->setCurrentIndex(0);
        showProblem(m_strategies->rows().empty() ? QStringLiteral("Add at least one strategy.")
                                                 : QStringLiteral("Correct the marked fields."));
        return;
    }
    markPreset(*wanted);
    const auto& entry = m_catalog->entries()[static_cast<std::size_t>(m_device->currentIndex())];
    m_planner->request({*wanted, entry.device, entry.kernels});
}

void MatrixPanel::showPlan(const std::shared_ptr<const Plan>& plan) {
    if (m_settle.isActive()) return;  // edited meanwhile; the next plan is on its way
    m_plan = plan;
    m_summary->setText(qs(plan->summary()));
    showRejections();
    emit planChanged(m_plan);
}

void MatrixPanel::showProblem(const QString& message) {
    m_plan.reset();
    m_summary->setText(message);
    m_rejections->clear();
    m_rejections->hide();
    emit planChanged(nullptr);
}

void MatrixPanel::showRejections() {
    m_rejections->clear();
    int left_out = 0;
    for (const PlannedCase& planned : m_plan->cases) {
        if (!planned.rejected) continue;
        if (m_rejections->count() < kMostRejectionsListed)
            m_rejections->addItem(
                QStringLiteral("%1: %2").arg(qs(case_label(planned.c)), qs(*planned.rejected)));
        else
            ++left_out;
    }
    if (left_out > 0) m_rejections->addItem(QStringLiteral("... and %1 more in the plan").arg(left_out));
    m_rejections->setVisible(m_rejections->count() > 0);
}

}  // namespace moescope::ui
