// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/strategy_editor.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"
#include "moescope/workload/distribution.h"

namespace moescope::ui {
namespace {

constexpr const char* kStateName = "strategies";

/// "imbalanced:0.7" -> {"imbalanced", "0.7"}
std::pair<QString, QString> splitStrategy(const Strategy& strategy) {
    const QString text = qs(to_string(strategy));
    const qsizetype colon = text.indexOf(QLatin1Char(':'));
    return colon < 0 ? std::pair{text, QString()} : std::pair{text.left(colon), text.mid(colon + 1)};
}

/// "hot:K:F" -> "K:F"; empty for a strategy without parameters.
QString parameterHint(const StrategyHelp& help) {
    return qs(help.usage).section(QLatin1Char(':'), 1);
}

}  // namespace

StrategyRow::StrategyRow(const Strategy& strategy, QWidget* parent)
    : Field(new QWidget, QStringLiteral("Strategy"), parent),
      m_kind(new QComboBox),
      m_parameter(new QLineEdit),
      m_browse(new QToolButton),
      m_remove(new QToolButton),
      m_counts(new CountsPicker) {
    for (const StrategyHelp& help : strategy_help()) {
        m_kind->addItem(qs(help.id), parameterHint(help));
        m_kind->setItemData(m_kind->count() - 1, qs(help.description), Qt::ToolTipRole);
    }
    m_kind->setAccessibleName(QStringLiteral("Kind of strategy"));
    m_parameter->setAccessibleName(QStringLiteral("Parameters of the strategy"));
    m_remove->setText(QStringLiteral("\u00d7"));
    m_remove->setAutoRaise(true);
    m_remove->setToolTip(QStringLiteral("Remove this strategy"));
    m_remove->setAccessibleName(m_remove->toolTip());

    m_browse->setText(QStringLiteral("..."));
    m_browse->setAutoRaise(true);
    m_browse->setToolTip(QStringLiteral("Choose a file of recorded counts: CSV or JSON, one step a row"));
    m_browse->setAccessibleName(QStringLiteral("Choose a file of recorded counts"));

    m_row = new QHBoxLayout(layout()->itemAt(0)->widget());
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(4);
    m_row->addWidget(m_kind);
    m_row->addWidget(m_parameter);
    m_row->addWidget(m_browse);
    m_row->addWidget(m_remove);
    // The longest kind decides for all, else rows would not line up.
    m_kind->setMinimumContentsLength(9);
    m_counts->hide();
    static_cast<QVBoxLayout*>(layout())->insertWidget(1, m_counts);

    QSizePolicy policy = m_parameter->sizePolicy();
    policy.setRetainSizeWhenHidden(true);  // rows line up whether or not they have parameters
    m_parameter->setSizePolicy(policy);

    const auto [kind, parameter] = splitStrategy(strategy);
    m_kind->setCurrentIndex(std::max(0, m_kind->findText(kind)));
    m_parameter->setText(parameter);
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        m_parameter->clear();
        kindChosen();
    });
    connect(m_parameter, &QLineEdit::textChanged, this, &StrategyRow::parse);
    connect(m_browse, &QToolButton::clicked, this, &StrategyRow::browse);
    connect(m_counts, &CountsPicker::stepChosen, this, [this](std::int64_t step) {
        const QString file = m_parameter->text().section(QLatin1Char('#'), 0, 0);
        m_parameter->setText(step < 0 ? file : QStringLiteral("%1#%2").arg(file).arg(step));
    });
    kindChosen();
}

QString StrategyRow::state() const {
    return m_kind->currentText() + QLatin1Char('\t') + m_parameter->text();
}

void StrategyRow::restore(const QString& state) {
    const QString kind = state.section(QLatin1Char('\t'), 0, 0);
    if (kind != m_kind->currentText()) {
        const QSignalBlocker quiet(m_kind);
        m_kind->setCurrentIndex(m_kind->findText(kind));
    }
    {
        const QSignalBlocker quiet(m_parameter);
        m_parameter->setText(state.section(QLatin1Char('\t'), 1));
    }
    kindChosen();
}

void StrategyRow::browse() {
    const QString file =
        QFileDialog::getOpenFileName(this, QStringLiteral("Recorded counts"), QFileInfo(m_countsFile).path(),
                                     QStringLiteral("Counts (*.csv *.json *.txt);;All files (*)"));
    if (!file.isEmpty()) m_parameter->setText(file);
}

void StrategyRow::kindChosen() {
    const QString hint = m_kind->currentData().toString();
    m_parameter->setPlaceholderText(hint);
    m_parameter->setVisible(!hint.isEmpty());
    const bool custom = m_kind->currentText() == QLatin1String("custom");
    m_browse->setVisible(custom);
    m_row->setStretch(0, custom ? 0 : 3);
    m_row->setStretch(1, custom ? 1 : 2);
    m_kind->setToolTip(m_kind->currentData(Qt::ToolTipRole).toString());
    parse();
}

