// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/sweep/plugin_loader.h"
#include "moescope/ui/support/setting_names.h"

#include <QFileInfo>
#include <QtConcurrent>
#include <exception>
#include <utility>

namespace moescope::ui {

PluginLoader::PluginLoader(LoadPlugins load, QStringList files, QObject* parent)
    : QObject(parent), m_load(std::move(load)), m_files(std::move(files)) {
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &PluginLoader::deliver);
}

PluginLoader::~PluginLoader() {
    m_watcher.waitForFinished();
}

void PluginLoader::add(const QString& file) {
    const QString path = QFileInfo(file).absoluteFilePath();
    if (m_busy) return;
    if (m_files.contains(path)) {
        emit failed(QStringLiteral("plugin %1 is loaded already").arg(QFileInfo(path).fileName()));
        return;
    }
    load(m_files + QStringList{path});
}

void PluginLoader::remove(const QString& file) {
    if (m_busy || !m_files.contains(file)) return;
    QStringList rest = m_files;
    rest.removeAll(file);
    load(rest);
}

void PluginLoader::load(const QStringList& files) {
    m_wanted = files;
    m_busy = true;
    emit busyChanged();
    std::vector<std::string> paths;
    for (const QString& file : files) paths.push_back(file.toStdString());
    m_watcher.setFuture(QtConcurrent::run([load = m_load, paths = std::move(paths)]() -> Answer {
        try {
            return {load(paths), {}};
        } catch (const std::exception& error) {
            return {nullptr, errorText(error)};
        }
    }));
}

void PluginLoader::deliver() {
    const Answer answer = m_watcher.result();
    m_busy = false;
    if (answer.factory) m_files = m_wanted;
    emit busyChanged();
    if (answer.factory)
        emit loaded(answer.factory);
    else
        emit failed(answer.error);
}

}  // namespace moescope::ui
