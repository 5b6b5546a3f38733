// SPDX-License-Identifier: Apache-2.0
#include "moescope/backend_factory.h"
#include "moescope/cli.h"

int main(int argc, char** argv) {
    const auto backends = moescope::make_backend_factory();
    return moescope::run_command_line(argc, argv, *backends);
}
