// SPDX-License-Identifier: Apache-2.0

// Plugins on a CUDA device, through the worker process.

#include "../core/support.h"
#include "moescope/backend_factory.h"
#include "moescope/worker.h"

namespace moescope {
namespace {

class CudaPluginTest : public ::testing::Test {
  protected:
    void SetUp() override {
        m_base = make_backend_factory();
        if (m_base->devices().front().kind != "cuda")
            GTEST_SKIP() << "no CUDA device here that this build has code for";
    }

    /// Results of a small sweep, by kernel.
    std::map<std::string, std::vector<Result>> sweep(const std::string& plugin,
                                                     const std::vector<std::string>& kernels) {
        PluginOptions options;
        options.plugins = {plugin_directory() + plugin};
        options.program = program();
        const auto factory = add_plugins(*m_base, options);
        Selection selection = test::small_selection();
        selection.kernels = kernels;
        selection.measure.max_seconds = 0.05;
        const Plan plan = make_plan(selection, factory->devices().front(), factory->kernels("cuda:0"));
        test::Record record;
        const auto backend = factory->open("cuda:0");
        EXPECT_EQ(run_sweep(plan, *backend, {}, record, {}), SweepEnd::completed);
        std::map<std::string, std::vector<Result>> results;
        for (const Result& r : record.results) results[r.kernel].push_back(r);
        return results;
    }

    static void expect_ok(const std::vector<Result>& results) {
        EXPECT_FALSE(results.empty());
        for (const Result& r : results) {
            EXPECT_EQ(r.status, Status::ok) << r.kernel << ": " << r.error;
            EXPECT_TRUE(r.verification.passed);
        }
    }

  private:
    // Beside the tests, where they were carried to another machine; else where they were built.
    static std::string beside() {
        return std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/";
    }
    static std::string program() {
        return std::filesystem::exists(beside() + "moescope") ? beside() + "moescope" : MOESCOPE_PROGRAM;
    }
    static std::string plugin_directory() {
        return std::filesystem::exists(beside() + "faulting_cuda_plugin.so") ? beside() : CUDA_PLUGIN_DIR "/";
    }

    std::unique_ptr<BackendFactory> m_base;
};

TEST_F(CudaPluginTest, IsSweptBesideTheBuiltInKernels) {
    auto results = sweep("cuda_plugin.so", {"silu_v2", "example_cuda"});
    expect_ok(results["silu_v2"]);
    expect_ok(results["example_cuda"]);
}

TEST_F(CudaPluginTest, IllegalAddressEndsItsOwnCells) {
    auto results = sweep("faulting_cuda_plugin.so", {"silu_v2", "illegal", "good"});
    expect_ok(results["silu_v2"]);
    expect_ok(results["good"]);
    for (const Result& r : results["illegal"]) {
        EXPECT_EQ(r.status, Status::failed);
        EXPECT_THAT(r.error, ::testing::HasSubstr("plugin faulting_cuda_plugin.so: kernel illegal"));
    }
    EXPECT_THAT(results["illegal"].front().error, ::testing::HasSubstr("the device was lost"));
}

TEST_F(CudaPluginTest, WritingPastCountsIsSeen) {
    auto results = sweep("faulting_cuda_plugin.so", {"past_counts", "good"});
    expect_ok(results["good"]);
    EXPECT_EQ(results["past_counts"].front().status, Status::failed);
    EXPECT_GT(results["past_counts"].front().verification.touched_past_counts, 0);
}

}  // namespace
}  // namespace moescope
