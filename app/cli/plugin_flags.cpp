// SPDX-License-Identifier: Apache-2.0
#include "plugin_flags.h"

#include "moescope/error.h"

namespace moescope {

void PluginFlags::add_to(CLI::App& command) {
    command.add_option("--plugin", m_options.plugins, "a library with kernels of your own (docs/plugins.md)")
        ->type_name("FILE.so")
        ->allow_extra_args(false);
    command.add_option(
        "--plugin-timeout", m_options.timeout_seconds,
        "seconds that a plugin may take to load, to verify a kernel or for a block of samples (60)");
}

const BackendFactory& PluginFlags::apply(const BackendFactory& base) {
    if (m_options.plugins.empty()) return base;
    if (!(m_options.timeout_seconds > 0.0)) throw Error("--plugin-timeout must be more than 0 seconds");
    m_extended = add_plugins(base, m_options);
    return *m_extended;
}

}  // namespace moescope
