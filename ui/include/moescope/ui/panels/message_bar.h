// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <functional>
#include <utility>
#include <vector>

class QHBoxLayout;

namespace moescope::ui {

/// A message in the window rather than over it: what went wrong and what to do. Stays until it is closed or
/// another comes.
class MessageBar : public QFrame {
    Q_OBJECT

  public:
    explicit MessageBar(QWidget* parent = nullptr);

    void showError(const QString& text);
    void showNote(const QString& text);
    /// A note with a button for each thing that can be done about it. A click hides the bar first.
    using Choice = std::pair<QString, std::function<void()>>;
    void showChoices(const QString& text, const std::vector<Choice>& choices);
    /// Takes away what was told. A question stays until it is answered or closed.
    void clear();
    QString text() const { return m_text->text(); }
    const std::vector<QPushButton*>& buttons() const { return m_buttons; }

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void showText(const QString& text, const QString& mark);
    void colorMark();

    QHBoxLayout* m_row;
    QLabel* m_mark;
    QLabel* m_text;
    std::vector<QPushButton*> m_buttons;
};

}  // namespace moescope::ui
