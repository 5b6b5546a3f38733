// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>

#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/sweep/planner.h"
#include "moescope/ui/sweep/sweep_controller.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

Selection smallSelection() {
    Selection selection = find_preset("seed").selection;
    selection.experts = {8};
    selection.kernels = {"silu_v2", "triton"};
    return selection;
}

/// A factory that counts how often a device is opened, and from which thread.
class CountingFactory final : public BackendFactory {
  public:
    explicit CountingFactory(const FakeDeviceScript& script) : m_factory(make_fake_factory(script)) {}
    std::vector<Device> devices() const override { return m_factory->devices(); }
    std::vector<KernelTraits> kernels(const std::string& id) const override { return m_factory->kernels(id); }
    std::unique_ptr<Backend> open(const std::string& id) const override {
        ++opened;
        on_gui_thread = on_gui_thread || QThread::currentThread() == QCoreApplication::instance()->thread();
        return m_factory->open(id);
    }
    mutable std::atomic<int> opened = 0;
    mutable std::atomic<bool> on_gui_thread = false;

  private:
    std::unique_ptr<BackendFactory> m_factory;
};

class Sweep : public testing::Test {
  protected:
    void start(const FakeDeviceScript& script) {
        factory = std::make_shared<CountingFactory>(script);
        controller = std::make_unique<SweepController>(factory);
        QObject::connect(controller.get(), &SweepController::resultsReady, [this](const ResultBatch& batch) {
            for (const auto& result : batch) results.push_back(*result);
        });
        QObject::connect(controller.get(), &SweepController::finished, [this](const SweepOutcome& o) {
            outcome = o;
            ++finished;
        });
        run();
    }

    void run() {
        const Device device = factory->devices().front();
        plan = std::make_shared<const Plan>(make_plan(smallSelection(), device, factory->kernels(device.id)));
        controller->start(plan, new_session(plan->selection, device), path);
    }

    bool wait(int sweeps = 1) {
        return QTest::qWaitFor([&] { return finished >= sweeps; }, kTimeoutMs);
    }

    QTemporaryDir folder;
    QString path = folder.filePath("s.moescope.json");
    std::shared_ptr<CountingFactory> factory;
    std::unique_ptr<SweepController> controller;
    std::shared_ptr<const Plan> plan;
    std::vector<Result> results;
    SweepOutcome outcome;
    int finished = 0;
};

TEST_F(Sweep, DeliversEveryCellOnceAndKeepsThemOnDisk) {
    start(test::sampleDevice());
    EXPECT_TRUE(controller->isRunning());
    ASSERT_TRUE(wait());
    EXPECT_FALSE(controller->isRunning());
    EXPECT_EQ(outcome.kind, SweepOutcome::Kind::completed);
    EXPECT_EQ(outcome.path, path);
    EXPECT_EQ(static_cast<std::int64_t>(results.size()), plan->cells());
    const Session saved = load_session(path.toStdString());
    EXPECT_EQ(saved.results.size(), results.size());
    EXPECT_TRUE(saved.peaks.measured_gbps.has_value());
    EXPECT_FALSE(QFile::exists(QString::fromStdString(Journal::path_for(path.toStdString()))));
}

TEST_F(Sweep, OpensTheDeviceOnItsOwnThreadAndKeepsIt) {
    start(test::sampleDevice());
    ASSERT_TRUE(wait());
    path = folder.filePath("second.moescope.json");
    run();
    ASSERT_TRUE(wait(2));
    EXPECT_EQ(factory->opened, 1);
    EXPECT_FALSE(factory->on_gui_thread);
}

TEST_F(Sweep, CancelKeepsWhatIsDone) {
    FakeDeviceScript script = test::sampleDevice();
    script.before_sample = [] { QThread::usleep(200); };
    start(script);
    ASSERT_TRUE(QTest::qWaitFor([&] { return results.size() >= 3; }, kTimeoutMs));
    controller->cancel();
    ASSERT_TRUE(wait());
    EXPECT_EQ(outcome.kind, SweepOutcome::Kind::cancelled);
    EXPECT_LT(static_cast<std::int64_t>(results.size()), plan->cells());
    EXPECT_EQ(load_session(path.toStdString()).results.size(), results.size());
}

