// SPDX-License-Identifier: GPL-3.0-or-later
// Cache modes and many kernels: what is drawn, how it is named, and how the reader chooses.
#include <gtest/gtest.h>

#include <QAction>
#include <QSettings>
#include <QTest>
#include <algorithm>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/kernel_filter.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"
#include "text_recorder.h"

namespace moescope::ui {
namespace {

using test::PaintedText;

std::vector<PaintedText> paintTexts(const QString& kind, const ChartData& data, QSize size) {
    const std::unique_ptr<Chart> chart = findChartKind(kind).make();
    chart->show(data, {});
    test::TextRecorder recorder(size);
    chart->paint(recorder, size, 1.0);
    return recorder.texts();
}

bool shows(const std::vector<PaintedText>& texts, const QString& text) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const PaintedText& each) { return each.text.contains(text); });
}

/// Every result once for each of six kernels, both cold and hot: twelve series.
Session twelveSeries(const Session& base) {
    Session session = base;
    session.results.clear();
    session.spec.cache = CacheSelection::both;
    const std::vector<std::string> kernels{"silu_v2",      "triton",  "silu_v3",
                                           "silu_v3_fp32", "unfused", "stream41"};
    for (const Result& r : base.results) {
        if (r.kernel != "silu_v2") continue;
        for (std::size_t k = 0; k < kernels.size(); ++k)
            for (const CacheMode cache : {CacheMode::cold, CacheMode::hot}) {
                Result each = r;
                each.kernel = kernels[k];
                each.cache = cache;
                const double faster =
                    (1.0 - 0.1 * static_cast<double>(k)) * (cache == CacheMode::hot ? 0.9 : 1.0);
                for (double& sample : each.samples_us) sample *= faster;
                *each.median_us *= faster;
                *each.gbps /= faster;
                session.results.push_back(each);
            }
    }
    return session;
}

const Session& seedTwelve() {
    static const Session session = twelveSeries(test::sampleSession("seed"));
    return session;
}

const Session& thousandTwelve() {
    static const Session session = twelveSeries(test::largeSession(1000));
    return session;
}

class TwelveSeries : public testing::TestWithParam<int> {
  protected:
    const ChartKind& kind() const { return chartKinds()[static_cast<std::size_t>(GetParam())]; }
    void expectLegible(const Session& session) {
        ChartData data;
        data.session = &session;
        for (const CacheChoice cache : {CacheChoice::automatic, CacheChoice::both})
            for (const QSize size : {QSize(640, 480), QSize(950, 480), QSize(1280, 800), QSize(2400, 1400)}) {
                SCOPED_TRACE(size.width());
                data.cache = cache;
                const auto texts = paintTexts(kind().id, data, size);
                EXPECT_GT(texts.size(), 10U);
                EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
                EXPECT_EQ(test::cutOff(texts, size).join('\n').toStdString(), "");
            }
    }
};

TEST_P(TwelveSeries, NoLabelOverlapsAt63Cases) {
    expectLegible(seedTwelve());
}

TEST_P(TwelveSeries, NoLabelOverlapsAt1000Cases) {
    expectLegible(thousandTwelve());
}

TEST_P(TwelveSeries, NamesTellTheModeWhenBothAreShown) {
    ChartData data;
    data.session = &seedTwelve();
    auto texts = paintTexts(kind().id, data, kind().size);
    EXPECT_TRUE(shows(texts, "silu_v3")) << "one mode: the kernel's name alone";
    EXPECT_FALSE(shows(texts, "silu_v3, cold"));
    EXPECT_TRUE(shows(texts, "cold cache"));
    EXPECT_FALSE(shows(texts, "hot"));
    data.cache = CacheChoice::hot;
    texts = paintTexts(kind().id, data, kind().size);
    EXPECT_TRUE(shows(texts, "hot cache"));
    EXPECT_FALSE(shows(texts, "cold"));
    data.cache = CacheChoice::both;
    texts = paintTexts(kind().id, data, kind().size);
    EXPECT_TRUE(shows(texts, "silu_v3, cold"));
    EXPECT_TRUE(shows(texts, "silu_v3, hot"));
}

