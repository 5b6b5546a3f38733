// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_model.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <algorithm>

#include "comparison_sample.h"
#include "model_check.h"
#include "moescope/error.h"
#include "moescope/measurement/plan.h"
#include "moescope/ui/compare/group_means_model.h"
#include "moescope/ui/compare/sources_model.h"
#include "moescope/ui/models/plan_model.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

using test::ModelCheck;

TEST(ComparisonModelTest, HoldsForEverySession) {
    ComparisonModel model;
    ComparisonProxy proxy;
    proxy.setSourceModel(&model);
    GroupMeansModel means;
    const ModelCheck check(&model);
    const ModelCheck proxy_check(&proxy);
    const ModelCheck means_check(&means);
    for (const ComparedPtr& compared :
         {test::comparedSeed(), ComparedPtr(), test::comparedOddities(), test::comparedSeed()}) {
        model.setCompared(compared);
        means.setCompared(compared);
        EXPECT_EQ(model.rowCount(), compared ? static_cast<int>(compared->comparison.rows.size()) : 0);
        EXPECT_EQ(means.rowCount(), compared ? static_cast<int>(compared->comparison.groups.size()) : 0);
        for (const Verdict verdict : {Verdict::slower, Verdict::unsure}) {
            proxy.setVerdicts({verdict});
            for (const std::size_t row : proxy.shownRows())
                EXPECT_EQ(compared->comparison.rows[row].verdict, verdict);
        }
        proxy.setVerdicts(
            {Verdict::slower, Verdict::faster, Verdict::same, Verdict::unsure, Verdict::not_compared});
        EXPECT_EQ(proxy.rowCount(), model.rowCount());
    }
}

TEST(ComparisonModelTest, ShowsRatioIntervalVerdictAndAdvice) {
    ComparisonModel model;
    const ComparedPtr compared = test::comparedSeed();
    model.setCompared(compared);
    bool advised = false;
    for (int row = 0; row < model.rowCount(); ++row) {
        const ComparisonRow& wanted = compared->comparison.rows[static_cast<std::size_t>(row)];
        const auto text = [&](int column) { return model.index(row, column).data().toString(); };
        EXPECT_EQ(text(ComparisonModel::kRatio), ratioText(*wanted.ratio));
        EXPECT_EQ(text(ComparisonModel::kInterval), intervalText(wanted));
        EXPECT_EQ(text(ComparisonModel::kVerdict).toStdString(), to_string(wanted.verdict));
        EXPECT_EQ(text(ComparisonModel::kAdvice).toStdString(), wanted.advice);
        advised = advised || !wanted.advice.empty();
        EXPECT_EQ(wanted.verdict == Verdict::unsure, !wanted.advice.empty());
        EXPECT_FALSE(model.index(row, ComparisonModel::kVerdict).data(Qt::DecorationRole).isNull());
    }
    EXPECT_EQ(model.headerData(ComparisonModel::kBase, Qt::Horizontal, Qt::DisplayRole).toString(),
              QString::fromUtf8("A \u00b5s"));
}

TEST(ComparisonModelTest, SortsByValueWithMissingOnesLast) {
    ComparisonModel model;
    ComparisonProxy proxy;
    proxy.setSourceModel(&model);
    model.setCompared(test::comparedOddities());
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        proxy.sort(ComparisonModel::kRatio, order);
        std::optional<double> before;
        bool missing = false;
        for (int row = 0; row < proxy.rowCount(); ++row) {
            const QVariant key = proxy.index(row, ComparisonModel::kRatio).data(ResultsModel::kSortRole);
            missing = missing || !key.isValid();
            EXPECT_EQ(key.isValid(), !missing);
            if (!key.isValid()) continue;
            const double low = order == Qt::AscendingOrder ? before.value_or(key.toDouble()) : key.toDouble();
            const double high =
                order == Qt::AscendingOrder ? key.toDouble() : before.value_or(key.toDouble());
            EXPECT_LE(low, high);
            before = key.toDouble();
        }
        EXPECT_TRUE(missing);
    }
}

