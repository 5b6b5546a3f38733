// SPDX-License-Identifier: Apache-2.0

// Presets that users save, on the command line.

#include <nlohmann/json.hpp>

#include "cli_fixture.h"
#include "moescope/session/session_file.h"
#include "moescope/workload/user_presets.h"

namespace moescope {
namespace {

using test::Cli;
using test::Outcome;
using ::testing::HasSubstr;

class PresetCli : public Cli {
  protected:
    PresetCli() {
        Preset preset{"mine", "what I look at", find_preset("seed").selection};
        preset.selection.experts = {3};
        save_user_preset(preset, false);
    }
};

TEST_F(PresetCli, ListsThemAsTheUsers) {
    const auto list = nlohmann::json::parse(run({"presets", "--json"}).out);
    ASSERT_EQ(list.size(), presets().size() + 1);
    EXPECT_EQ(list.front()["source"], "built-in");
    EXPECT_EQ(list.back()["id"], "mine");
    EXPECT_EQ(list.back()["source"], "user");
    EXPECT_EQ(list.back()["selection"]["experts"], nlohmann::json::array({3}));
    EXPECT_THAT(run({"presets"}).out, HasSubstr("what I look at"));
}

TEST_F(PresetCli, TakesThemByName) {
    const auto plan = nlohmann::json::parse(run({"plan", "--preset", "mine", "--json"}).out);
    EXPECT_EQ(plan["cases"].size(), 21U);
    EXPECT_EQ(run({"sweep", "--preset", "mine", "--progress", "none", "--out", m_out}).status, 0);
    EXPECT_EQ(load_session(m_out).spec.name, "mine");
    expect_refused({"plan", "--preset", "nope"}, {"'nope'", "mine", "seed"});
}

TEST_F(PresetCli, SaysWhatIsWrongWithABrokenOne) {
    const std::string path = user_preset_directory() + "/cut.json";
    write_file_atomically(path, R"({"selection": )");
    expect_refused({"plan", "--preset", "cut"}, {"'cut'", path, "mend or remove"});
    const Outcome table = run({"presets"});
    EXPECT_EQ(table.status, 0);
    EXPECT_THAT(table.out, HasSubstr(path));
    const auto list = nlohmann::json::parse(run({"presets", "--json"}).out);
    EXPECT_THAT(list[presets().size()]["error"].get<std::string>(), HasSubstr(path));
    EXPECT_EQ(run({"plan", "--preset", "mine"}).status, 0) << "the others are not touched by it";
}

}  // namespace
}  // namespace moescope
