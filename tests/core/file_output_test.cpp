// SPDX-License-Identifier: Apache-2.0

// How files are written: whole or not at all, and never over what is no file.

#include <sys/stat.h>

#include <thread>

#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"
#include "support.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TemporaryDirectory;

TEST(FileOutput, WhatALinkLeadsToIsReplacedAndTheLinkStays) {
    const TemporaryDirectory dir;
    fs::create_directory(dir.file("real"));
    dir.write("real/old.csv", "old");
    fs::create_symlink("real/old.csv", dir.file("a.csv"));
    fs::create_symlink("real/new.csv", dir.file("b.csv"));  // leads to nothing yet
    for (const char* name : {"a.csv", "b.csv"}) {
        check_writable(dir.file(name));
        write_file_atomically(dir.file(name), "new");
        EXPECT_TRUE(fs::is_symlink(dir.file(name))) << name;
        EXPECT_EQ(test::read(dir.file(name)), "new");
    }
    EXPECT_FALSE(fs::is_symlink(dir.file("real/old.csv")));
    EXPECT_TRUE(fs::is_regular_file(dir.file("real/new.csv")));
    fs::create_symlink("none/c.csv", dir.file("c.csv"));
    expect_error([&] { write_file_atomically(dir.file("c.csv"), "x"); }, {"c.csv", "no directory"});
}

TEST(FileOutput, APipeIsWrittenToAndStaysOne) {
    const TemporaryDirectory dir;
    const std::string pipe = dir.file("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    check_writable(pipe);
    const std::string content(300'000, 'x');  // more than a pipe holds
    std::string received;
    std::jthread reader([&] { received = test::read(pipe); });
    write_file_atomically(pipe, content);
    reader.join();
    EXPECT_EQ(received, content);
    EXPECT_TRUE(fs::is_fifo(pipe));
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"pipe"}));
    const Session session = new_session(test::small_selection(), {});
    expect_error([&] { Journal::start(session, pipe); }, {"pipe", "is no file"});
}

constexpr std::size_t kSize = 50'000;

TEST(FileOutput, WritersOfOnePathTakeTurns) {
    const TemporaryDirectory dir;
    const std::string path = dir.file("a.csv");
    {
        std::vector<std::jthread> writers;
        for (const char letter : {'a', 'b', 'c', 'd'}) {
            writers.emplace_back([&path, letter] {
                for (int i = 0; i < 20; ++i) {
                    check_writable(path);
                    write_file_atomically(path, std::string(kSize, letter));
                    const std::string now = test::read(path);
                    EXPECT_EQ(now.size(), kSize);
                    EXPECT_EQ(now.find_first_not_of(now.front()), std::string::npos);
                }
            });
        }
    }
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"a.csv"}));
}

TEST(FileOutput, WhoMayReadAFileMayStillDoSo) {
    const TemporaryDirectory dir;
    const std::string path = dir.write("a.csv", "old");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    write_file_atomically(path, "new");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(FileOutput, WhatAKillLeftBehindIsNoPartOfTheNextFile) {
    const TemporaryDirectory dir;
    dir.write(".a.csv.part", std::string(1000, 'x'));
    write_file_atomically(dir.file("a.csv"), "new");
    EXPECT_EQ(test::read(dir.file("a.csv")), "new");
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"a.csv"}));
}

TEST(FileOutput, ASessionIsKnownByItsFirstLines) {
    const TemporaryDirectory dir;
    const Session session = test::swept_session(test::small_selection({8}));
    save_session(session, dir.file("a.json"));
    EXPECT_TRUE(is_session_file(dir.file("a.json")));
    const auto journal = Journal::start(session, dir.file("running.json"));
    EXPECT_TRUE(is_session_file(dir.file("running.json")));
    EXPECT_FALSE(is_session_file(dir.write("b.json", "[{\"schema_version\": 1}]")));
    EXPECT_FALSE(is_session_file(dir.write("c.json", "")));
    EXPECT_FALSE(is_session_file(dir.file("none.json")));
    EXPECT_FALSE(is_session_file("/"));
}

}  // namespace
}  // namespace moescope
