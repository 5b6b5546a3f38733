// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QLabel>

namespace moescope::ui {

/// A message in the window rather than over it: what went wrong and what to do. Stays until it is closed or
/// another comes.
class MessageBar : public QFrame {
    Q_OBJECT

  public:
    explicit MessageBar(QWidget* parent = nullptr);

    void showError(const QString& text);
    void showNote(const QString& text);
    QString text() const { return m_text->text(); }

  private:
    void showText(const QString& text, const QString& mark);

    QLabel* m_mark;
    QLabel* m_text;
};

}  // namespace moescope::ui
