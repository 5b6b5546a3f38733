// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace moescope::ui {

/// An editor with a line beneath it for what is wrong with its content. The line takes no room while all is
/// well.
class Field : public QWidget {
    Q_OBJECT

  public:
    /// Takes `editor` as its child. `name` becomes its accessible name.
    Field(QWidget* editor, const QString& name, QWidget* parent = nullptr);

    /// Empty: all is well.
    void setError(const QString& message);
    const QString& error() const { return m_message; }

  protected:
    QWidget* editor() const { return m_editor; }
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    /// A line beneath the editor, as wide as that however long its words are.
    static void makeLine(QLabel& label);
    /// The text, which may be wrapped within long words, too: paths and lists of numbers.
    static QString breakable(const QString& text);
    /// After the text of a label in it has changed.
    void fitLines();

  private:
    void colorError();

    QWidget* m_editor;
    QLabel* m_error;
    QString m_message;
};

}  // namespace moescope::ui
