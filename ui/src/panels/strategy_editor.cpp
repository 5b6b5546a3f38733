// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/strategy_editor.h"

#include <QHBoxLayout>
#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

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
      m_remove(new QToolButton) {
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

    auto* row = new QHBoxLayout(layout()->itemAt(0)->widget());
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_kind, 3);
    row->addWidget(m_parameter, 2);
    row->addWidget(m_remove);

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
    kindChosen();
}

void StrategyRow::kindChosen() {
    const QString hint = m_kind->currentData().toString();
    m_parameter->setPlaceholderText(hint);
    m_parameter->setVisible(!hint.isEmpty());
    m_kind->setToolTip(m_kind->currentData(Qt::ToolTipRole).toString());
    parse();
}

void StrategyRow::parse() {
    QString text = m_kind->currentText();
    if (!m_parameter->text().isEmpty()) text += QLatin1Char(':') + m_parameter->text();
    try {
        m_strategy = parse_strategy(text.toStdString());
        setError({});
    } catch (const Error& error) {
        m_strategy.reset();
        setError(QString::fromUtf8(error.what()));
    }
    emit changed();
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
        emit changed();
    });
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
    emit changed();
}

void StrategyEditor::addRow(const Strategy& strategy) {
    auto* row = new StrategyRow(strategy, this);
    m_layout->insertWidget(m_layout->count() - 1, row);
    m_rows.push_back(row);
    connect(row, &StrategyRow::changed, this, &StrategyEditor::changed);
    connect(&row->removeButton(), &QToolButton::clicked, this, [this, row] {
        removeRow(row);
        emit changed();
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