void StrategyRow::parse() {
    QString text = m_kind->currentText();
    if (!m_parameter->text().isEmpty()) text += QLatin1Char(':') + m_parameter->text();
    try {
        m_strategy = parse_strategy(text.toStdString());
        checkCounts();
        setError({});
    } catch (const Error& error) {
        m_strategy.reset();
        m_counts->hide();
        setError(errorText(error));
    }
    m_parameter->setToolTip(m_parameter->text());  // a path is longer than its field
    emit changed();
}

/// Throws Error for a file that holds no such step.
void StrategyRow::checkCounts() {
    if (m_strategy->kind != Strategy::Kind::custom) {
        m_counts->hide();
        return;
    }
    const QString file = qs(m_strategy->file);
    const QDateTime time = QFileInfo(file).lastModified();
    if (file != m_countsFile || time != m_countsTime) {
        m_countsFile.clear();
        std::vector<std::vector<std::int32_t>> steps = read_counts_file(m_strategy->file);
        m_countsSteps = steps.size();
        m_counts->setSteps(std::move(steps));
        m_countsFile = file;
        m_countsTime = time;
    }
    if (m_strategy->step >= static_cast<std::int64_t>(m_countsSteps))
        throw Error(m_strategy->file + ": step " + std::to_string(m_strategy->step) +
                    " is not there; the file has steps 0 to " + std::to_string(m_countsSteps - 1));
    m_counts->showStep(m_strategy->step);
    m_counts->show();
}

StrategyEditor::StrategyEditor(QWidget* parent)
    : QWidget(parent), m_layout(new QVBoxLayout(this)), m_add(new QToolButton(this)) {
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(3);
    m_add->setText(QStringLiteral("Add strategy"));
    m_add->setAutoRaise(true);
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QToolButton::clicked, this, [this] {
        addRow(Strategy{});
        emit rowsChanged();
        emit changed();
        m_rows.back()->kindBox().setFocus(Qt::OtherFocusReason);
    });
}

bool StrategyEditor::allCustom() const {
    return !m_rows.empty() && std::all_of(m_rows.begin(), m_rows.end(), [](const StrategyRow* row) {
        return row->strategy() && row->strategy()->kind == Strategy::Kind::custom;
    });
}

void StrategyEditor::saveTo(FieldState& state) const {
    QStringList rows;
    for (const StrategyRow* row : m_rows) rows << row->state();
    state.insert(QLatin1String(kStateName), rows);
}

void StrategyEditor::restoreFrom(const FieldState& state) {
    if (!state.contains(QLatin1String(kStateName))) return;
    const QStringList rows = state.value(QLatin1String(kStateName)).toStringList();
    const auto count = static_cast<std::size_t>(rows.size());
    while (m_rows.size() > count) removeRow(m_rows.back());
    while (m_rows.size() < count) addRow(Strategy{});
    for (std::size_t at = 0; at < count; ++at) {
        const QString& wanted = rows[static_cast<qsizetype>(at)];
        if (m_rows[at]->state() != wanted) m_rows[at]->restore(wanted);
    }
    emit rowsChanged();
    emit changed();
}

std::optional<std::vector<Strategy>> StrategyEditor::strategies() const {
    std::vector<Strategy> all;
    for (const StrategyRow* row : m_rows) {
        const std::optional<Strategy> strategy = row->strategy();
        if (!strategy) return std::nullopt;
        all.push_back(*strategy);
    }
    if (all.empty()) return std::nullopt;
    return all;
}

void StrategyEditor::setStrategies(const std::vector<Strategy>& strategies) {
    while (!m_rows.empty()) removeRow(m_rows.back());
    for (const Strategy& strategy : strategies) addRow(strategy);
    emit rowsChanged();
    emit changed();
}

void StrategyEditor::addRow(const Strategy& strategy) {
    auto* row = new StrategyRow(strategy, this);
    m_layout->insertWidget(m_layout->count() - 1, row);
    m_rows.push_back(row);
    connect(row, &StrategyRow::changed, this, &StrategyEditor::changed);
    connect(&row->removeButton(), &QToolButton::clicked, this, [this, row] {
        const auto at = std::find(m_rows.begin(), m_rows.end(), row) - m_rows.begin();
        removeRow(row);
        emit rowsChanged();
        emit changed();
        // The focus goes to what has taken its place, not to the top of the window.
        QWidget* next = m_add;
        if (static_cast<std::size_t>(at) < m_rows.size())
            next = &m_rows[static_cast<std::size_t>(at)]->removeButton();
        next->setFocus(Qt::OtherFocusReason);
    });
}

void StrategyEditor::removeRow(StrategyRow* row) {
    m_rows.erase(std::remove(m_rows.begin(), m_rows.end(), row), m_rows.end());
    m_layout->removeWidget(row);
    row->disconnect(this);
    row->hide();
    row->deleteLater();  // its own button may be what asked for this
}

}  // namespace moescope::ui
