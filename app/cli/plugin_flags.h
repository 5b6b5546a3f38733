// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "moescope/measurement/backend.h"
#include "moescope/worker.h"

namespace moescope {

/// `--plugin FILE` (again and again) and `--plugin-timeout SEC` of a command.
class PluginFlags {
  public:
    /// The object must outlive the parsing.
    void add_to(CLI::App& command);
    /// The backends with the kernels of the plugins, or `base` itself where no plugin is given. Throws Error.
    const BackendFactory& apply(const BackendFactory& base);

  private:
    PluginOptions m_options;
    std::unique_ptr<BackendFactory> m_extended;
};

}  // namespace moescope
