// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace moescope::gui {

/// `moescope-gui render`: a chart into a file, no display.
struct RenderOptions {
    std::string session;
    std::string chart;
    std::string out;
    std::string size;  ///< "1280x800"; empty: what suits the chart
    double dpi = 96.0;
    std::string theme = "light";
    std::string baseline;
    std::string peak = "theoretical";
    std::string metric;  ///< of heatmap and imbalance; empty: utilization
    std::string heat_x;  ///< axes of the heatmap; empty: what fills it best
    std::string heat_y;
    std::string over = "gini";
    std::string cache;                 ///< cold, hot or both; empty: cold where there is any
    std::vector<std::string> kernels;  ///< shown ones; empty: all
    int case_number = 0;               ///< highlighted; what the samples chart shows; from 1, 0: none
    bool footer = true;
    std::vector<std::string> compare;  ///< sessions to hold against `session`; for comparison charts alone
    double threshold_percent = 1.0;
    std::vector<std::string> kernel_map;  ///< "silu_v2=silu_v3"
};

/// `moescope-gui report`: a page about a session, no display.
struct ReportCommandOptions {
    std::string session;
    std::string out;
    std::string baseline;
    std::string peak = "theoretical";
    std::vector<std::string> compare;  ///< sessions to hold against it, in a section of its own
};

/// The window, or a picture of it.
struct WindowOptions {
    std::vector<std::string> sessions;
    std::string screenshot;  ///< a .png to write instead of waiting for a user; empty: show the window
    std::string size = "1280x800";
    std::string theme;                 ///< empty: as the user left it
    std::string chart;                 ///< shown first; empty: as the user left it
    std::string panel;                 ///< brought to the front; empty: none
    std::vector<std::string> plugins;  ///< libraries with kernels of the user's
    double plugin_timeout_seconds = 60.0;
    bool compare = false;    ///< show the comparison page: the first session against the others
    std::string kernel_map;  ///< there: "silu_v2=silu_v3"; empty: kernels of one name
};

struct Options {
    std::optional<RenderOptions> render;
    std::optional<ReportCommandOptions> report;
    WindowOptions window;
};

/// What is left to do after parsing.
struct ParseOutcome {
    std::optional<Options> options;  ///< nothing: help or version has been printed, or the usage was wrong
    int exit_status = 0;
};

/// Reads the command line. Prints help and version on stdout, and what is wrong as one line on stderr.
ParseOutcome parse_options(int argc, char** argv);

}  // namespace moescope::gui
