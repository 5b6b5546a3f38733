// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/sweep/device_catalog.h"

#include <QtConcurrent>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"

namespace moescope::ui {

DeviceCatalog::DeviceCatalog(std::shared_ptr<const BackendFactory> factory, QObject* parent)
    : QObject(parent), m_factory(std::move(factory)) {
    connect(&m_watcher, &QFutureWatcherBase::finished, this, [this] {
        Answer answer = m_watcher.result();
        m_entries = std::move(answer.entries);
        if (!answer.error.isEmpty()) emit failed(answer.error);
        emit loaded();
    });
}

DeviceCatalog::~DeviceCatalog() {
    m_watcher.waitForFinished();
}

void DeviceCatalog::load() {
    m_watcher.setFuture(QtConcurrent::run([factory = m_factory] {
        Answer answer;
        try {
            for (const Device& device : factory->devices())
                answer.entries.push_back({device, factory->kernels(device.id)});
        } catch (const Error& error) {
            answer.error = errorText(error);
        }
        return answer;
    }));
}

}  // namespace moescope::ui
