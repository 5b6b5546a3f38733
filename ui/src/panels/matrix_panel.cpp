// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/matrix_panel.h"

#include <QApplication>
#include <QFileInfo>
#include <QFormLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <set>
#include <utility>

#include "moescope/ui/support/focus_order.h"
#include "moescope/ui/support/form.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/support/undo_keys.h"

namespace moescope::ui {
namespace {

constexpr int kSettleMilliseconds = 120;
constexpr int kMostRejectionsListed = 500;
constexpr int kMostKernelsSeen = 8;
constexpr const char* kDeviceState = "device";
constexpr const char* kKernelState = "kernels";

QString deviceText(const Device& device) {
    return QStringLiteral("%1: %2").arg(qs(device.id), qs(device.name));
}

}  // namespace

MatrixPanel::MatrixPanel(std::shared_ptr<const BackendFactory> factory, QWidget* parent)
    : QWidget(parent),
      m_catalog(new DeviceCatalog(std::move(factory), this)),
      m_planner(new Planner(this)),
      m_kernels(new KernelListModel(this)),
      m_history(new MatrixHistory([this] { return fieldState(); },
                                  [this](const FieldState& changed) { restoreFields(changed); }, this)),
      m_summary(new QLabel(this)),
      m_rejections(new QListWidget(this)) {
    auto* scroll = new QScrollArea(this);
    m_scroll = scroll;
    scroll->setWidget(buildForm());
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);  // what is in it has the focus, and scrolls into view with it
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

    m_device = new QComboBox;
    m_device->setObjectName(QStringLiteral("device"));
    m_device->setAccessibleName(QStringLiteral("Device"));
    // A long device name must not make the panel wide.
    m_device->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_device->setMinimumContentsLength(12);
    m_preset = new PresetPicker([this] { return m_device->count() > 0 ? selection() : std::nullopt; });
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
    m_kernelView->setIconSize(QSize(12, 12));
    m_kernelView->setSpacing(2);
    // Check boxes are filled with the base colour; on the base colour they would hardly be seen in the dark
    // theme.
    m_kernelView->viewport()->setBackgroundRole(QPalette::Window);
    m_kernelField = new Field(m_kernelView, QStringLiteral("Kernels"));
    column->addWidget(m_kernelField);
    m_plugins = new PluginEditor;
    column->addWidget(m_plugins);

    add_heading(QStringLiteral("Measuring"));
    m_measure = new MeasureEditor;
    column->addWidget(m_measure);
    column->addStretch(1);

    connect(m_preset, &PresetPicker::chosen, this, [this](const Preset& preset) {
        setSelection(preset.selection, QStringLiteral("preset %1").arg(qs(preset.id)));
    });
    connect(m_device, &QComboBox::currentIndexChanged, this, &MatrixPanel::showDevice);
    connect(m_strategies, &StrategyEditor::rowsChanged, this, &MatrixPanel::adoptFields);
    connect(m_strategies, &StrategyEditor::changed, this,
            [this] { m_axes->setCountsFromFiles(m_strategies->allCustom()); });
    connect(m_axes, &AxesEditor::changed, this, &MatrixPanel::edited);
    connect(m_strategies, &StrategyEditor::changed, this, &MatrixPanel::edited);
    connect(m_plugins, &PluginEditor::rowsChanged, this, &MatrixPanel::adoptFields);
    connect(m_kernels, &KernelListModel::checkedChanged, this, &MatrixPanel::edited);
    connect(m_measure, &MeasureEditor::changed, this, &MatrixPanel::edited);
    return content;
}

void MatrixPanel::fillDevices() {
    {
        const QSignalBlocker quiet(m_device);
        const QString shown = m_device->currentData().toString();
        m_device->clear();
        for (const DeviceCatalog::Entry& entry : m_catalog->entries())
            m_device->addItem(deviceText(entry.device), qs(entry.device.id));
        m_device->setCurrentIndex(m_device->count() > 0 ? std::max(0, m_device->findData(shown)) : -1);
    }
    const bool first = !m_touched;
    if (first) chooseFirstPreset();
    showDevice();
    adoptFields();
    if (first) m_history->reset();  // nobody has edited anything yet
}

/// What finishes soon on the best device there is.
void MatrixPanel::chooseFirstPreset() {
    const auto& entries = m_catalog->entries();
    if (entries.empty() || presets().empty()) return;
    const char* const wanted = entries.front().device.kind == "cuda" ? "seed" : "quick";
    setSelection(find_preset(wanted).selection);
}

void MatrixPanel::showDevice() {
    const int at = m_device->currentIndex();
    if (at < 0) return;
    m_device->setToolTip(m_device->currentText());
    std::set<std::string> known;
    for (const KernelTraits& kernel : m_kernels->kernels()) known.insert(kernel.id);
    m_kernels->setKernels(m_catalog->entries()[static_cast<std::size_t>(at)].kernels);
    // Whoever adds a kernel wants to see it.
    for (int row = 0; row < m_kernels->rowCount(); ++row) {
        const KernelTraits& kernel = m_kernels->kernels()[static_cast<std::size_t>(row)];
        const QModelIndex index = m_kernels->index(row);
        if (!kernel.plugin.empty() && known.count(kernel.id) == 0 &&
            index.data(Qt::CheckStateRole).toInt() != Qt::Checked)
            m_kernels->setData(index, Qt::Checked, Qt::CheckStateRole);
    }
    m_plugins->setError(idlePlugins());
    // All of them are seen at once, as far as that is reasonable.
    const int rows = std::clamp(m_kernels->rowCount(), 3, kMostKernelsSeen);
    const int row_height = m_kernelView->sizeHintForRow(0) + 2 * m_kernelView->spacing();
    m_kernelView->setFixedHeight(rows * row_height + 2 * m_kernelView->frameWidth() +
                                 2 * m_kernelView->spacing());
}

