// SPDX-License-Identifier: GPL-3.0-or-later

// Plugins in the window, on this machine's processor: real libraries in a real worker process, which is the
// window program as its users have it.

#include <gtest/gtest.h>

#include <QDir>
#include <QListView>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <map>

#include "moescope/backend_factory.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/worker.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 120000;
constexpr double kPluginSeconds = 20.0;

QString plugin(const QString& name) {
    return QStringLiteral("%1/%2.so").arg(QStringLiteral(PLUGIN_DIR), name);
}

class PluginWindow : public testing::Test {
  protected:
    PluginWindow() {
        QSettings().clear();
        const std::shared_ptr<const BackendFactory> base = make_backend_factory();
        const LoadPlugins load = [base](const std::vector<std::string>& files) {
            if (files.empty()) return base;
            return std::shared_ptr<const BackendFactory>(
                add_plugins(*base, {files, kPluginSeconds, MOESCOPE_GUI}).release(),
                [base](const BackendFactory* extended) { delete extended; });
        };
        window = std::make_unique<MainWindow>(base);
        window->matrix().setPlugins(load, {});
        window->show();
        EXPECT_TRUE(waitForPlan());
        QComboBox& devices = window->matrix().deviceBox();
        devices.setCurrentIndex(devices.findData("cpu"));
        EXPECT_TRUE(waitForPlan());
    }

    bool waitForPlan() {
        return QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs);
    }
    void add(const QString& file) {
        window->matrix().plugins().addFile(file);
        EXPECT_FALSE(window->matrix().plugins().addButton().isEnabled()) << "one at a time";
        EXPECT_TRUE(
            QTest::qWaitFor([&] { return window->matrix().plugins().addButton().isEnabled(); }, kTimeoutMs));
    }
    QString error() { return window->matrix().plugins().error(); }
    QStringList listed() {
        QStringList all;
        const KernelListModel& kernels = window->matrix().kernels();
        for (int row = 0; row < kernels.rowCount(); ++row) all << kernels.index(row).data().toString();
        return all;
    }
    bool waitForKernel(const QString& text) {
        return QTest::qWaitFor([&] { return listed().contains(text); }, kTimeoutMs);
    }
    /// Two small cases, hot, so that no cache has to be outrun.
    Selection small() const {
        Selection selection;
        selection.experts = {4};
        selection.max_tokens = {32};
        selection.hidden = {256};
        selection.tokens_per_expert = {1, 8};
        selection.strategies = {parse_strategy("even")};
        selection.kernels = {"cpu", "bad", "good"};
        selection.cache = CacheSelection::hot;
        selection.measure.max_seconds = 0.02;
        return selection;
    }
    std::map<std::string, std::vector<Result>> sweep() {
        window->matrix().setSelection(small());
        EXPECT_TRUE(waitForPlan());
        QTest::keyClick(window.get(), Qt::Key_F5);
        EXPECT_TRUE(window->sweep().isRunning());
        EXPECT_TRUE(QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs));
        std::map<std::string, std::vector<Result>> results;
        for (const Result& r : window->document().session().results) results[r.kernel].push_back(r);
        return results;
    }

    std::unique_ptr<MainWindow> window;
};

TEST_F(PluginWindow, KernelsAreListedWithTheirPluginAndMeasured) {
    const QStringList before = listed();
    add(plugin("none"));
    EXPECT_TRUE(error().isEmpty()) << error().toStdString();
    ASSERT_TRUE(waitForKernel("good from none.so"));
    EXPECT_EQ(listed().size(), before.size() + 2);
    EXPECT_EQ(window->matrix().deviceBox().currentData().toString(), "cpu") << "the device stays chosen";
    const std::vector<std::string> checked = window->matrix().kernels().checked();
    EXPECT_EQ(std::count(checked.begin(), checked.end(), "good"), 1) << "whoever adds it wants to see it";
    auto results = sweep();
    for (const char* kernel : {"cpu", "good", "bad"}) {
        ASSERT_EQ(results[kernel].size(), 2U) << kernel;
        for (const Result& r : results[kernel]) {
            EXPECT_EQ(r.status, Status::ok) << kernel << ": " << r.error;
            EXPECT_TRUE(r.verification.passed) << kernel;
        }
    }
    window->matrix().plugins().addFile(plugin("none"));
    EXPECT_TRUE(error().contains("loaded already")) << error().toStdString();
    ASSERT_EQ(window->matrix().plugins().removeButtons().size(), 1U);
    window->matrix().plugins().removeButtons().front()->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return listed() == before; }, kTimeoutMs));
    EXPECT_TRUE(window->matrix().plugins().removeButtons().empty());
}

