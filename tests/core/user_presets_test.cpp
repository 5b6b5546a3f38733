// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/user_presets.h"

#include <cstdlib>
#include <map>

#include "support.h"

namespace moescope {
namespace {

class UserPresets : public ::testing::Test {
  protected:
    UserPresets() { ::setenv("XDG_DATA_HOME", m_dir.file("data").c_str(), 1); }
    ~UserPresets() override { ::unsetenv("XDG_DATA_HOME"); }

    static Preset mine(const std::string& name) {
        Preset preset{name, "what I look at", find_preset("seed").selection};
        preset.selection.experts = {3, 5};
        return preset;
    }
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(user_preset_directory());
        return m_dir.write("data/moescope/presets/" + name, text);
    }

    test::TemporaryDirectory m_dir;
};

TEST_F(UserPresets, AreKeptByName) {
    EXPECT_TRUE(user_presets().empty()) << "the directory need not be there";
    save_user_preset(mine("mine"), false);
    save_user_preset(mine("another.one_2"), false);
    const std::vector<UserPreset> all = user_presets();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].preset.id, "another.one_2");
    EXPECT_EQ(all[1].path, user_preset_directory() + "/mine.json");
    EXPECT_EQ(all[1].problem, "");
    const Preset back = load_preset("mine");
    EXPECT_EQ(back.description, "what I look at");
    Selection expected = mine("mine").selection;
    expected.name = "mine";
    EXPECT_EQ(back.selection, expected);
    EXPECT_EQ(load_selection(all[1].path), expected) << "the file is a spec file too";
    EXPECT_EQ(load_preset("seed").selection, find_preset("seed").selection);
}

TEST_F(UserPresets, AreNotReplacedUnasked) {
    save_user_preset(mine("mine"), false);
    Preset changed = mine("mine");
    changed.selection.experts = {7};
    test::expect_error([&] { save_user_preset(changed, false); }, {"'mine'", "there already"});
    EXPECT_EQ(load_preset("mine").selection.experts, (std::vector<std::int64_t>{3, 5}));
    save_user_preset(changed, true);
    EXPECT_EQ(load_preset("mine").selection.experts, std::vector<std::int64_t>{7});

    save_user_preset(mine("other"), false);
    test::expect_error([] { rename_user_preset("other", "mine"); }, {"'mine'", "there already"});
    EXPECT_EQ(load_preset("mine").selection.experts, std::vector<std::int64_t>{7});
    EXPECT_EQ(load_preset("other").selection.experts, (std::vector<std::int64_t>{3, 5}));
}

TEST_F(UserPresets, AreRenamedAndRemoved) {
    save_user_preset(mine("mine"), false);
    rename_user_preset("mine", "yours");
    test::expect_error([] { load_preset("mine"); }, {"'mine'", "yours", "seed"});
    EXPECT_EQ(load_preset("yours").id, "yours");
    EXPECT_EQ(load_preset("yours").selection.name, "yours");
    remove_user_preset("yours");
    EXPECT_TRUE(user_presets().empty());
    test::expect_error([] { remove_user_preset("yours"); }, {"'yours'"});
    test::expect_error([] { remove_user_preset("seed"); }, {"'seed'"});
    test::expect_error([] { rename_user_preset("../mine", "yours"); }, {"'../mine'"});
}

TEST_F(UserPresets, HaveNamesThatAreSafeAndNobodyElses) {
    for (const char* bad : {"", "../x", "a/b", ".hidden", "-x", "two words", "seed", "custom", "\xc3\xa4"}) {
        EXPECT_TRUE(preset_name_problem(bad).has_value()) << bad;
        test::expect_error([&] { save_user_preset(mine(bad), true); }, {"name"});
    }
    EXPECT_TRUE(preset_name_problem(std::string(61, 'a')).has_value());
    EXPECT_FALSE(preset_name_problem(std::string(60, 'a')).has_value());
    EXPECT_FALSE(std::filesystem::exists(user_preset_directory()));
}

TEST_F(UserPresets, SayWhatIsWrongWithAFile) {
    const std::map<std::string, std::string> bad{{"cut.json", R"({"selection": {"experts": [8)"},
                                                 {"foreign.json", R"({"hello": 1})"},
                                                 {"typo.json", R"({"selection": {"expert": [8]}})"},
                                                 {"axis.json", R"({"selection": {"experts": "8:1:1"}})"},
                                                 {"seed.json", R"({"selection": {"experts": [8]}})"}};
    for (const auto& [name, text] : bad) write(name, text);
    write(".half.json.tmp", "{");
    write("notes.txt", "nothing of ours");
    save_user_preset(mine("mine"), false);
    const std::vector<UserPreset> all = user_presets();
    ASSERT_EQ(all.size(), bad.size() + 1) << "and the others are not lost";
    for (const UserPreset& user : all) {
        EXPECT_EQ(user.problem.empty(), user.preset.id == "mine") << user.path;
        if (user.preset.id == "mine" || user.preset.id == "seed") continue;
        test::expect_error([&] { load_preset(user.preset.id); },
                           {user.preset.id, user.path, "mend or remove"});
    }
    EXPECT_EQ(load_preset("seed").selection, find_preset("seed").selection)
        << "a file cannot stand in for it";
}

TEST_F(UserPresets, NeedAPlace) {
    const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
    ::unsetenv("XDG_DATA_HOME");
    ::setenv("HOME", "/somebody", 1);
    EXPECT_EQ(user_preset_directory(), "/somebody/.local/share/moescope/presets");
    ::unsetenv("HOME");
    EXPECT_TRUE(user_presets().empty());
    test::expect_error([] { save_user_preset(mine("mine"), false); }, {"HOME", "XDG_DATA_HOME"});
    if (!home.empty()) ::setenv("HOME", home.c_str(), 1);
    ::setenv("XDG_DATA_HOME", "/dev/null/x", 1);
    test::expect_error([] { save_user_preset(mine("mine"), false); }, {"/dev/null/x", "XDG_DATA_HOME"});
}

}  // namespace
}  // namespace moescope