TEST_P(TwelveSeries, KernelsThatAreSwitchedOffAreNotInAFile) {
    ChartData data;
    data.session = &seedTwelve();
    data.hidden = {"triton", "stream41", "unfused", "silu_v3_fp32"};
    const auto texts = paintTexts(kind().id, data, kind().size);
    EXPECT_FALSE(shows(texts, "triton"));
    EXPECT_TRUE(shows(texts, "silu_v3"));
    EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
}

INSTANTIATE_TEST_SUITE_P(AllCharts, TwelveSeries, testing::Range(0, 9), [](const auto& param) {
    return QString(chartKinds()[static_cast<std::size_t>(param.param)].id).replace('-', '_').toStdString();
});

TEST(ManyGroups, AreSaidToBeTooManyToNameAndStayLegible) {
    const Session session = test::largeSession(1100);
    ChartData data;
    data.session = &session;
    for (const char* kind : {"bandwidth", "time"}) {
        const auto texts = paintTexts(kind, data, QSize(1280, 800));
        EXPECT_TRUE(shows(texts, "44 groups are too many to name")) << kind;
        EXPECT_FALSE(shows(texts, "E = 4")) << kind;
        EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
    }
}

class ChartChoices : public testing::Test {
  protected:
    ChartChoices() {
        QSettings().clear();
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        window->document().open(seedTwelve(), {});
        window->charts().refresh();
    }
    ChartPanel& charts() { return window->charts(); }
    QAction* kernelAction(const QString& kernel) {
        for (QAction* action : charts().kernelFilter().menu()->actions())
            if (action->data().toString() == kernel) return action;
        return nullptr;
    }
    std::unique_ptr<MainWindow> window;
};

TEST_F(ChartChoices, ColdByDefaultAndOnlyOfferedWhereBothAreThere) {
    EXPECT_TRUE(charts().cacheBox().isVisible());
    EXPECT_EQ(charts().cacheBox().currentText(), "cold");
    EXPECT_EQ(charts().data().cache, CacheChoice::automatic);
    QTest::keyClick(&charts().cacheBox(), Qt::Key_End);
    EXPECT_EQ(charts().data().cache, CacheChoice::both);
    window->document().open(test::sampleSession("seed"), {});
    charts().refresh();
    EXPECT_FALSE(charts().cacheBox().isVisible());
    EXPECT_EQ(charts().data().cache, CacheChoice::automatic) << "of the next session";
}

TEST_F(ChartChoices, TheMenuSwitchesKernels) {
    KernelFilter& filter = charts().kernelFilter();
    EXPECT_EQ(filter.text(), "&Kernels");
    ASSERT_NE(kernelAction("triton"), nullptr);
    EXPECT_TRUE(kernelAction("triton")->isChecked());
    kernelAction("triton")->trigger();
    EXPECT_EQ(charts().data().hidden, (std::set<std::string>{"triton"}));
    EXPECT_EQ(filter.text(), "&Kernels 5 of 6");
    EXPECT_FALSE(kernelAction("triton")->isChecked());
    const auto middle = [this] {
        return kernelAction("triton")->icon().pixmap(16, 16).toImage().pixelColor(8, 8).alpha();
    };
    EXPECT_EQ(middle(), 0) << "a hollow square";
    charts().toggleKernel("triton");  // as the legend does
    EXPECT_TRUE(kernelAction("triton")->isChecked());
    EXPECT_EQ(middle(), 255);
    for (QAction* action : filter.menu()->actions())
        if (action->menu() != nullptr) action->menu()->actions().at(2)->trigger();
    EXPECT_EQ(charts().data().hidden.size(), 5U);
    EXPECT_EQ(charts().data().hidden.count("silu_v3"), 0U);
    for (QAction* action : filter.menu()->actions())
        if (action->text() == "&All") action->trigger();
    EXPECT_TRUE(charts().data().hidden.empty());
}

TEST_F(ChartChoices, TheBarFitsAt1280) {
    for (const ChartKind& kind : chartKinds()) {
        charts().showChart(kind.id);
        window->resize(1280, 800);
        QCoreApplication::processEvents();
        EXPECT_EQ(window->size(), QSize(1280, 800)) << kind.id.toStdString();
    }
}

}  // namespace
}  // namespace moescope::ui