QString MatrixPanel::idlePlugins() const {
    if (m_pluginLoader == nullptr) return {};
    QStringList names;
    for (const QString& file : m_pluginLoader->files()) names << QFileInfo(file).fileName();
    for (const KernelTraits& kernel : m_kernels->kernels()) names.removeAll(qs(kernel.plugin));
    if (names.isEmpty()) return {};
    return QStringLiteral("no kernel for this device in %1").arg(names.join(QStringLiteral(", ")));
}

std::optional<Selection> MatrixPanel::selection() const {
    Selection selection;
    const bool axes_hold = m_axes->writeTo(selection);
    const bool measure_holds = m_measure->writeTo(selection);
    const auto strategies = m_strategies->strategies();
    if (!axes_hold || !measure_holds || !strategies || m_kernels->checked().empty()) return std::nullopt;
    selection.strategies = *strategies;
    selection.kernels = m_kernels->selection();
    selection.name = m_preset->nameOf(selection);
    return selection;
}

void MatrixPanel::setSelection(const Selection& selection, const QString& what) {
    m_touched = true;
    m_readingIn = true;
    m_axes->readFrom(selection);
    m_strategies->setStrategies(selection.strategies);
    m_kernels->setChecked(selection.kernels);
    m_wantedKernels = selection.kernels;
    m_measure->readFrom(selection);
    m_readingIn = false;
    m_history->record(what);
    edited();
}

void MatrixPanel::setPlugins(LoadPlugins load, const QStringList& files) {
    m_pluginLoader = new PluginLoader(std::move(load), files, this);
    connect(m_pluginLoader, &PluginLoader::loaded, this,
            [this](const std::shared_ptr<const BackendFactory>& factory) {
                m_catalog->setFactory(factory);
                m_catalog->load();
                emit backendsChanged(factory);
            });
    m_plugins->setLoader(m_pluginLoader);
}

FieldState MatrixPanel::fieldState() const {
    FieldState state;
    m_axes->saveTo(state);
    m_strategies->saveTo(state);
    m_measure->saveTo(state);
    state.insert(QLatin1String(kKernelState), m_kernels->checkState());
    state.insert(QLatin1String(kDeviceState), m_device->currentIndex());
    return state;
}

void MatrixPanel::restoreFields(const FieldState& changed) {
    m_readingIn = true;
    if (const auto device = changed.constFind(QLatin1String(kDeviceState)); device != changed.cend())
        m_device->setCurrentIndex(device->toInt());
    m_axes->restoreFrom(changed);
    m_strategies->restoreFrom(changed);
    m_measure->restoreFrom(changed);
    if (const auto kernels = changed.constFind(QLatin1String(kKernelState)); kernels != changed.cend())
        m_kernels->restoreCheckState(*kernels);
    m_readingIn = false;
    edited();
}

void MatrixPanel::adoptFields() {
    leaveUndoToWindow(*this);
}

bool MatrixPanel::focusNextPrevChild(bool next) {
    if (!stepFocus(*this, next)) return QWidget::focusNextPrevChild(next);
    if (QWidget* focused = QApplication::focusWidget(); focused != nullptr && isAncestorOf(focused))
        m_scroll->ensureWidgetVisible(focused);
    return true;
}

void MatrixPanel::edited() {
    if (m_readingIn) return;
    m_history->record();
    if (m_plan) {
        m_plan.reset();
        emit planChanged(nullptr);
    }
    m_settle.start();
}

void MatrixPanel::requestPlan() {
    if (m_device->currentIndex() < 0) return;
    const bool kernels_chosen = !m_kernels->checked().empty();
    m_kernelField->setError(kernels_chosen ? QString() : QStringLiteral("choose at least one kernel"));
    const std::optional<Selection> wanted = selection();
    if (!wanted) {
        m_preset->mark(std::nullopt);
        showProblem(m_strategies->rows().empty() ? QStringLiteral("Add at least one strategy.")
                                                 : QStringLiteral("Correct the marked fields."));
        return;
    }
    m_preset->mark(wanted);
    const auto& entry = m_catalog->entries()[static_cast<std::size_t>(m_device->currentIndex())];
    m_planner->request({*wanted, entry.device, entry.kernels});
}

void MatrixPanel::showPlan(const std::shared_ptr<const Plan>& plan) {
    if (m_settle.isActive()) return;  // edited meanwhile; the next plan is on its way
    m_plan = plan;
    m_summary->setText(qs(plan->summary()) + missingKernels());
    showRejections();
    emit planChanged(m_plan);
}

QString MatrixPanel::missingKernels() const {
    QStringList missing;
    for (const std::string& wanted : m_wantedKernels) {
        const auto& known = m_kernels->kernels();
        if (std::none_of(known.begin(), known.end(),
                         [&](const KernelTraits& kernel) { return kernel.id == wanted; }))
            missing << qs(wanted);
    }
    if (missing.isEmpty()) return {};
    return QStringLiteral(". Not on this device: %1").arg(missing.join(QStringLiteral(", ")));
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
                QStringLiteral("%1: %2").arg(qs(case_label(planned.c)), messageText(*planned.rejected)));
        else
            ++left_out;
    }
    if (left_out > 0) m_rejections->addItem(QStringLiteral("... and %1 more in the plan").arg(left_out));
    m_rejections->setVisible(m_rejections->count() > 0);
}

}  // namespace moescope::ui
