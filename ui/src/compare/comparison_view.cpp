// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_view.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/compare/verdict_style.h"
#include "moescope/ui/support/table.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kMostWarningLines = 4;  ///< more are scrolled

}  // namespace

ComparisonView::ComparisonView(QWidget* parent)
    : QWidget(parent),
      m_model(new ComparisonModel(this)),
      m_proxy(new ComparisonProxy(this)),
      m_meansModel(new GroupMeansModel(this)),
      m_charts(new ComparisonChartPane({"compare-forest", "compare-bandwidth", "compare-time"}, this)),
      m_boxes(new ComparisonChartPane({"compare-boxes"}, this)) {
    m_proxy->setSourceModel(m_model);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(buildWarnings());
    column->addWidget(buildFilters());
    auto* pictures = new QSplitter(Qt::Horizontal, this);
    pictures->addWidget(m_charts);
    pictures->addWidget(m_boxes);
    pictures->setStretchFactor(0, 3);
    pictures->setStretchFactor(1, 2);
    pictures->setSizes({600, 340});
    auto* split = new QSplitter(Qt::Vertical, this);
    split->addWidget(pictures);
    split->addWidget(buildTables());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 1);
    split->setSizes({460, 180});
    column->addWidget(split, 1);
    for (ComparisonChartPane* pane : {m_charts, m_boxes})
        connect(pane, &ComparisonChartPane::rowPicked, this, [this](std::size_t row) { select(row); });
    m_boxes->setFooterShown(false);  // beside a chart that has the same
    setCompared(nullptr);
}

QWidget* ComparisonView::buildWarnings() {
    auto* box = new QFrame(this);
    box->setFrameShape(QFrame::StyledPanel);
    box->setAutoFillBackground(true);
    box->setBackgroundRole(QPalette::ToolTipBase);
    m_warnings = new QLabel(box);
    m_warnings->setForegroundRole(QPalette::ToolTipText);
    m_warnings->setTextFormat(Qt::PlainText);
    m_warnings->setWordWrap(true);
    m_warnings->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_warnings->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_warnings->setObjectName(QStringLiteral("environment differences"));
    m_efficiency = new QToolButton(box);
    m_efficiency->setText(QStringLiteral("Compare by efficiency"));
    m_efficiency->setToolTip(QStringLiteral(
        "Different GPUs: hold each session against its own limit instead of the other's time"));
    connect(m_efficiency, &QToolButton::clicked, this, &ComparisonView::efficiencyWanted);
    auto* scroll = new QScrollArea(box);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setBackgroundRole(QPalette::ToolTipBase);
    scroll->setWidget(m_warnings);
    m_warnings->setBackgroundRole(QPalette::ToolTipBase);
    m_warningsScroll = scroll;
    scroll->viewport()->installEventFilter(this);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(8, 3, 6, 3);
    row->addWidget(scroll, 1);
    row->addWidget(m_efficiency, 0, Qt::AlignTop);
    m_warningsBox = box;
    return box;
}

QWidget* ComparisonView::buildFilters() {
    auto* bar = new QWidget(this);
    auto* column = new QVBoxLayout(bar);
    column->setContentsMargins(6, 2, 6, 0);
    column->setSpacing(2);
    m_summary = new QLabel(bar);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setWordWrap(true);
    column->addWidget(m_summary);
    auto* row = new QHBoxLayout;
    for (const Verdict verdict : kVerdicts) {
        auto* button = new QToolButton(bar);
        button->setCheckable(true);
        button->setChecked(true);
        button->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        button->setMinimumWidth(64);  // in a narrow window texts are cut rather than the table
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setToolTip(QStringLiteral("Show cells that are %1").arg(verdictText(verdict)));
        connect(button, &QToolButton::toggled, this, &ComparisonView::applyVerdicts);
        m_verdicts[verdict] = button;
        row->addWidget(button);
    }
    m_filter = new QLineEdit(bar);
    m_filter->setPlaceholderText(QStringLiteral("Filter: silu_v2 E=8 tokens>1024"));
    m_filter->setAccessibleName(QStringLiteral("Filter cells"));
    m_filter->setToolTip(
        QStringLiteral("Words that a cell must have, and conditions on columns: E=8, tokens>=1024, "
                       "ratio>1.02, verdict=SLOWER. "
                       "All must hold."));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMinimumWidth(110);  // buttons beside it must not squeeze it away
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_proxy->setFilter(text);
        m_charts->resetView();
        showCells();
    });
    m_count = new QLabel(bar);
    row->addWidget(m_filter, 1);
    row->addWidget(m_count);
    column->addLayout(row);
    return bar;
}

QWidget* ComparisonView::buildTables() {
    m_table = new QTableView(this);
    prepareTable(*m_table, QStringLiteral("Compared cells"));
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);  // in the order of A, until somebody sorts
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& at) {
                if (!m_selecting && at.isValid())
                    select(static_cast<std::size_t>(m_proxy->mapToSource(at).row()));
            });
    m_means = new QTableView(this);
    prepareTable(*m_means, QStringLiteral("Geometric means"));
    m_means->setModel(m_meansModel);
    m_tables = new QTabWidget(this);
    m_tables->setDocumentMode(true);
    m_tables->addTab(m_table, QStringLiteral("Cells"));
    m_tables->addTab(m_means, QStringLiteral("Geometric means"));
    return m_tables;
}

