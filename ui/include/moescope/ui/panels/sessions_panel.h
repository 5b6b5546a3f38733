// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QWidget>

#include "moescope/ui/models/sessions_model.h"

class QLabel;

namespace moescope::ui {

/// The sessions that are open: what is shown of them, their names and notes, opening and closing. The
/// selected row is the document's current session.
class SessionsPanel : public QWidget {
    Q_OBJECT

  public:
    explicit SessionsPanel(SessionDocument& document, QWidget* parent = nullptr);

    QTableView& table() { return *m_table; }
    SessionsModel& model() { return *m_model; }
    QPlainTextEdit& notes() { return *m_notes; }
    QPushButton& closeButton() { return *m_close; }
    QPushButton& openButton() { return *m_open; }

  signals:
    void openRequested();
    void closeRequested(std::size_t index);

  protected:
    /// Delete in the table closes the session.
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void showCurrent();
    void requestClose();

    SessionDocument& m_document;
    SessionsModel* m_model;
    QTableView* m_table;
    QLabel* m_notesTitle;
    QPlainTextEdit* m_notes;
    QPushButton* m_open;
    QPushButton* m_close;
    bool m_showing = false;  ///< texts change because another session is shown, not because of an edit
};

}  // namespace moescope::ui
