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
    QString error() const;

  protected:
    QWidget* editor() const { return m_editor; }
    void resizeEvent(QResizeEvent* event) override;
    /// After the text of a label in it has changed.
    void fitLines();

  private:
    QWidget* m_editor;
    QLabel* m_error;
};

}  // namespace moescope::ui