TEST_F(Sweep, ShutDownWaitsUntilResultsAreOnDisk) {
    FakeDeviceScript script = test::sampleDevice();
    script.before_sample = [] { QThread::usleep(200); };
    start(script);
    ASSERT_TRUE(QTest::qWaitFor([&] { return results.size() >= 2; }, kTimeoutMs));
    controller->shutDown();
    EXPECT_GE(load_session(path.toStdString()).results.size(), 2U);
}

TEST_F(Sweep, AFailingKernelIsAResultNotTheEnd) {
    FakeDeviceScript script = test::sampleDevice();
    script.throw_on_sample = {"triton"};
    start(script);
    ASSERT_TRUE(wait());
    EXPECT_EQ(outcome.kind, SweepOutcome::Kind::completed);
    int failed = 0;
    for (const Result& result : results) failed += result.status == Status::failed ? 1 : 0;
    EXPECT_EQ(failed, 7 * 3);
}

TEST_F(Sweep, ADeviceThatCannotBeOpenedIsReportedAndLeavesNothing) {
    factory = std::make_shared<CountingFactory>(test::sampleDevice());
    controller = std::make_unique<SweepController>(make_fake_factory([] {
        FakeDeviceScript other;
        other.id = "fake:7";
        return other;
    }()));
    QObject::connect(controller.get(), &SweepController::finished, [this](const SweepOutcome& o) {
        outcome = o;
        ++finished;
    });
    run();
    ASSERT_TRUE(wait());
    EXPECT_EQ(outcome.kind, SweepOutcome::Kind::failed);
    EXPECT_TRUE(outcome.error.contains("fake:7")) << outcome.error.toStdString();
    EXPECT_TRUE(QDir(folder.path()).isEmpty());
}

TEST_F(Sweep, AnUnwritablePathIsReported) {
    path = folder.filePath("missing/s.moescope.json");
    start(test::sampleDevice());
    ASSERT_TRUE(wait());
    EXPECT_EQ(outcome.kind, SweepOutcome::Kind::failed);
    EXPECT_TRUE(outcome.error.contains("missing")) << outcome.error.toStdString();
    EXPECT_TRUE(results.empty());
}

TEST(PlannerTest, OnlyTheNewestRequestIsAnswered) {
    const auto factory = make_fake_factory(test::sampleDevice());
    const Device device = factory->devices().front();
    Planner planner;
    std::vector<std::size_t> sizes;
    QObject::connect(&planner, &Planner::planReady,
                     [&](const std::shared_ptr<const Plan>& plan) { sizes.push_back(plan->cases.size()); });
    for (int experts = 1; experts <= 5; ++experts) {
        Selection selection = smallSelection();
        selection.experts.assign(static_cast<std::size_t>(experts), 1);
        for (int i = 0; i < experts; ++i) selection.experts[static_cast<std::size_t>(i)] = 8 + i;
        planner.request({selection, device, factory->kernels(device.id)});
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return !planner.isBusy(); }, kTimeoutMs));
    EXPECT_EQ(sizes, std::vector<std::size_t>{5 * 21});
}

TEST(PlannerTest, WhatIsWrongIsToldInOneLine) {
    const auto factory = make_fake_factory(test::sampleDevice());
    const Device device = factory->devices().front();
    Planner planner;
    QString message;
    QObject::connect(&planner, &Planner::planFailed, [&](const QString& text) { message = text; });
    Selection selection = smallSelection();
    selection.kernels = {"nonesuch"};
    planner.request({selection, device, factory->kernels(device.id)});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !message.isEmpty(); }, kTimeoutMs));
    EXPECT_TRUE(message.contains("nonesuch"));
    EXPECT_FALSE(message.contains('\n'));
}

TEST_F(Sweep, AResultIsNotHeldBackUntilTheNext) {
    std::atomic<int> samples = 0;
    std::atomic<bool> go_on = false;
    FakeDeviceScript script = test::sampleDevice();
    script.before_sample = [&] {
        // Hangs in the midst of a later cell, as a slow one would.
        if (++samples > 400)
            while (!go_on) QThread::msleep(1);
    };
    start(script);
    ASSERT_TRUE(QTest::qWaitFor([&] { return samples > 400; }, kTimeoutMs));
    const std::size_t journaled = [&] {
        QTest::qWait(200);  // several batch intervals
        return load_session(path.toStdString()).results.size();
    }();
    EXPECT_GT(journaled, 0U);
    EXPECT_EQ(results.size(), journaled) << "all that is measured is shown though the cell in work goes on";
    go_on = true;
    ASSERT_TRUE(wait());
}

}  // namespace
}  // namespace moescope::ui
