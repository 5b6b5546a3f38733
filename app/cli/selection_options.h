// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "moescope/workload/selection.h"

namespace moescope {

/// SELECTION of the command line: a preset or a spec file, and axis flags that override its axes.
class SelectionOptions {
  public:
    /// Adds the flags to a command. The object must outlive the parsing.
    void add_to(CLI::App& command);
    /// Whether anything was selected at all.
    bool given() const;
    /// Throws Error.
    Selection resolve() const;

  private:
    std::string m_preset;
    std::string m_spec;
    std::string m_experts;
    std::string m_max_tokens;
    std::string m_hidden;
    std::string m_group_size;
    std::string m_tokens_per_expert;
    std::string m_total_tokens;
    std::string m_strategy;
    std::string m_kernels;
    std::string m_scale_format;
    std::string m_input_type;
    std::string m_seed;
    CLI::App* m_command = nullptr;
};

/// The flags that say how to measure; they override the selection's.
class MeasureFlags {
  public:
    void add_to(CLI::App& command);
    /// Throws Error for what is no number; ranges are checked by the plan.
    void apply(Selection& selection) const;

  private:
    std::string m_cache;
    std::string m_launch;
    std::string m_ci;
    std::string m_min_samples;
    std::string m_max_time;
};

}  // namespace moescope
