// SPDX-License-Identifier: GPL-3.0-or-later
#include <exception>
#include <iostream>

#include "gui_options.h"
#include "moescope/backend_factory.h"
#include "moescope/worker.h"
#include "platform.h"
#include "render_command.h"
#include "window_command.h"

int main(int argc, char** argv) {
    using namespace moescope;
    // With plugins this program is its own worker.
    if (const auto status = run_as_worker(argc, argv, open_backend)) return *status;
    const gui::ParseOutcome parsed = gui::parse_options(argc, argv);
    if (!parsed.options) return parsed.exit_status;
    const gui::Options& options = *parsed.options;
    try {
        const bool to_file = options.render || options.report || !options.window.screenshot.empty();
        int qt_argc = 1;  // our own arguments are not Qt's
        const auto app = gui::make_application(qt_argc, argv, !to_file);
        if (options.render) return gui::render(*options.render);
        if (options.report) return gui::report(*options.report);
        if (to_file) return gui::write_screenshot(*app, options.window);
        return gui::show_window(*app, options.window);
    } catch (const std::exception& error) {
        std::cerr << "moescope-gui: " << error.what() << '\n';
        return 2;
    }
}
