// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "moescope/session/session.h"
#include "moescope/ui/charts/heatmap_chart.h"

namespace moescope::ui {

/// What a pivot can be laid out on: the kernel and all axes of the heatmap. Where results of both cache modes
/// are there and the mode is no axis, the kernel's names tell it: a mean of cold and hot would be nobody's.
const std::vector<HeatmapAxis>& pivotAxes();
/// Throws Error that lists the known ids.
const HeatmapAxis& findPivotAxis(const QString& id);

/// A number that a pivot can show, in one unit.
struct PivotValue {
    QString id;     ///< `median_us`, `median_ms`, `gbps`, `percent_of_peak.measured`, `speedup`
    QString title;  ///< "Time"
    QString unit;   ///< "ms"; empty for ratios
    QString label() const { return unit.isEmpty() ? title : QStringLiteral("%1, %2").arg(title, unit); }
};
const std::vector<PivotValue>& pivotValues();
/// Throws Error that lists the known ids.
const PivotValue& findPivotValue(const QString& id);

/// How a pivot is laid out, by the ids of pivotAxes() and pivotValues().
struct PivotSpec {
    QString rows = QStringLiteral("experts");
    QString then = QStringLiteral("tokens");  ///< a second axis of the rows; empty: none
    QString columns = QStringLiteral("kernel");
    QString value = QStringLiteral("gbps");

    bool operator==(const PivotSpec&) const = default;
};

/// All results that share a row and a column.
struct PivotCell {
    int results = 0;              ///< of them; 0: nothing was measured there
    int count = 0;                ///< of these, with a value
    std::optional<double> value;  ///< that of the only one, else the geometric mean
    std::size_t first = 0;        ///< one of them, as an index into the session
    Status status = Status::ok;   ///< why there is no value
};

struct PivotTable {
    /// Where a result of the session lies.
    struct Member {
        std::size_t result;
        std::size_t cell;
    };

    PivotSpec spec;
    QStringList rowTitles;          ///< "Experts (E)", "Total tokens"
    std::vector<QStringList> rows;  ///< a text for every row title
    QString columnTitle;            ///< "Kernel"
    QStringList columns;
    std::vector<PivotCell> cells;  ///< row after row
    std::vector<Member> members;   ///< of all cells
    PivotValue value;
    QString baseline;   ///< of speedups, else empty
    QStringList mixed;  ///< what differs among the results of some cell: "strategy"

    const PivotCell& at(std::size_t row, std::size_t column) const {
        return cells[row * static_cast<std::size_t>(columns.size()) + column];
    }
    /// Some cell is a mean.
    bool hasMeans() const;
    /// What the numbers are, in a sentence.
    QString note() const;
};

/// Lays out those results of the session. `baseline`: of speedups; empty: the one core proposes.
PivotTable makePivot(const Session& session, std::span<const std::size_t> results, const PivotSpec& spec,
                     const std::string& baseline = {});

/// "2,310", "2,310 (3)" for a mean of three, "failed", empty.
QString pivotText(const PivotTable& table, const PivotCell& cell);

/// RFC 4180, CRLF ends, decimal points whatever the locale. Where cells are means, every column is followed
/// by its counts.
QString pivotToCsv(const PivotTable& table);
QString pivotToMarkdown(const PivotTable& table);
/// An object that says what the numbers are, with a list of cells: one object a cell that has a value.
QString pivotToJson(const PivotTable& table);

}  // namespace moescope::ui
