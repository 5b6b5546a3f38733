// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/case_columns.h"

#include "moescope/ui/support/text.h"

namespace moescope::ui {

QString caseText(CaseColumn column, const Case& c) {
    switch (column) {
        case CaseColumn::experts:
            return groupedNumber(c.shape.experts);
        case CaseColumn::tokens:
            return groupedNumber(c.total_tokens);
        case CaseColumn::strategy:
            return qs(to_string(c.strategy));
        case CaseColumn::max_tokens:
            return groupedNumber(c.shape.max_tokens);
        case CaseColumn::hidden:
            return groupedNumber(c.shape.hidden);
        case CaseColumn::group_size:
            return groupedNumber(c.shape.group_size);
        case CaseColumn::scales:
            return qs(to_string(c.shape.scale_format));
        case CaseColumn::input_type:
            return qs(to_string(c.shape.input_type));
        case CaseColumn::seed:
            return QString::number(c.seed);  // a name rather than an amount: no commas, all digits
    }
    return {};
}

std::optional<double> caseNumber(CaseColumn column, const Case& c) {
    switch (column) {
        case CaseColumn::experts:
            return static_cast<double>(c.shape.experts);
        case CaseColumn::tokens:
            return static_cast<double>(c.total_tokens);
        case CaseColumn::max_tokens:
            return static_cast<double>(c.shape.max_tokens);
        case CaseColumn::hidden:
            return static_cast<double>(c.shape.hidden);
        case CaseColumn::group_size:
            return static_cast<double>(c.shape.group_size);
        case CaseColumn::seed:
            return static_cast<double>(c.seed);
        case CaseColumn::strategy:
        case CaseColumn::scales:
        case CaseColumn::input_type:
            break;
    }
    return std::nullopt;
}

}  // namespace moescope::ui
