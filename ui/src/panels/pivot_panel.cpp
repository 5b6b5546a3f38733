// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/pivot_panel.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>
#include <numeric>

#include "moescope/ui/models/results_model.h"
#include "moescope/ui/support/table.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kUpdateMs = 100;  ///< results stream in; nobody reads a table that changes more often
constexpr int kNarrowestBox = 64;
constexpr const char* kSpecKey = "pivot/spec";

void choose(QComboBox& box, const QString& id) {
    const int at = box.findData(id);
    if (at >= 0) box.setCurrentIndex(at);
}

}  // namespace

PivotPanel::PivotPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_model(new PivotModel(this)),
      m_proxy(new ResultsProxy(this)),
      m_table(new QTableView(this)),
      m_note(new QLabel(this)),
      m_export(new QPushButton(QStringLiteral("E&xport..."), this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    const auto add_line = [column] {
        auto* line = new QHBoxLayout;
        line->setContentsMargins(4, 2, 4, 2);
        line->setSpacing(5);
        column->addLayout(line);
        return line;
    };
    QHBoxLayout* layout_line = add_line();
    m_rows = addBox(*layout_line, "Ro&ws", "Rows of the pivot");
    m_then = addBox(*layout_line, "then b&y", "Second axis of the rows");
    m_columns = addBox(*layout_line, "Colu&mns", "Columns of the pivot");
    layout_line->addStretch(1);
    QHBoxLayout* value_line = add_line();
    m_value = addBox(*value_line, "V&alue", "Value in the pivot's cells");
    value_line->addWidget(m_note, 1);
    m_note->setWordWrap(true);
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    value_line->addWidget(m_export);
    m_then->addItem(QStringLiteral("none"), QString());
    for (const HeatmapAxis& axis : pivotAxes())
        for (QComboBox* box : {m_rows, m_then, m_columns}) box->addItem(axis.title, axis.id);
    for (const PivotValue& value : pivotValues()) m_value->addItem(value.label(), value.id);
    m_export->setToolTip(QStringLiteral("Export the pivot as CSV, Markdown or JSON"));
    m_proxy->setSourceModel(m_model);
    prepareTable(*m_table, QStringLiteral("Pivot"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    column->addWidget(m_table);
    m_table->setMinimumHeight(60);  // else the panel would push its neighbours

    const QStringList kept = QSettings().value(QLatin1String(kSpecKey)).toStringList();
    setSpec(kept.size() == 4 ? PivotSpec{kept[0], kept[1], kept[2], kept[3]} : PivotSpec());
    for (QComboBox* box : {m_rows, m_then, m_columns, m_value})
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            const PivotSpec chosen = spec();
            QSettings().setValue(QLatin1String(kSpecKey),
                                 QStringList{chosen.rows, chosen.then, chosen.columns, chosen.value});
            m_table->sortByColumn(-1, Qt::AscendingOrder);  // that column may be another now
            scheduleUpdate();
        });
    connect(m_export, &QPushButton::clicked, this, &PivotPanel::exportRequested);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& at) {
                if (const auto result = m_model->resultAt(m_proxy->mapToSource(at)))
                    emit resultPicked(*result);
            });
    m_update.setSingleShot(true);
    m_update.setInterval(kUpdateMs);
    connect(&m_update, &QTimer::timeout, this, [this] {
        if (isVisible()) updateNow();
    });
    connect(&document, &SessionDocument::revised, this, &PivotPanel::scheduleUpdate);
    connect(&document, &SessionDocument::aboutToReset, this, [this] {
        m_selected.reset();
        m_model->setTable({});
    });
    for (const auto signal :
         {&SessionDocument::reset, &SessionDocument::appended, &SessionDocument::baselineChanged})
        connect(&document, signal, this, &PivotPanel::scheduleUpdate);
    updateNow();
}

QComboBox* PivotPanel::addBox(QHBoxLayout& bar, const QString& label, const QString& name) {
    auto* text = new QLabel(label, this);
    auto* box = new QComboBox(this);
    box->setAccessibleName(name);
    box->setMinimumWidth(kNarrowestBox);
    // In a narrow panel the box cuts it.
    connect(box, &QComboBox::currentTextChanged, box, [box, name](const QString& shown) {
        box->setToolTip(QStringLiteral("%1: %2").arg(name, shown));
    });
    text->setBuddy(box);
    bar.addWidget(text);
    bar.addWidget(box);
    return box;
}

PivotSpec PivotPanel::spec() const {
    return {m_rows->currentData().toString(), m_then->currentData().toString(),
            m_columns->currentData().toString(), m_value->currentData().toString()};
}

void PivotPanel::setSpec(const PivotSpec& spec) {
    choose(*m_rows, spec.rows);
    choose(*m_then, spec.then);
    choose(*m_columns, spec.columns);
    choose(*m_value, spec.value);
}

QString PivotPanel::selectionAsText() const {
    return selectedCellsAsText(*m_table, static_cast<int>(pivot().rowTitles.size()));
}

void PivotPanel::selectCase(const Case& selected) {
    m_selected = selected;
    markSelected();
}

void PivotPanel::markSelected() {
    std::vector<bool> marked(m_selected ? pivot().cells.size() : 0, false);
    if (m_selected)
        for (const auto& [result, cell] : pivot().members)
            if (m_document.session().results[result].c == *m_selected) marked[cell] = true;
    m_model->setMarked(std::move(marked));
}

void PivotPanel::scheduleUpdate() {
    if (!m_update.isActive()) m_update.start();
}

void PivotPanel::updateNow() {
    const Session& session = m_document.session();
    std::vector<std::size_t> shown;
    if (m_shown) {
        shown = m_shown();
    } else {
        shown.resize(session.results.size());
        std::iota(shown.begin(), shown.end(), std::size_t{0});
    }
    const bool same_layout = pivot().spec == spec() && !pivot().rows.empty();
    m_model->setTable(makePivot(session, shown, spec(), m_document.baseline()));
    markSelected();
    if (!same_layout) fitColumns(*m_table);
    m_note->setText(shown.empty() ? QStringLiteral("No results yet") : pivot().note());
    m_note->setToolTip(m_note->text());
    m_export->setEnabled(!shown.empty());
}

void PivotPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    updateNow();
}

void PivotPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    // The colours beside kernels follow the theme.
    if (event->type() == QEvent::PaletteChange) m_table->horizontalHeader()->viewport()->update();
}

}  // namespace moescope::ui
