// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/sessions_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "moescope/ui/support/table.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

SessionsPanel::SessionsPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_model(new SessionsModel(document, this)),
      m_table(new QTableView(this)),
      m_notesTitle(new QLabel(QStringLiteral("No&tes"), this)),
      m_notes(new QPlainTextEdit(this)),
      m_open(new QPushButton(QStringLiteral("Ope&n..."), this)),
      m_close(new QPushButton(QStringLiteral("C&lose"), this)) {
    prepareTable(*m_table, QStringLiteral("Open sessions"));
    // Before the view, which then chooses a neighbour of its own: the document says which session is current.
    connect(m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { m_showing = true; });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, [this] { m_showing = false; });
    m_table->setModel(m_model);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->installEventFilter(this);
    m_open->setToolTip(QStringLiteral("Open one or more sessions and show them (Ctrl+O)"));
    m_notes->setAccessibleName(QStringLiteral("Notes of the selected session"));
    m_notes->setPlaceholderText(QStringLiteral("What was measured, and why. Saved in the session's file."));
    m_notes->setTabChangesFocus(true);
    m_notesTitle->setBuddy(m_notes);

    auto* side = new QWidget(this);
    auto* side_column = new QVBoxLayout(side);
    side_column->setContentsMargins(4, 2, 4, 4);
    side_column->setSpacing(3);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(5);
    buttons->addWidget(m_notesTitle, 1);
    buttons->addWidget(m_open);
    buttons->addWidget(m_close);
    side_column->addLayout(buttons);
    side_column->addWidget(m_notes, 1);

    auto* splitter = new QSplitter(this);
    splitter->addWidget(m_table);
    splitter->addWidget(side);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(splitter);

    connect(m_open, &QPushButton::clicked, this, &SessionsPanel::openRequested);
    connect(m_close, &QPushButton::clicked, this, &SessionsPanel::requestClose);
    connect(m_notes, &QPlainTextEdit::textChanged, this, [this] {
        const std::size_t at = m_document.currentIndex();
        if (!m_showing && at < m_document.count()) m_document.setNotes(at, m_notes->toPlainText());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& at) {
                if (at.isValid() && !m_showing) m_document.setCurrent(static_cast<std::size_t>(at.row()));
            });
    connect(&m_document, &SessionDocument::stateChanged, this, &SessionsPanel::showCurrent);
    // Later, when the document has said which session is current: its name is bold, and wider.
    connect(
        m_model, &QAbstractItemModel::rowsInserted, this, [this] { fitColumns(*m_table); },
        Qt::QueuedConnection);
    showCurrent();
}

void SessionsPanel::showCurrent() {
    m_showing = true;
    const OpenSession* current = m_document.current();
    if (current != nullptr) {
        const auto row = static_cast<int>(m_document.currentIndex());
        if (m_table->currentIndex().row() != row) m_table->selectRow(row);
    }
    const QString notes = current != nullptr ? qs(current->session.notes) : QString();
    if (m_notes->toPlainText() != notes) m_notes->setPlainText(notes);
    m_notes->setEnabled(current != nullptr);
    const bool is_live = current != nullptr && current == m_document.live();
    m_close->setEnabled(current != nullptr && !is_live);
    m_close->setToolTip(
        is_live ? QStringLiteral("A sweep fills this session: wait for its end or stop it")
                : QStringLiteral("Close the selected session (Delete); what is not saved is asked "
                                 "about"));
    m_showing = false;
}

void SessionsPanel::requestClose() {
    const std::size_t at = m_document.currentIndex();
    if (at < m_document.count()) emit closeRequested(at);
}

bool SessionsPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Delete && m_close->isEnabled()) {
            requestClose();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moescope::ui
