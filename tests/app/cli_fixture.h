// SPDX-License-Identifier: Apache-2.0
#pragma once

// The command line run in this process, its two streams caught.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "../core/support.h"
#include "moescope/cli.h"

namespace moescope::test {

/// Sends one of the standard streams to a file while it lives.
class Capture {
  public:
    Capture(FILE* stream, std::string path) : m_stream(stream), m_path(std::move(path)) {
        std::fflush(m_stream);
        m_saved = ::dup(fileno(m_stream));
        const int file = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, fileno(m_stream));
        ::close(file);
    }
    ~Capture() {
        if (m_saved >= 0) finish();
    }
    Capture(const Capture&) = delete;  // restores the stream
    Capture& operator=(const Capture&) = delete;

    std::string finish() {
        std::fflush(m_stream);
        ::dup2(m_saved, fileno(m_stream));
        ::close(m_saved);
        m_saved = -1;
        return read(m_path);
    }

  private:
    FILE* m_stream;
    std::string m_path;
    int m_saved = -1;
};

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
};

class Cli : public ::testing::Test {
  protected:
    Cli() {
        ::setenv("XDG_DATA_HOME", m_dir.file("data").c_str(), 1);
    }  // no presets of whoever runs the tests

    Outcome run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "moescope");
        std::vector<const char*> argv;
        for (const std::string& argument : arguments) argv.push_back(argument.c_str());
        Capture out(stdout, m_dir.file("stdout"));
        Capture err(stderr, m_dir.file("stderr"));
        const auto factory = make_fake_factory(m_script);
        Outcome outcome;
        outcome.status = run_command_line(static_cast<int>(argv.size()), argv.data(), *factory);
        outcome.err = err.finish();
        outcome.out = out.finish();
        return outcome;
    }

    /// Exit status 2, nothing on standard output, one line on standard error that holds all of `parts`.
    void expect_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& parts) {
        const Outcome o = run(arguments);
        EXPECT_EQ(o.status, 2) << ::testing::PrintToString(arguments);
        EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o.err;
        for (const std::string& part : parts) EXPECT_THAT(o.err, ::testing::HasSubstr(part));
    }

    std::vector<std::string> small(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{"sweep", "--experts", "8",   "--max-tokens",
                                     "64",    "--hidden",  "256", "--tokens-per-expert",
                                     "1,8,64"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    TemporaryDirectory m_dir;
    FakeDeviceScript m_script;
    std::string m_out = m_dir.file("a.moescope.json");
};

}  // namespace moescope::test
