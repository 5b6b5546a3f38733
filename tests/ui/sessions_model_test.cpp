// SPDX-License-Identifier: GPL-3.0-or-later
// Several sessions open at once: the list of them, and what views show of it.
#include "moescope/ui/models/sessions_model.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <set>

#include "model_check.h"
#include "moescope/ui/models/results_model.h"
#include "moescope/ui/session/series_id.h"
#include "moescope/ui/theme/kernel_style.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

using test::ModelCheck;

Session named(const std::string& name) {
    Session session = test::sampleSession("seed");
    session.name = name;
    session.id = name;
    return session;
}

QModelIndex cell(const SessionsModel& model, int row, int column = SessionsModel::kName) {
    return model.index(row, column);
}

TEST(SeriesId, IsTakenApartAgain) {
    const std::string id = seriesId("silu_v2", 12, "a @ 3: b");
    EXPECT_EQ(id, "silu_v2 @ 12: a @ 3: b");
    EXPECT_EQ(kernelOf(id), "silu_v2");
    EXPECT_EQ(sessionOf(id), "12: a @ 3: b");
    EXPECT_EQ(sessionNumberOf(id), 12);
    EXPECT_EQ(seriesId("cpu", 1, ""), "cpu @ 1");
    EXPECT_EQ(sessionNumberOf("cpu @ 1"), 1);
    for (const char* own : {"silu_v2", "mine@2", "mine @ home", "mine @ 2b", ""}) {
        EXPECT_EQ(kernelOf(own), own);
        EXPECT_EQ(sessionOf(own), "");
        EXPECT_EQ(sessionNumberOf(own), 0);
    }
}

TEST(SeriesStyle, KeepsTheKernelsHueAndTellsSessionsApart) {
    for (const Theme* theme : {&Theme::light(), &Theme::darkTheme()}) {
        for (const char* kernel : {"silu_v2", "triton", "silu_v3", "unfused", "stream41"}) {
            const KernelStyle own = kernelStyle(kernel, *theme);
            std::set<std::pair<int, int>> seen;
            for (int number = 1; number <= 5; ++number) {
                const KernelStyle style = kernelStyle(seriesId(kernel, number, "x"), *theme);
                EXPECT_TRUE(
                    seen.insert({static_cast<int>(style.marker), static_cast<int>(style.dash)}).second);
                if (number <= 2) {
                    EXPECT_EQ(style.color == own.color, number == 1) << kernel;
                }
                if (own.color.hsvSaturation() > 60) {
                    EXPECT_NEAR(style.color.hue(), own.color.hue(), 12) << kernel << ' ' << number;
                }
                EXPECT_NE(style.color, theme->background);
            }
        }
    }
}

TEST(OpenSessionTest, LegendsGetAShortName) {
    OpenSession open;
    open.number = 3;
    open.session.environment.device.name = "NVIDIA H100 80GB HBM3";
    open.session.name = "seed on NVIDIA H100 80GB HBM3";
    EXPECT_EQ(open.seriesId("triton"), "triton @ 3: seed");
    open.session.name = "seed on another device";
    EXPECT_EQ(open.shortName(), "seed on another dev\u2026");
    open.session.name.clear();
    EXPECT_EQ(open.seriesId("triton"), "triton @ 3");
    open.path = "/tmp/monday.moescope.json";
    EXPECT_EQ(open.seriesId("triton"), "triton @ 3: monday");
}

