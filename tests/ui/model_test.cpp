// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QSignalSpy>

#include "model_check.h"
#include "moescope/measurement/plan.h"
#include "moescope/ui/models/kernel_list_model.h"
#include "moescope/ui/models/plan_model.h"
#include "moescope/ui/models/results_model.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

using test::ModelCheck;

ResultBatch batchOf(const std::vector<Result>& results, std::size_t first, std::size_t count) {
    ResultBatch batch;
    for (std::size_t i = first; i < std::min(results.size(), first + count); ++i)
        batch.push_back(std::make_shared<const Result>(results[i]));
    return batch;
}

Session emptied(Session session) {
    session.results.clear();
    return session;
}

Plan samplePlan(Selection selection) {
    const auto factory = make_fake_factory(test::sampleDevice());
    const Device device = factory->devices().front();
    return make_plan(selection, device, factory->kernels(device.id));
}

TEST(ResultsModelTest, HoldsWhileResultsStreamIn) {
    const Session session = test::sampleSession("seed");
    SessionDocument document;
    ResultsModel model(document);
    ResultsProxy proxy;
    proxy.setSourceModel(&model);
    const ModelCheck check(&model);
    const ModelCheck proxy_check(&proxy);
    document.begin(emptied(session), nullptr);
    proxy.sort(ResultsModel::kBandwidth, Qt::DescendingOrder);
    for (std::size_t i = 0; i < session.results.size(); i += 7)
        document.append(batchOf(session.results, i, 7));
    EXPECT_EQ(model.rowCount(), 126);
    EXPECT_EQ(proxy.rowCount(), 126);
    document.setBaseline("triton");
    document.open(session, "x.moescope.json");
    document.begin({}, nullptr);
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(ResultsModelTest, SaysWhatTheResultsSay) {
    SessionDocument document;
    ResultsModel model(document);
    document.open(test::sampleSession("seed"), {});
    const auto text = [&](int row, ResultsModel::Column column) {
        return model.index(row, column).data().toString().toStdString();
    };
    EXPECT_EQ(text(0, ResultsModel::kExperts), "8");
    EXPECT_EQ(text(0, ResultsModel::kHidden), "7,168");
    EXPECT_EQ(text(0, ResultsModel::kStatus), "ok");
    EXPECT_EQ(text(0, ResultsModel::kVerification), "passed");
    EXPECT_FALSE(text(0, ResultsModel::kMedian).empty());
    for (int column = 0; column < model.columnCount(); ++column)
        EXPECT_FALSE(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
}

TEST(ResultsModelTest, InputTypesAreAColumnToFilterBy) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2"};
    selection.experts = {8};
    selection.input_types = {InputType::bf16, InputType::fp16};
    SessionDocument document;
    ResultsModel model(document);
    ResultsProxy proxy;
    proxy.setSourceModel(&model);
    document.open(test::sampleSession(selection), {});
    ASSERT_EQ(proxy.rowCount(), 42);
    EXPECT_EQ(model.index(0, ResultsModel::kInputType).data().toString(), "bf16");
    proxy.setFilter("input=fp16");
    EXPECT_EQ(proxy.rowCount(), 21);
    for (int row = 0; row < proxy.rowCount(); ++row)
        EXPECT_EQ(proxy.index(row, ResultsModel::kInputType).data().toString(), "fp16");
}

TEST(ResultsModelTest, CasesThatDifferBySeedAreToldApart) {
    Session session = test::sampleSession("quick");
    const std::vector<Result> first = session.results;
    for (Result r : first) {
        r.c.seed = 18446744073709551615U;
        session.results.push_back(std::move(r));
    }
    SessionDocument document;
    ResultsModel model(document);
    ResultsProxy proxy;
    proxy.setSourceModel(&model);
    document.open(session, {});
    const auto half = static_cast<int>(first.size());
    EXPECT_EQ(model.headerData(ResultsModel::kSeed, Qt::Horizontal, Qt::DisplayRole).toString(), "Seed");
    EXPECT_EQ(model.index(0, ResultsModel::kSeed).data().toString(), "42");
    EXPECT_EQ(model.index(half, ResultsModel::kSeed).data().toString(), "18446744073709551615");
    for (const auto& [filter, rows] :
         {std::pair{"seed=42", half}, {"seed!=42", half}, {"seed>42", half}, {"seed<42", 0}}) {
        proxy.setFilter(filter);
        EXPECT_EQ(proxy.rowCount(), rows) << filter;
    }
}

TEST(ResultsModelTest, SortsNumbersAsNumbersAndMissingLast) {
    Session session = test::sampleSession("seed");
    session.results[10].gbps.reset();
    session.results[50].gbps.reset();
    SessionDocument document;
    ResultsModel model(document);
    ResultsProxy proxy;
    proxy.setSourceModel(&model);
    document.open(session, {});
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        proxy.sort(ResultsModel::kBandwidth, order);
        std::vector<double> values;
        int missing = 0;
        for (int row = 0; row < proxy.rowCount(); ++row) {
            const QVariant key = proxy.index(row, ResultsModel::kBandwidth).data(ResultsModel::kSortRole);
            if (!key.isValid())
                ++missing;
            else
                ASSERT_EQ(missing, 0) << "a value after a missing one";
            if (key.isValid()) values.push_back(key.toDouble());
        }
        EXPECT_EQ(missing, 2);
        EXPECT_EQ(values.size(), 124U);
        if (order == Qt::DescendingOrder) std::reverse(values.begin(), values.end());
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
    }
}