void ComparisonView::setCompared(ComparedPtr compared) {
    m_selected.reset();
    // A cell that is selected stays so when the method alone is another.
    if (compared && this->compared() && m_table->currentIndex().isValid()) {
        const auto row = static_cast<std::size_t>(m_proxy->mapToSource(m_table->currentIndex()).row());
        const ComparisonRow& old = this->compared()->comparison.rows[row];
        const std::vector<ComparisonRow>& rows = compared->comparison.rows;
        if (row < rows.size() && rows[row].c == old.c && rows[row].cache == old.cache &&
            rows[row].kernel_label() == old.kernel_label())
            m_selected = row;
    }
    m_selecting = true;
    const bool first = !this->compared();
    m_model->setCompared(compared);
    m_meansModel->setCompared(std::move(compared));
    m_selecting = false;
    if (first) {
        fitColumns(*m_table);
        fitColumns(*m_means);
    }
    showWarnings();
    showCounts();
    m_charts->resetView();
    m_boxes->resetView();
    select(m_selected);
}

void ComparisonView::showWarnings() {
    QStringList lines;
    if (compared())
        for (const std::string& warning : compared()->comparison.warnings)
            lines << QStringLiteral("\u26a0 ") + qs(warning);
    m_warnings->setText(lines.join(QLatin1Char('\n')));
    m_warningsBox->setVisible(!lines.isEmpty());
    fitWarnings();
    const bool offer = compared() && devicesDiffer(*compared()) && efficiencyKnown(*compared()) &&
                       compared()->comparison.options.metric != CompareMetric::efficiency;
    m_efficiency->setVisible(offer);
}

/// As high as the lines are at this width, up to a limit.
void ComparisonView::fitWarnings() {
    const int wanted = std::max(0, m_warnings->heightForWidth(m_warningsScroll->viewport()->width()));
    m_warningsScroll->setFixedHeight(std::min(wanted, kMostWarningLines * fontMetrics().lineSpacing() + 4));
}

bool ComparisonView::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && watched == m_warningsScroll->viewport()) fitWarnings();
    return QWidget::eventFilter(watched, event);
}

void ComparisonView::showCounts() {
    const Theme& theme = Theme::forPalette(palette());
    for (const auto& [verdict, button] : m_verdicts) {
        const int count = compared() ? countOf(compared()->comparison.counts, verdict) : 0;
        button->setText(QStringLiteral("%1 %2").arg(groupedNumber(count), verdictText(verdict)));
        button->setIcon(verdictIcon(verdict, theme));
    }
    if (!compared()) {
        m_summary->clear();
        return;
    }
    const Comparison& c = compared()->comparison;
    const auto side = [](const std::string& name, int runs) {
        return QStringLiteral("%1 (%2)").arg(qs(name), counted(runs, QStringLiteral("run")));
    };
    QString means;
    for (const GroupMean& group : c.groups)
        if (group.value.empty())
            means +=
                QStringLiteral("; geometric mean of %1: %2").arg(qs(group.kernel), ratioText(group.ratio));
    m_summary->setText(QStringLiteral("Ratio of %1, B over A (%2); drift allowed for: %3 %%4")
                           .arg(qs(to_string(c.options.metric)), directionText(c.options.metric),
                                fixedNumber(c.drift_percent, 2), means));
    m_summary->setToolTip(QStringLiteral("A: %1\nB: %2\nDrift: %3")
                              .arg(side(c.base_name, c.base_sessions), side(c.other_name, c.other_sessions),
                                   qs(c.drift_source)));
}

void ComparisonView::applyVerdicts() {
    std::set<Verdict> shown;
    for (const auto& [verdict, button] : m_verdicts)
        if (button->isChecked()) shown.insert(verdict);
    m_proxy->setVerdicts(std::move(shown));
    m_charts->resetView();
    showCells();
}

void ComparisonView::select(std::optional<std::size_t> row) {
    if (row && (!compared() || *row >= compared()->comparison.rows.size())) row.reset();
    m_selected = row;
    if (row) {
        const QModelIndex at = m_proxy->mapFromSource(m_model->index(static_cast<int>(*row), 0));
        if (at.isValid() && at.row() != m_table->currentIndex().row()) {
            m_selecting = true;
            m_table->setCurrentIndex(at);
            m_selecting = false;
            m_table->scrollTo(at);
        }
    }
    showCells();
}

void ComparisonView::showCells() {
    const ComparedCells cells{compared(), compared() ? m_proxy->shownRows() : std::vector<std::size_t>{},
                              m_selected};
    m_charts->show(cells);
    m_boxes->show(cells);
    const int all = m_model->rowCount();
    const int shown = m_proxy->rowCount();
    m_count->setText(
        shown == all
            ? counted(all, QStringLiteral("cell"))
            : QStringLiteral("%1 of %2").arg(groupedNumber(shown), counted(all, QStringLiteral("cell"))));
}

QString ComparisonView::selectedText() const {
    for (const QTableView* table : {m_table, m_means})
        if (table->hasFocus() && table->selectionModel()->hasSelection()) return selectedRowsAsText(*table);
    return {};
}

void ComparisonView::setFooterShown(bool shown) {
    m_charts->setFooterShown(shown);
}

void ComparisonView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_verdicts.empty()) showCounts();
}

}  // namespace moescope::ui
