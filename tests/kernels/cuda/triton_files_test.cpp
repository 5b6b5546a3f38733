// SPDX-License-Identifier: Apache-2.0
// What the program carries of the Triton kernel, and compiling on demand; no GPU needed. That sources,
// archive and manifest agree is the test kernels.triton_manifest.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "embedded_files.h"
#include "manifest.h"
#include "moescope/error.h"
#include "on_demand.h"
#include "triton_kernel.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kOddHidden = 5 * 128;  // of no preset

Shape shape_of(std::int64_t hidden, std::int64_t group_size = 128, std::int64_t max_tokens = 1024) {
    return {.experts = 8, .max_tokens = max_tokens, .hidden = hidden, .group_size = group_size};
}

/// Sets environment variables for the life of a test; a cache of its own, and no Python.
class TritonOnDemand : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* python = std::getenv("MOESCOPE_PYTHON");
        m_python = python == nullptr ? "" : python;
        m_folder = fs::path(::testing::TempDir()) /
                   (std::string("moescope-triton-") +
                    ::testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(m_folder);
        fs::create_directories(m_folder);
        setenv("XDG_CACHE_HOME", (m_folder / "cache").c_str(), 1);
        setenv("MOESCOPE_PYTHON", (m_folder / "no-python").c_str(), 1);
    }
    void TearDown() override {
        unsetenv("XDG_CACHE_HOME");
        m_python.empty() ? unsetenv("MOESCOPE_PYTHON") : setenv("MOESCOPE_PYTHON", m_python.c_str(), 1);
        fs::remove_all(m_folder);
    }
    /// A python that answers `-c` with success, and otherwise runs `script` with compile.py's arguments.
    void use_python(const std::string& script) {
        const fs::path path = m_folder / "python";
        std::ofstream(path) << "#!/bin/sh\nif [ \"$1\" = -c ]; then exit 0; fi\nshift 2\n" << script << "\n";
        fs::permissions(path, fs::perms::owner_all);
        setenv("MOESCOPE_PYTHON", path.c_str(), 1);
    }
    const std::string& users_python() const { return m_python; }

  private:
    fs::path m_folder;
    std::string m_python;
};

TEST(TritonFiles, EveryVariantIsCarried) {
    EXPECT_EQ(triton::compiled_architectures(), (std::vector<int>{89, 90, 100, 120}));
    for (const int architecture : triton::compiled_architectures())
        for (const std::int64_t hidden : {512, 768, 1024, 1536, 2048, 3072, 7168, 8192, 14336})
            for (const std::int64_t group_size : {64, 128, 256})
                for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0}) {
                    Shape shape = shape_of(hidden, group_size);
                    shape.scale_format = format;
                    const std::string name = triton::variant_name(architecture, shape);
                    const auto variant = triton::find_compiled(name);
                    ASSERT_TRUE(variant) << name;
                    EXPECT_EQ(variant->threads, 32);
                    EXPECT_EQ(variant->parameters.size(), 12U);
                    const std::string_view cubin = triton::embedded_file(name + ".cubin");
                    ASSERT_GT(cubin.size(), 1000U) << name;
                    EXPECT_EQ(cubin.substr(1, 3), "ELF");
                    const std::string_view ptx = triton::embedded_file(name + ".ptx");
                    EXPECT_EQ(ptx.empty(), architecture != 89);
                    if (!ptx.empty()) {
                        EXPECT_EQ(ptx.data()[ptx.size()], '\0');
                        EXPECT_NE(ptx.find(".target sm_89"), std::string_view::npos);
                    }
                }
}

TEST(TritonFiles, NamesSayWhatDecides) {
    EXPECT_EQ(triton::variant_name(90, shape_of(7168)), "sm90-h7168-g128-fp32");
    Shape long_experts = shape_of(14336, 128, 80000);
    long_experts.scale_format = ScaleFormat::fp32_ue8m0;
    EXPECT_EQ(triton::variant_name(120, long_experts), "sm120-h14336-g128-fp32-ue8m0-wide");
    EXPECT_FALSE(triton::find_compiled("sm90-h7168-g128-fp32-wide"));
}

