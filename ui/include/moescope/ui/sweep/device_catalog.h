// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <memory>
#include <utility>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope::ui {

/// Devices and their kernels, asked for off the GUI thread: the first look at a GPU can take a second.
class DeviceCatalog : public QObject {
    Q_OBJECT

  public:
    struct Entry {
        Device device;
        std::vector<KernelTraits> kernels;
    };

    explicit DeviceCatalog(std::shared_ptr<const BackendFactory> factory, QObject* parent = nullptr);
    ~DeviceCatalog() override;

    void load();
    /// Asked by the next load().
    void setFactory(std::shared_ptr<const BackendFactory> factory) { m_factory = std::move(factory); }
    const std::vector<Entry>& entries() const { return m_entries; }

  signals:
    void loaded();
    void failed(const QString& message);

  private:
    struct Answer {
        std::vector<Entry> entries;
        QString error;
    };
    std::shared_ptr<const BackendFactory> m_factory;
    QFutureWatcher<Answer> m_watcher;
    std::vector<Entry> m_entries;
};

}  // namespace moescope::ui
