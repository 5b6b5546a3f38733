// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QStringList>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope::ui {

/// The devices of this machine with the kernels of these plugin files added to the built-in ones; without a
/// file the built-in ones alone. Takes as long as a plugin takes to load. Throws Error for a file that is no
/// good.
using LoadPlugins =
    std::function<std::shared_ptr<const BackendFactory>(const std::vector<std::string>& files)>;

/// Which plugins are loaded. Loads off the GUI thread; what is loaded stays when another file turns out to be
/// bad.
class PluginLoader : public QObject {
    Q_OBJECT

  public:
    /// `files`: what the present backends have been made with.
    PluginLoader(LoadPlugins load, QStringList files, QObject* parent = nullptr);
    /// Waits for a file in work.
    ~PluginLoader() override;

    const QStringList& files() const { return m_files; }
    bool isBusy() const { return m_busy; }
    /// One at a time: does nothing while busy.
    void add(const QString& file);
    void remove(const QString& file);

  signals:
    void busyChanged();
    void loaded(const std::shared_ptr<const moescope::BackendFactory>& factory);
    void failed(const QString& message);

  private:
    struct Answer {
        std::shared_ptr<const BackendFactory> factory;
        QString error;
    };
    void load(const QStringList& files);
    void deliver();

    LoadPlugins m_load;
    QStringList m_files;
    QStringList m_wanted;
    QFutureWatcher<Answer> m_watcher;
    bool m_busy = false;
};

}  // namespace moescope::ui