TEST(SessionsModelTest, HoldsThroughAllThatIsDoneToIt) {
    SessionDocument document;
    SessionsModel model(document);
    ResultsModel results(document);
    const ModelCheck check(&model);
    const ModelCheck results_check(&results);
    document.open({{named("a"), "/tmp/a.json"}, {named("b"), "/tmp/b.json"}});
    document.open(named("c"), {});
    EXPECT_EQ(model.rowCount(), 3);
    EXPECT_EQ(results.rowCount(), 126) << "only what was opened last is shown";
    document.setShown(0, true);
    EXPECT_EQ(results.rowCount(), 252);
    document.begin({}, nullptr);
    document.end();
    document.close(3);
    document.close(0);
    EXPECT_EQ(model.rowCount(), 2);
    document.open(named("b2"), "/tmp/b.json");
    EXPECT_EQ(model.rowCount(), 2) << "a file is open once";
    EXPECT_EQ(document.at(0).session.name, "b2");
    document.closeAll();
    EXPECT_EQ(model.rowCount(), 0);
    EXPECT_EQ(results.rowCount(), 0);
    EXPECT_EQ(document.current(), nullptr);
}

TEST(SessionsModelTest, ChecksDecideWhatIsShown) {
    SessionDocument document;
    SessionsModel model(document);
    ResultsModel results(document);
    document.open({{named("a"), "/tmp/a.json"}, {named("b"), "/tmp/b.json"}});
    ASSERT_EQ(results.rowCount(), 252);
    EXPECT_EQ(results.index(0, ResultsModel::kKernel).data().toString(), "silu_v2");
    EXPECT_EQ(results.index(0, ResultsModel::kSession).data().toString(), "1: a");
    EXPECT_EQ(results.index(126, ResultsModel::kSession).data().toString(), "2: b");
    EXPECT_EQ(document.session().results[126].kernel, "silu_v2 @ 2: b");
    EXPECT_EQ(document.origin(130).session, &document.at(1));
    EXPECT_EQ(document.origin(130).result, 4U);

    ASSERT_TRUE(model.setData(cell(model, 0), Qt::Unchecked, Qt::CheckStateRole));
    EXPECT_EQ(results.rowCount(), 126);
    EXPECT_EQ(document.session().name, "b");
    EXPECT_EQ(document.session().results[0].kernel, "silu_v2") << "alone it needs no number";
    ASSERT_TRUE(model.setData(cell(model, 1), Qt::Unchecked, Qt::CheckStateRole));
    EXPECT_EQ(results.rowCount(), 0);
    EXPECT_EQ(cell(model, 1).data(Qt::CheckStateRole).toInt(), Qt::Unchecked);
}

TEST(SessionsModelTest, NamesAreEditedAndMarkTheSession) {
    SessionDocument document;
    SessionsModel model(document);
    document.open({{named("a"), "/tmp/a.json"}, {named("b"), "/tmp/b.json"}});
    EXPECT_TRUE(cell(model, 0).flags() & Qt::ItemIsEditable);
    EXPECT_FALSE(model.setData(cell(model, 0), "  ", Qt::EditRole)) << "a session without a name is none";
    ASSERT_TRUE(model.setData(cell(model, 0), "before the change", Qt::EditRole));
    EXPECT_EQ(document.at(0).session.name, "before the change");
    EXPECT_TRUE(document.at(0).modified);
    EXPECT_FALSE(document.at(1).modified);
    EXPECT_EQ(cell(model, 0).data().toString(), "1: before the change*");
    EXPECT_EQ(document.session().results[0].kernel, "silu_v2 @ 1: before the change") << "legends follow";
    document.setNotes(1, "driver 580\nsecond line");
    EXPECT_EQ(cell(model, 1, SessionsModel::kNotes).data().toString(), "driver 580");
    EXPECT_TRUE(cell(model, 0).data(Qt::AccessibleTextRole).toString().contains("shown, not saved"));
}

