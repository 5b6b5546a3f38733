// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/results_panel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QSettings>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/table.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kTimeKey = "results/time-unit";
constexpr const char* kHiddenKey = "results/hidden-columns";
/// The kernel always stays: a row without it says nothing. The session is shown where there are several.
constexpr int kFirstChosen = ResultsModel::kSession + 1;

}  // namespace

ResultsPanel::ResultsPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent),
      m_model(new ResultsModel(document, this)),
      m_proxy(new ResultsProxy(this)),
      m_table(new QTableView(this)),
      m_filter(new QLineEdit(this)),
      m_count(new QLabel(this)),
      m_time(new QComboBox(this)),
      m_bandwidth(new QComboBox(this)),
      m_columns(new QToolButton(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(4, 2, 4, 2);
    bar->setSpacing(5);
    bar->addWidget(m_filter);
    bar->addWidget(m_count);
    addUnits(*bar);
    m_filter->setPlaceholderText(QStringLiteral("Filter: triton E=8 tokens>1024 even"));
    m_filter->setAccessibleName(QStringLiteral("Filter results"));
    m_filter->setToolTip(QStringLiteral(
        "Words that a row must have, and conditions on columns: E=8, tokens>=1024, gini<0.3, kernel=triton, "
        "status!=ok. All must hold."));
    m_filter->setClearButtonEnabled(true);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_table);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_proxy->setFilter(text);
        showCount();
        emit filterChanged();
    });
    m_table->horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table->horizontalHeader(), &QWidget::customContextMenuRequested, this,
            [this](QPoint at) { chooseColumns(m_table->horizontalHeader()->mapToGlobal(at)); });
    m_proxy->setSourceModel(m_model);
    prepareTable(*m_table, QStringLiteral("Results"));
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);  // as measured, until somebody sorts
    fitColumns(*m_table);

    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& at) {
                if (at.isValid()) emit resultSelected(m_model->resultAt(m_proxy->mapToSource(at).row()));
            });
    // A sweep that measures selected cells again begins with a reset: what was selected is so afterwards.
    connect(&document, &SessionDocument::aboutToReset, this, [this] {
        m_selectedCells.clear();
        for (const std::size_t row : selectedIndices())
            m_selectedCells.insert(cell_key(m_model->resultAt(static_cast<int>(row))));
    });
    // Once, when there is something to measure: later results must not move columns under the pointer.
    connect(&document, &SessionDocument::reset, this, [this, &document] {
        m_table->setColumnHidden(ResultsModel::kSession, document.shownCount() < 2);
        m_fitted = m_model->rowCount() > 0;
        if (m_fitted) fitColumns(*m_table);
        selectCells();
        showCount();
    });
    connect(&document, &SessionDocument::appended, this, [this] {
        if (!m_fitted) fitColumns(*m_table);
        m_fitted = true;
        showCount();
    });
    m_table->setColumnHidden(ResultsModel::kSession, true);
    const QSettings settings;
    for (const QString& hidden : settings.value(QLatin1String(kHiddenKey)).toStringList())
        for (int at = kFirstChosen; at < m_model->columnCount(); ++at)
            if (ResultsModel::columnName(at) == hidden) m_table->setColumnHidden(at, true);
    m_time->setCurrentIndex(settings.value(QLatin1String(kTimeKey), 0).toInt() == 1 ? 1 : 0);
    const bool percent_hidden = m_table->isColumnHidden(ResultsModel::kPercentTheoretical) &&
                                m_table->isColumnHidden(ResultsModel::kPercentMeasured);
    m_bandwidth->setCurrentIndex(m_table->isColumnHidden(ResultsModel::kBandwidth) ? 2
                                 : percent_hidden                                  ? 1
                                                                                   : 0);
    showCount();
}

void ResultsPanel::selectCells() {
    if (m_selectedCells.empty()) return;
    QItemSelection selection;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (!m_selectedCells.contains(cell_key(m_model->resultAt(row)))) continue;
        const QModelIndex at = m_proxy->mapFromSource(m_model->index(row, 0));
        if (at.isValid()) selection.select(at, at);
    }
    m_table->selectionModel()->select(selection, QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void ResultsPanel::showCount() {
    const int all = m_model->rowCount();
    const int shown = m_proxy->rowCount();
    m_count->setText(
        shown == all
            ? counted(all, QStringLiteral("row"))
            : QStringLiteral("%1 of %2").arg(groupedNumber(shown), counted(all, QStringLiteral("row"))));
}

std::vector<std::size_t> ResultsPanel::shownIndices() const {
    std::vector<std::size_t> shown;
    shown.reserve(static_cast<std::size_t>(m_proxy->rowCount()));
    for (int row = 0; row < m_proxy->rowCount(); ++row)
        shown.push_back(static_cast<std::size_t>(m_proxy->mapToSource(m_proxy->index(row, 0)).row()));
    return shown;
}

std::vector<std::size_t> ResultsPanel::selectedIndices() const {
    std::vector<std::size_t> selected;
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows())
        selected.push_back(static_cast<std::size_t>(m_proxy->mapToSource(row).row()));
    std::sort(selected.begin(), selected.end());
    return selected;
}

