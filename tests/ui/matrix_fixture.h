// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "moescope/session/session_file.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "sample_session.h"

namespace moescope::ui::test {

/// The matrix builder on a scripted device, with no presets but those that come with the program.
class MatrixFixture : public testing::Test {
  protected:
    static constexpr int kTimeoutMs = 30000;

    MatrixFixture() {
        QDir(QString::fromStdString(user_preset_directory())).removeRecursively();
        reopen();
    }

    void reopen() {
        panel = std::make_unique<MatrixPanel>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(sampleDevice())));
        panel->resize(310, 1400);
        panel->show();
        EXPECT_TRUE(waitForPlan());
    }
    bool waitForPlan() {
        return QTest::qWaitFor([&] { return panel->plan() != nullptr; }, kTimeoutMs);
    }
    bool waitForSummary(const QString& part) {
        return QTest::qWaitFor([&] { return panel->summary().text().contains(part); }, kTimeoutMs);
    }
    void choosePreset(const QString& id) {
        QComboBox& box = panel->presetBox();
        ASSERT_GE(box.findData(id), 0) << id.toStdString();
        box.setCurrentIndex(box.findData(id));
        emit box.activated(box.currentIndex());
    }
    static void type(QLineEdit& edit, const QString& text) {
        edit.setFocus();
        edit.selectAll();
        text.isEmpty() ? QTest::keyClick(&edit, Qt::Key_Delete) : QTest::keyClicks(&edit, text);
    }
    QString write(const QString& name, const std::string& text) const {
        write_file_atomically(folder.filePath(name).toStdString(), text);
        return folder.filePath(name);
    }
    std::vector<std::int64_t> experts() const { return panel->selection().value().experts; }

    QTemporaryDir folder;
    std::unique_ptr<MatrixPanel> panel;
};

}  // namespace moescope::ui::test
