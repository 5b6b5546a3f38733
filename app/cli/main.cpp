// SPDX-License-Identifier: Apache-2.0
#include "moescope/backend_factory.h"
#include "moescope/cli.h"
#include "moescope/worker.h"

int main(int argc, char** argv) {
    if (const auto status = moescope::run_as_worker(argc, argv, moescope::open_backend)) return *status;
    const auto backends = moescope::make_backend_factory();
    return moescope::run_command_line(argc, argv, *backends);
}
