// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

#include "moescope/workload/case.h"

namespace moescope::ui {

/// What a table may say of the case that a row is about.
enum class CaseColumn {
    experts,
    tokens,
    strategy,
    max_tokens,
    hidden,
    group_size,
    scales,
    input_type,
    seed,
};

/// A column of a table.
struct ColumnInfo {
    const char* title;
    const char* hint;
    bool number;
    std::optional<CaseColumn> ofCase{};  ///< what it shows, where that is part of the case
};

/// Titles and hints, the same in every table that lists cases.
constexpr ColumnInfo caseColumn(CaseColumn column) {
    switch (column) {
        case CaseColumn::experts:
            return {"E", "Experts", true, column};
        case CaseColumn::tokens:
            return {"Tokens", "Valid tokens in all", true, column};
        case CaseColumn::strategy:
            return {"Strategy", "How tokens are spread over experts", false, column};
        case CaseColumn::max_tokens:
            return {"T", "Token capacity of an expert", true, column};
        case CaseColumn::hidden:
            return {"H", "Output columns of a token", true, column};
        case CaseColumn::group_size:
            return {"G", "Columns that share a scale", true, column};
        case CaseColumn::scales:
            return {"Scales", "Scale format", false, column};
        case CaseColumn::input_type:
            return {"Input", "What the input holds", false, column};
        case CaseColumn::seed:
            return {"Seed", "Of the random strategies: another seed gives other counts", true, column};
    }
    return {};
}

/// No part of a case; results and comparisons have it.
inline constexpr ColumnInfo kCacheColumn{
    "Cache", "Whether a launch may find its input in the last-level cache", false};

QString caseText(CaseColumn column, const Case& c);
/// To sort and filter by; nothing for a column of words.
std::optional<double> caseNumber(CaseColumn column, const Case& c);

}  // namespace moescope::ui