TEST_F(TritonOnDemand, SaysWhatItCannotDoAndTheRemedy) {
    EXPECT_EQ(cuda::triton_unsupported("", shape_of(kOddHidden)), std::nullopt);
    EXPECT_EQ(cuda::triton_unsupported("9.0", shape_of(7168)), std::nullopt);
    EXPECT_EQ(cuda::triton_unsupported("10.3", shape_of(7168)), std::nullopt);  // by PTX
    EXPECT_NE(cuda::triton_unsupported("8.0", shape_of(7168))->find("8.9"), std::string::npos);
    const std::string reason = *cuda::triton_unsupported("9.0", shape_of(kOddHidden));
    EXPECT_NE(reason.find("H = 640, G = 128"), std::string::npos) << reason;
    EXPECT_NE(reason.find("install triton, or set MOESCOPE_PYTHON"), std::string::npos) << reason;
    EXPECT_EQ(reason.find('\n'), std::string::npos) << reason;
}

TEST_F(TritonOnDemand, CompilesOnceAndKeepsIt) {
    const Shape shape = shape_of(kOddHidden);
    use_python(R"(test "$*" = "one 90 640 128 fp32 narrow $7" || exit 3
cat > "$7/sm90-h640-g128-fp32.json" <<'END'
{"name": "sm90-h640-g128-fp32", "entry": "k", "num_warps": 1, "shared_bytes": 1536,
 "parameters": [{"name": "y_ptr", "type": "pointer"}, {"name": "s_stride_group", "type": "i32"}]}
END
printf code > "$7/sm90-h640-g128-fp32.cubin")");
    EXPECT_EQ(cuda::triton_unsupported("9.0", shape), std::nullopt);
    const triton::CompiledKernel kernel = triton::compile_on_demand(90, shape);
    EXPECT_EQ(kernel.cubin, "code");
    EXPECT_EQ(kernel.variant.shared_bytes, 1536U);
    ASSERT_EQ(kernel.variant.parameters.size(), 2U);
    EXPECT_EQ(kernel.variant.parameters[1].bytes, 4);
    // From now on no Python is needed.
    use_python("exit 1");
    EXPECT_TRUE(triton::is_cached("sm90-h640-g128-fp32"));
    EXPECT_EQ(triton::compile_on_demand(90, shape).cubin, "code");
}

TEST_F(TritonOnDemand, FailuresAreOneLine) {
    use_python("echo first; echo 'last words' >&2; exit 1");
    try {
        triton::compile_on_demand(90, shape_of(kOddHidden));
        FAIL();
    } catch (const Error& e) {
        EXPECT_STREQ(e.what(), "Triton did not compile sm90-h640-g128-fp32: last words");
    }
    EXPECT_THROW(triton::parse_variant("{}"), Error);
}

/// The real thing; for --gtest_also_run_disabled_tests with MOESCOPE_PYTHON set to a python that has Triton.
TEST_F(TritonOnDemand, DISABLED_WithRealTriton) {
    ASSERT_FALSE(users_python().empty()) << "set MOESCOPE_PYTHON to a python that has triton";
    setenv("MOESCOPE_PYTHON", users_python().c_str(), 1);
    ASSERT_EQ(triton::no_compiler_reason(), std::nullopt);
    for (const Shape& shape : {shape_of(kOddHidden), shape_of(14336, 128, 80000)}) {
        const triton::CompiledKernel kernel = triton::compile_on_demand(90, shape);
        EXPECT_EQ(kernel.cubin.substr(1, 3), "ELF");
        EXPECT_EQ(kernel.variant.parameters.size(), 12U);
        EXPECT_EQ(kernel.variant.parameters[4].bytes, triton::is_wide(shape) ? 8 : 4);
    }
}

}  // namespace
}  // namespace moescope