TEST(ResultsModelTest, SpeedupFollowsTheBaseline) {
    SessionDocument document;
    ResultsModel model(document);
    document.open(test::sampleSession("seed"), {});
    const auto speedup = [&](const std::string& kernel) {
        for (int row = 0; row < model.rowCount(); ++row)
            if (model.resultAt(row).kernel == kernel)
                return model.index(row, ResultsModel::kSpeedup).data(ResultsModel::kSortRole).toDouble();
        return 0.0;
    };
    EXPECT_EQ(document.baseline(), "silu_v2");
    const double triton_over_v2 = speedup("triton");
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    document.setBaseline("triton");
    EXPECT_GT(changed.count(), 0);
    EXPECT_NEAR(speedup("silu_v2"), 1.0 / triton_over_v2, 1e-9);
}

TEST(PlanModelTest, ShowsCasesRejectionsAndSkips) {
    PlanModel model;
    const ModelCheck check(&model);
    Selection selection = find_preset("seed").selection;
    selection.tokens_per_expert = {8, 4096};
    selection.kernels = {"silu_v2"};
    model.setPlan(std::make_shared<const Plan>(samplePlan(selection)));
    EXPECT_EQ(model.rowCount(), 18);
    int rejected = 0;
    for (int row = 0; row < model.rowCount(); ++row)
        rejected += model.index(row, PlanModel::kState).data().toString().startsWith("rejected: ") ? 1 : 0;
    EXPECT_EQ(rejected, 9);
    EXPECT_EQ(model.index(0, PlanModel::kSeed).data().toString(), "42");
    model.setPlan(nullptr);
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(KernelListModelTest, KeepsChecksAndDefaults) {
    KernelListModel model;
    const ModelCheck check(&model);
    const auto factory = make_fake_factory(test::sampleDevice());
    model.setKernels(factory->kernels("fake:0"));
    EXPECT_EQ(model.checked().size(), 3U);
    EXPECT_TRUE(model.selection().empty()) << "nobody has departed from the default set";

    QSignalSpy changed(&model, &KernelListModel::checkedChanged);
    EXPECT_TRUE(model.setData(model.index(0), Qt::Unchecked, Qt::CheckStateRole));
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(model.checked().size(), 2U);
    EXPECT_EQ(model.selection(), model.checked());

    model.setChecked({"triton", "not_on_this_device"});
    EXPECT_EQ(model.checked(), std::vector<std::string>{"triton"});
    model.setChecked({"not_on_this_device"});
    model.setKernels(factory->kernels("fake:0"));
    EXPECT_EQ(model.checked().size(), 3U) << "a device without the chosen kernels shows its own defaults";
}

}  // namespace
}  // namespace moescope::ui