TEST(SessionsModelTest, SpeedupsAreOverTheChosenSession) {
    Session slow = named("slow");
    for (Result& r : slow.results) *r.median_us *= 2.0;
    SessionDocument document;
    SessionsModel model(document);
    document.open({{named("fast"), "/tmp/a.json"}, {slow, "/tmp/b.json"}});
    EXPECT_EQ(document.baseline(), "silu_v2 @ 1: fast");
    EXPECT_NEAR(*document.speedup(126), 0.5, 1e-9);
    QSignalSpy changed(&document, &SessionDocument::baselineChanged);
    ASSERT_TRUE(model.setData(cell(model, 1, SessionsModel::kBaseline), Qt::Checked, Qt::CheckStateRole));
    EXPECT_EQ(document.baseline(), "silu_v2 @ 2: slow");
    EXPECT_GE(changed.count(), 1);
    EXPECT_NEAR(*document.speedup(0), 2.0, 1e-9);
    EXPECT_NEAR(*document.speedup(126), 1.0, 1e-9);
    EXPECT_EQ(cell(model, 0, SessionsModel::kBaseline).data(Qt::CheckStateRole).toInt(), Qt::Unchecked);
    EXPECT_FALSE(model.setData(cell(model, 1, SessionsModel::kBaseline), Qt::Unchecked, Qt::CheckStateRole));

    document.setBaseline("triton @ 1: fast");  // as the box above the chart does
    EXPECT_EQ(document.baseline(), "triton @ 1: fast");
    EXPECT_EQ(document.baselineSession(), &document.at(0));
    document.setShown(0, false);
    EXPECT_EQ(document.baseline(), "triton") << "the kernel stays chosen in the session that is left";
}

TEST(SessionsModelTest, UnitedSessionsKeepOnlyWhatTheyShare) {
    Session other = named("b");
    other.created = "2026-11-30T10:00:00Z";
    other.environment.device.name = "another device";
    other.peaks.theoretical_gbps = 2.0 * *other.peaks.theoretical_gbps;
    SessionDocument document;
    document.open({{named("a"), "/tmp/a.json"}, {other, "/tmp/b.json"}});
    const Session& united = document.session();
    EXPECT_EQ(united.environment.device.name,
              document.at(0).session.environment.device.name + " / another device");
    EXPECT_TRUE(united.created.ends_with(" / 2026-11-30")) << united.created;
    EXPECT_FALSE(united.peaks.theoretical_gbps) << "no line stands for both";
    EXPECT_TRUE(united.peaks.measured_gbps);
}

TEST(SessionsModelTest, ASweepGrowsBesideWhatIsShown) {
    const Session whole = named("new");
    Session empty = whole;
    empty.results.clear();
    SessionDocument document;
    ResultsModel results(document);
    const ModelCheck check(&results);
    document.open(named("old"), "/tmp/a.json");
    document.begin(empty, nullptr);
    document.setShown(0, true);
    ResultBatch batch;
    for (std::size_t i = 0; i < 5; ++i) batch.push_back(std::make_shared<const Result>(whole.results[i]));
    document.append(batch);
    ASSERT_EQ(results.rowCount(), 131);
    EXPECT_EQ(document.session().results.back().kernel, document.live()->seriesId(whole.results[4].kernel));
    EXPECT_EQ(document.live()->session.results.size(), 5U);

    Result again = whole.results[2];
    again.median_us = 77.0;
    QSignalSpy revised(&document, &SessionDocument::revised);
    document.revise({std::make_shared<const Result>(again)});
    ASSERT_EQ(revised.count(), 1);
    EXPECT_EQ(revised[0][0].toInt(), 128);
    EXPECT_EQ(*document.session().results[128].median_us, 77.0);
    EXPECT_EQ(*document.live()->session.results[2].median_us, 77.0);

    document.setShown(1, false);
    document.append({std::make_shared<const Result>(whole.results[9])});
    EXPECT_EQ(results.rowCount(), 126) << "what is not checked grows unseen";
    document.close(1);
    EXPECT_EQ(document.count(), 2U) << "and is not closed while it grows";
    document.end("/tmp/kept.json");
    EXPECT_EQ(document.at(1).session.results.size(), 6U);
    EXPECT_FALSE(document.at(1).modified) << "it is in that file";
}

}  // namespace
}  // namespace moescope::ui