std::vector<Result> ResultsPanel::shownResults() const {
    std::vector<Result> shown;
    for (const std::size_t row : shownIndices()) shown.push_back(m_model->resultAt(static_cast<int>(row)));
    return shown;
}

void ResultsPanel::addUnits(QHBoxLayout& bar) {
    m_time->setAccessibleName(QStringLiteral("Unit of time"));
    m_time->setToolTip(QStringLiteral("Unit of the median time"));
    m_time->addItems({QStringLiteral("\u00b5s"), QStringLiteral("ms")});
    m_bandwidth->setAccessibleName(QStringLiteral("Unit of bandwidth"));
    m_bandwidth->setToolTip(QStringLiteral("Bandwidth in GB/s, in percent of the peaks, or both"));
    m_bandwidth->addItems({QStringLiteral("GB/s, %"), QStringLiteral("GB/s"), QStringLiteral("%")});
    bar.addWidget(m_time);
    bar.addWidget(m_bandwidth);
    m_columns->setText(QStringLiteral("\u22ee"));
    m_columns->setAutoRaise(true);
    m_columns->setFocusPolicy(Qt::StrongFocus);
    m_columns->setToolTip(QStringLiteral("Choose columns, as a right click on the table's header does"));
    m_columns->setAccessibleName(QStringLiteral("Choose columns"));
    bar.addWidget(m_columns);
    connect(m_columns, &QToolButton::clicked, this,
            [this] { chooseColumns(m_columns->mapToGlobal(QPoint(0, m_columns->height()))); });
    connect(m_time, &QComboBox::currentIndexChanged, this, [this](int at) {
        m_model->setTimeUnit(at == 0 ? TimeUnit::microseconds : TimeUnit::milliseconds);
        QSettings().setValue(QLatin1String(kTimeKey), at);
    });
    connect(m_bandwidth, &QComboBox::activated, this, [this](int at) {
        m_table->setColumnHidden(ResultsModel::kBandwidth, at == 2);
        for (const int percent : {ResultsModel::kPercentTheoretical, ResultsModel::kPercentMeasured})
            m_table->setColumnHidden(percent, at == 1);
        keepColumns();
    });
}

void ResultsPanel::keepColumns() const {
    QStringList hidden;
    for (int column = kFirstChosen; column < m_model->columnCount(); ++column)
        if (m_table->isColumnHidden(column)) hidden << ResultsModel::columnName(column);
    QSettings().setValue(QLatin1String(kHiddenKey), hidden);
}

void ResultsPanel::selectResult(std::size_t result) {
    const QModelIndex at = m_proxy->mapFromSource(m_model->index(static_cast<int>(result), 0));
    if (!at.isValid()) return;
    m_table->setCurrentIndex(at);
    m_table->scrollTo(at);
}

void ResultsPanel::selectCase(const Case& wanted) {
    const auto is_of_case = [&](int row) {
        return m_model->resultAt(m_proxy->mapToSource(m_proxy->index(row, 0)).row()).c == wanted;
    };
    if (m_table->currentIndex().isValid() && is_of_case(m_table->currentIndex().row())) return;
    for (int row = 0; row < m_proxy->rowCount(); ++row) {
        if (!is_of_case(row)) continue;
        m_table->setCurrentIndex(m_proxy->index(row, 0));
        return;
    }
}

void ResultsPanel::chooseColumns(QPoint global) {
    QMenu menu(this);
    for (int column = kFirstChosen; column < m_model->columnCount(); ++column) {
        QAction* action =
            menu.addAction(m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setToolTip(m_model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(column));
        connect(action, &QAction::toggled, this,
                [this, column](bool shown) { m_table->setColumnHidden(column, !shown); });
    }
    menu.exec(global);
    keepColumns();
}

}  // namespace moescope::ui
