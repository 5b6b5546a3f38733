// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/journal.h"

#include <sys/wait.h>

#include "moescope/session/session_file.h"
#include "support.h"

namespace moescope {
namespace {

using test::expect_error;
using test::small_selection;
using test::swept_session;
using test::TemporaryDirectory;

Session without_results(Session session) {
    session.results.clear();
    return session;
}

class JournalTest : public ::testing::Test {
  protected:
    /// A journal with the first `count` results, left as a killed process leaves it.
    void abandon_after(std::size_t count) const {
        const auto journal = Journal::start(without_results(m_session), m_path);
        journal->set_peaks(m_session.peaks);
        for (std::size_t i = 0; i < count; ++i) journal->append(m_session.results[i]);
    }

    TemporaryDirectory m_dir;
    std::string m_path = m_dir.file("s.moescope.json");
    Session m_session = swept_session(small_selection());
};

TEST_F(JournalTest, FinishLeavesOnlyTheSession) {
    {
        const auto journal = Journal::start(without_results(m_session), m_path);
        for (const Result& r : m_session.results) journal->append(r);
        EXPECT_FALSE(std::filesystem::exists(m_path));  // only ever whole
        journal->finish(m_session);
    }
    EXPECT_EQ(m_dir.names(), (std::vector<std::string>{"s.moescope.json"}));
    EXPECT_EQ(session_to_json(load_session(m_path)), session_to_json(m_session));
}

TEST_F(JournalTest, InterruptedSweepsOfAFolderAreFound) {
    EXPECT_TRUE(Journal::interrupted(m_dir.file("missing")).empty());
    EXPECT_TRUE(Journal::interrupted(m_dir.file("")).empty());
    abandon_after(2);
    m_dir.write("foreign.json.journal", "no journal\n");
    m_dir.write("empty.json.journal", "");
    m_dir.write("whole.json", session_to_json(m_session));
    Journal::start(without_results(m_session), m_dir.file("begun.moescope.json"));  // no cell was finished
    const auto running = Journal::start(m_session, m_dir.file("running.moescope.json"));
    ASSERT_EQ(Journal::interrupted(m_dir.file("")), std::vector<std::string>{m_path});

    const std::string newer = m_dir.file("newer.moescope.json");
    Journal::start(m_session, newer);
    using std::filesystem::last_write_time;
    last_write_time(Journal::path_for(newer),
                    last_write_time(Journal::path_for(m_path)) + std::chrono::hours(1));
    EXPECT_EQ(Journal::interrupted(m_dir.file("")), (std::vector<std::string>{newer, m_path}));
}

TEST_F(JournalTest, EveryFinishedCellIsRecoveredAtAnyTruncation) {
    abandon_after(m_session.results.size());
    const std::string journal = test::read(Journal::path_for(m_path));
    std::size_t previous = 0;
    for (std::size_t length = journal.find('\n') + 1; length <= journal.size(); length += 97) {
        m_dir.write("s.moescope.json.journal", journal.substr(0, length));
        const auto recovered = Journal::recover(m_path);
        ASSERT_TRUE(recovered);
        const auto whole_lines = static_cast<std::size_t>(
            std::count(journal.begin(), journal.begin() + static_cast<std::ptrdiff_t>(length), '\n'));
        const std::size_t expected =
            whole_lines < 2 ? 0 : whole_lines - 2;  // session and peaks are lines too
        ASSERT_EQ(recovered->results.size(), expected);
        ASSERT_GE(expected, previous);
        previous = expected;
    }
    m_dir.write("s.moescope.json.journal", journal);
    EXPECT_EQ(session_to_json(*Journal::recover(m_path)), session_to_json(m_session));
}

TEST_F(JournalTest, TornHeaderIsNoSession) {
    m_dir.write("s.moescope.json.journal", "{\"session\": {\"schema_ver");
    EXPECT_FALSE(Journal::recover(m_path));
    m_dir.write("s.moescope.json.journal", "");
    EXPECT_FALSE(Journal::recover(m_path));
    EXPECT_FALSE(Journal::recover(m_dir.file("other.json")));
}

TEST_F(JournalTest, ForeignAndNewerJournalsAreErrors) {
    for (const char* content : {"hello\n", "{\"result\": {}}\n", "[1]\n",
                                "{\"session\": {\"schema_version\": 99}}\n", "{\"session\": 1}\n"}) {
        m_dir.write("s.moescope.json.journal", content);
        expect_error([&] { Journal::recover(m_path); }, {"s.moescope.json.journal", "line 1"});
    }
}

TEST_F(JournalTest, ACellWrittenTwiceCountsOnceTheNewest) {
    {
        const auto journal = Journal::start(without_results(m_session), m_path);
        Result failed = m_session.results[0];
        failed.status = Status::failed;
        journal->append(failed);
        journal->append(m_session.results[1]);
        journal->append(m_session.results[0]);
    }
    const auto recovered = Journal::recover(m_path);
    ASSERT_EQ(recovered->results.size(), 2U);
    EXPECT_EQ(recovered->results[0].status, Status::ok);
}

TEST_F(JournalTest, ResumedJournalKeepsWhatWasThere) {
    abandon_after(5);
    const auto recovered = Journal::recover(m_path);
    const auto journal = Journal::start(*recovered, m_path);
    EXPECT_EQ(Journal::recover(m_path)->results.size(), 5U);  // on disk before the first new cell
    journal->append(m_session.results[5]);
    EXPECT_EQ(Journal::recover(m_path)->results.size(), 6U);
}

TEST_F(JournalTest, AnotherSweepDoesNotDropUnfinishedCells) {
    abandon_after(3);
    const Session other = new_session(small_selection(), {});
    expect_error([&] { Journal::start(other, m_path); }, {"3 results", "--resume"});
    EXPECT_EQ(Journal::recover(m_path)->results.size(), 3U);
    EXPECT_EQ(m_dir.names().size(), 1U);
}

TEST_F(JournalTest, TwoProcessesCannotSweepToOneFile) {
    const auto journal = Journal::start(without_results(m_session), m_path);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        try {
            Journal::start(m_session, m_path);
        } catch (const Error& e) {
            _exit(std::string(e.what()).find("another sweep") != std::string::npos ? 0 : 2);
        }
        _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(JournalTest, LoadSessionRecoversWhereThereIsNoSessionYet) {
    abandon_after(4);
    EXPECT_EQ(load_session(m_path).results.size(), 4U);
}

TEST_F(JournalTest, UnwritablePlaceIsRefusedBeforeAnythingRuns) {
    expect_error([&] { Journal::start(m_session, m_dir.file("no/s.json")); }, {"no/s.json"});
    EXPECT_TRUE(m_dir.names().empty());
}

}  // namespace
}  // namespace moescope