TEST_F(PluginWindow, APluginThatCrashesEndsItsOwnCellsOnly) {
    add(plugin("crash_at_launch"));
    ASSERT_TRUE(waitForKernel("bad from crash_at_launch.so"));
    auto results = sweep();
    for (const char* kernel : {"cpu", "good"}) {
        ASSERT_EQ(results[kernel].size(), 2U) << kernel;
        for (const Result& r : results[kernel]) EXPECT_EQ(r.status, Status::ok) << kernel << ": " << r.error;
    }
    ASSERT_EQ(results["bad"].size(), 2U);
    for (const Result& r : results["bad"]) {
        EXPECT_EQ(r.status, Status::failed);
        EXPECT_NE(r.error.find("crash_at_launch.so"), std::string::npos) << r.error;
        EXPECT_NE(r.error.find("SIGSEGV"), std::string::npos) << r.error;
    }
    EXPECT_FALSE(window->messages().isVisible()) << window->messages().text().toStdString();
    EXPECT_TRUE(window->actions().run->isEnabled()) << "and the window goes on";
}

TEST_F(PluginWindow, ABadFileIsToldByTheField) {
    const QStringList before = listed();
    QTemporaryDir folder;
    const QString text = folder.filePath("text.so");
    QFile file(text);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("no library");
    file.close();
    for (const auto& [path, part] : {std::pair{text, QString("text.so")},
                                     std::pair{folder.filePath("missing.so"), QString("missing.so")},
                                     std::pair{plugin("wrong_version"), QString("version")},
                                     std::pair{plugin("missing_symbol"), QString("moescope_launch")},
                                     std::pair{plugin("crash_at_load"), QString("crash_at_load.so")},
                                     std::pair{plugin("id_clash"), QString("cpu")}}) {
        add(path);
        EXPECT_TRUE(error().contains(part)) << error().toStdString();
        EXPECT_TRUE(window->matrix().plugins().removeButtons().empty());
    }
    EXPECT_EQ(listed(), before);
    add(plugin("none"));
    EXPECT_TRUE(error().isEmpty()) << error().toStdString();
    ASSERT_TRUE(waitForKernel("good from none.so"));
    add(text);
    EXPECT_TRUE(error().contains("text.so"));
    EXPECT_EQ(window->matrix().plugins().removeButtons().size(), 1U) << "what was loaded stays";
}

TEST_F(PluginWindow, ClosesWhileAPluginLoads) {
    window->matrix().plugins().addFile(plugin("none"));
    EXPECT_TRUE(window->close());
    window.reset();
}

/// `--plugin` of the program itself.
TEST(PluginProgram, TakesPluginsOnItsCommandLine) {
    QTemporaryDir folder;
    const auto run = [&](const QStringList& arguments) {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.remove("QT_QPA_PLATFORM");
        environment.remove("DISPLAY");
        process.setProcessEnvironment(environment);
        process.start(MOESCOPE_GUI, arguments);
        EXPECT_TRUE(process.waitForFinished(kTimeoutMs));
        return std::pair{process.exitCode(), QString::fromUtf8(process.readAllStandardError())};
    };
    const QString out = folder.filePath("w.png");
    const auto [good, nothing] = run({"--screenshot", out, "--plugin", plugin("none")});
    EXPECT_EQ(good, 0) << nothing.toStdString();
    EXPECT_TRUE(QFile::exists(out));
    const auto [bad, why] =
        run({"--screenshot", folder.filePath("b.png"), "--plugin", plugin("wrong_version")});
    EXPECT_EQ(bad, 2);
    EXPECT_EQ(why.trimmed().count('\n'), 0) << why.toStdString();
    EXPECT_TRUE(why.contains("wrong_version.so")) << why.toStdString();
}

}  // namespace
}  // namespace moescope::ui