TEST(ComparisonModelTest, FiltersByWordsConditionsAndVerdicts) {
    ComparisonModel model;
    ComparisonProxy proxy;
    proxy.setSourceModel(&model);
    const ComparedPtr compared = test::comparedSeed();
    model.setCompared(compared);
    const auto count = [&](auto&& matches) {
        return static_cast<int>(
            std::count_if(compared->comparison.rows.begin(), compared->comparison.rows.end(), matches));
    };
    proxy.setFilter("silu_v2 E=8 ratio>1.02");
    const int slow = count([](const ComparisonRow& r) {
        return r.base_kernel == "silu_v2" && r.c.shape.experts == 8 && *r.ratio > 1.02;
    });
    EXPECT_GT(slow, 0);
    EXPECT_EQ(proxy.rowCount(), slow);
    proxy.setFilter("verdict=faster");
    EXPECT_EQ(proxy.rowCount(), compared->comparison.counts.faster);
    proxy.setVerdicts({Verdict::slower});
    EXPECT_EQ(proxy.rowCount(), 0);
    proxy.setFilter("");
    EXPECT_EQ(proxy.rowCount(), compared->comparison.counts.slower);
}

TEST(CaseColumns, SayTheSameInEveryTable) {
    const Session session = test::sampleSession("seed");
    SessionDocument document;
    document.open(session, {});
    ResultsModel results(document);
    ComparisonModel comparison;
    comparison.setCompared(test::compared(session, test::rerun(session, "later")));
    PlanModel plan;
    const auto factory = make_fake_factory(test::sampleDevice());
    plan.setPlan(std::make_shared<const Plan>(
        make_plan(find_preset("seed").selection, factory->devices().front(), factory->kernels("fake:0"))));
    ASSERT_EQ(plan.plan()->cases.front().c, results.resultAt(0).c);
    ASSERT_EQ(comparison.rowAt(0).c, results.resultAt(0).c);
    const auto column_of = [](const QAbstractItemModel& model, const QString& title) {
        for (int at = 0; at < model.columnCount(); ++at)
            if (model.headerData(at, Qt::Horizontal, Qt::DisplayRole).toString() == title) return at;
        return -1;
    };
    for (const char* title : {"E", "Tokens", "Strategy", "T", "H", "G", "Scales", "Input", "Seed"}) {
        const int at = column_of(results, title);
        for (const QAbstractItemModel* other : {static_cast<const QAbstractItemModel*>(&comparison),
                                                static_cast<const QAbstractItemModel*>(&plan)}) {
            const int there = column_of(*other, title);
            ASSERT_GE(there, 0) << title;
            for (const int role : {Qt::DisplayRole, Qt::TextAlignmentRole})
                EXPECT_EQ(other->index(0, there).data(role), results.index(0, at).data(role)) << title;
            const QString hint = other->headerData(there, Qt::Horizontal, Qt::ToolTipRole).toString();
            EXPECT_EQ(hint, results.headerData(at, Qt::Horizontal, Qt::ToolTipRole).toString()) << title;
            EXPECT_FALSE(hint.isEmpty()) << title;
        }
    }
}

TEST(SourcesModelTest, KeepsChoicesAndFilesWhenSessionsChange) {
    SourcesModel model;
    const ModelCheck check(&model);
    const QSignalSpy chosen(&model, &SourcesModel::chosen);
    Session a = test::sampleSession("quick");
    a.id = "a";
    Session b = a;
    b.id = "b";
    const auto first = std::make_shared<const Session>(a);
    const auto second = std::make_shared<const Session>(b);
    model.setOpen({first, second});
    model.choose({0}, {1});
    const int file = model.addFile(QStringLiteral(MOESCOPE_TEST_DATA "/h100-seed-1.moescope.json"));
    EXPECT_EQ(file, 2);
    EXPECT_TRUE(model.setData(model.index(file, SourcesModel::kOther), Qt::Checked, Qt::CheckStateRole));
    EXPECT_EQ(model.others().size(), 2U);
    // The window hands out new data of the same sessions, in another order.
    const auto grown = std::make_shared<const Session>(a);
    model.setOpen({second, grown});
    ASSERT_EQ(model.base().size(), 1U);
    EXPECT_EQ(model.base().front(), grown);
    EXPECT_EQ(model.others().size(), 2U);
    EXPECT_EQ(model.kernels(false).first(), "silu_v2");
    EXPECT_EQ(model.addFile(QStringLiteral(MOESCOPE_TEST_DATA "/h100-seed-1.moescope.json")), 2)
        << "read anew";
    EXPECT_GE(chosen.size(), 4);
    EXPECT_THROW(model.addFile(QStringLiteral("/no/such/file.json")), Error);
    EXPECT_EQ(model.rowCount(), 3);
}

TEST(SourcesModelTest, ReadsTheLogOfTheOtherProgramToo) {
    const Session log = readComparable(QStringLiteral(MOESCOPE_TEST_DATA "/vllm-log.txt"));
    EXPECT_FALSE(log.results.empty());
    EXPECT_FALSE(log.results.front().imported_from.empty());
}

}  // namespace
}  // namespace moescope::ui
