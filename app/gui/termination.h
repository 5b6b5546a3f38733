// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>
#include <array>

namespace moescope::gui {

/// Turns SIGINT, SIGTERM and SIGHUP into a Qt signal, so that Ctrl-C in a terminal or a logout stops a sweep
/// as cleanly as closing the window does. One at a time.
class Termination : public QObject {
    Q_OBJECT

  public:
    explicit Termination(QObject* parent = nullptr);
    /// Puts the default handling back.
    ~Termination() override;

  signals:
    void requested();

  private:
    std::array<int, 2> m_pipe{-1, -1};
    QSocketNotifier* m_notifier = nullptr;
};

}  // namespace moescope::gui
