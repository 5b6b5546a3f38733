// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/sweep_status.h"

#include <QHBoxLayout>

#include "moescope/ui/support/text.h"

namespace moescope::ui {

SweepStatus::SweepStatus(QWidget* parent)
    : QWidget(parent), m_text(new QLabel(this)), m_bar(new QProgressBar(this)), m_time(new QLabel(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(4, 0, 4, 0);
    row->addWidget(m_text, 1);
    row->addWidget(m_time);
    row->addWidget(m_bar);
    m_text->setObjectName(QStringLiteral("status"));
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    // A long path must not make the window wide.
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_bar->setAccessibleName(QStringLiteral("Progress of the sweep"));
    // No higher than the text, or all above would move when a sweep begins.
    m_bar->setFixedSize(180, m_text->sizeHint().height());
    m_bar->setFormat(QStringLiteral("%v / %m cells"));
    m_bar->hide();
}

void SweepStatus::begin(std::int64_t cells) {
    m_elapsed = 0.0;
    m_done = 0;
    m_bar->setRange(0, static_cast<int>(cells));
    m_bar->setValue(0);
    m_bar->show();
    m_time->clear();
    m_text->setText(QStringLiteral("Opening the device and measuring its peak..."));
}

void SweepStatus::showProgress(const Progress& progress) {
    m_elapsed = progress.elapsed_seconds;
    m_done = progress.done;
    m_bar->setMaximum(static_cast<int>(progress.total));
    m_bar->setValue(static_cast<int>(progress.done));
    if (!progress.current.empty()) m_text->setText(qs(progress.current));
    m_time->setText(progress.done > 0 ? QStringLiteral("about %1 left").arg(duration(progress.eta_seconds))
                                      : QString());
}

void SweepStatus::stopping() {
    m_text->setText(QStringLiteral("Stopping..."));
}

void SweepStatus::end(const SweepOutcome& outcome) {
    m_bar->hide();
    m_time->clear();
    QString text;
    switch (outcome.kind) {
        case SweepOutcome::Kind::completed:
            text = QStringLiteral("%1 in %2.").arg(counted(m_done, "cell"), duration(m_elapsed));
            break;
        case SweepOutcome::Kind::cancelled:
            text = QStringLiteral("Cancelled.");
            break;
        case SweepOutcome::Kind::failed:
            text = QStringLiteral("The sweep failed.");
            break;
    }
    if (!outcome.path.isEmpty()) text += QStringLiteral(" Results are kept in %1").arg(outcome.path);
    showText(text);
}

void SweepStatus::showText(const QString& text) {
    m_text->setText(text);
    m_text->setToolTip(text);
}

}  // namespace moescope::ui
