// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_page.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kWaitMs = 120;
const QString kChooseHint = QStringLiteral(
    "Check a session as A (the base) and one or more as B on the left. Add files for sessions that are not "
    "open, "
    "such as last week's.");

}  // namespace

ComparisonPage::ComparisonPage(QWidget* parent)
    : QWidget(parent),
      m_setup(new ComparisonSetup(this)),
      m_view(new ComparisonView(this)),
      m_messages(new MessageBar(this)),
      m_stack(new QStackedWidget(this)),
      m_hint(new QLabel(this)),
      m_results(new QComboBox(this)),
      m_progress(new QProgressBar(this)),
      m_stop(new QPushButton(QStringLiteral("&Cancel"), this)) {
    setAcceptDrops(true);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    m_hint->setMargin(40);
    m_stack->addWidget(m_hint);
    m_stack->addWidget(m_view);

    auto* right = new QWidget(this);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_messages);
    column->addWidget(buildBar());
    column->addWidget(m_stack, 1);
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_setup);
    split->addWidget(right);
    split->setStretchFactor(0, 0);
    split->setStretchFactor(1, 1);
    split->setSizes({280, 1000});
    auto* whole = new QHBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(split);

    m_wait.setSingleShot(true);
    m_wait.setInterval(kWaitMs);
    connect(&m_wait, &QTimer::timeout, this, &ComparisonPage::compare);
    connect(m_setup, &ComparisonSetup::changed, this, [this] {
        m_touched = m_touched || !m_choosingFirst;
        m_wait.start();
    });
    connect(m_setup, &ComparisonSetup::fileWanted, this, &ComparisonPage::askForFiles);
    connect(m_view, &ComparisonView::efficiencyWanted, this,
            [this] { m_setup->setMetric(CompareMetric::efficiency); });
    for (ComparisonChartPane* pane : {&m_view->charts(), &m_view->boxes()}) {
        connect(pane, &ComparisonChartPane::copyWanted, this, [this, pane] { copyPicture(*pane); });
        connect(pane, &ComparisonChartPane::exportWanted, this, [this, pane] { askAndExport(*pane); });
    }
    connect(&m_runner, &ComparisonRunner::started, this, [this] {
        m_progress->setRange(0, 0);
        m_progress->show();
        m_stop->setText(QStringLiteral("&Cancel"));
        m_stop->show();
    });
    connect(&m_runner, &ComparisonRunner::progressed, this, [this](int done, int cells) {
        m_progress->setRange(0, cells);
        m_progress->setValue(done);
    });
    connect(&m_runner, &ComparisonRunner::ready, this, &ComparisonPage::showAnswer);
    connect(&m_runner, &ComparisonRunner::failed, this, [this](const QString& message) {
        showAnswer({});
        m_messages->showError(message);
    });
    connect(&m_runner, &ComparisonRunner::cancelled, this, [this] {
        m_progress->hide();
        // Deselected while at work: there is nothing to go on with.
        m_stop->setVisible(m_setup->request().has_value());
        m_stop->setText(QStringLiteral("&Compare"));
        if (m_answer.empty()) showHint(QStringLiteral("Cancelled."));
    });
    connect(m_stop, &QPushButton::clicked, this, [this] {
        if (m_runner.isBusy())
            m_runner.cancel();
        else
            compare();
    });
    connect(m_results, &QComboBox::activated, this, [this](int at) {
        if (at >= 0 && static_cast<std::size_t>(at) < m_answer.size())
            m_view->setCompared(m_answer[static_cast<std::size_t>(at)]);
    });
    showHint(kChooseHint);
}

QWidget* ComparisonPage::buildBar() {
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(6, 2, 6, 0);
    m_results->setAccessibleName(QStringLiteral("Comparison shown"));
    m_results->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_progress->setAccessibleName(QStringLiteral("Progress of the comparison"));
    m_progress->setFormat(QStringLiteral("%v of %m cells"));
    m_progress->setMaximumWidth(200);
    row->addWidget(m_results, 1);
    row->addWidget(m_progress);
    row->addWidget(m_stop);
    m_results->hide();
    m_progress->hide();
    m_stop->hide();
    return bar;
}

void ComparisonPage::setSessions(const std::vector<SessionPtr>& sessions, std::size_t baseline) {
    m_choosingFirst = true;
    m_setup->sources().setOpen(sessions);
    if (!m_touched && !sessions.empty()) {
        const auto base = static_cast<int>(std::min(baseline, sessions.size() - 1));
        std::vector<int> others;
        for (int i = 0; i < static_cast<int>(sessions.size()); ++i)
            if (i != base) others.push_back(i);
        m_setup->sources().choose({base}, others);
    }
    m_choosingFirst = false;
}

void ComparisonPage::compare() {
    m_wait.stop();
    const std::optional<ComparisonRunner::Request> request = m_setup->request();
    if (request) {
        m_runner.request(*request);
        return;
    }
    m_runner.cancel();
    showAnswer({});
}

void ComparisonPage::showAnswer(const std::vector<ComparedPtr>& answer) {
    m_progress->hide();
    m_stop->hide();
    const int before = m_results->currentIndex();
    m_answer = answer;
    {
        const QSignalBlocker quiet(m_results);
        m_results->clear();
        for (const ComparedPtr& each : answer) {
            const auto side = [](const std::vector<SessionPtr>& sessions) {
                const QString text = sessionText(*sessions.front());
                return sessions.size() == 1
                           ? text
                           : QStringLiteral("%1 and %2 more").arg(text).arg(sessions.size() - 1);
            };
            m_results->addItem(
                QStringLiteral("A: %1   \u2192   B: %2").arg(side(each->base), side(each->other)));
        }
    }
    m_results->setVisible(!answer.empty());
    if (answer.empty()) {
        m_view->setCompared(nullptr);
        showHint(kChooseHint);
        return;
    }
    m_messages->hide();
    const int shown = before >= 0 && before < m_results->count() ? before : 0;
    m_results->setCurrentIndex(shown);
    m_view->setCompared(answer[static_cast<std::size_t>(shown)]);
    m_stack->setCurrentWidget(m_view);
    emit told(QStringLiteral("%1 compared")
                  .arg(counted(static_cast<std::int64_t>(m_view->compared()->comparison.rows.size()),
                               QStringLiteral("cell"))));
}

void ComparisonPage::showHint(const QString& text) {
    m_hint->setText(text);
    m_stack->setCurrentWidget(m_hint);
}

}  // namespace moescope::ui
