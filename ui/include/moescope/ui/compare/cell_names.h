// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <limits>
#include <vector>

#include "moescope/analysis/comparison.h"

namespace moescope::ui {

/// How much of a cell's name is written.
struct NameForm {
    bool nouns = true;  ///< "E 8 · 64 tokens"; without, CellNames::heading() says once what the numbers are
    qsizetype longestWord = std::numeric_limits<qsizetype>::max();  ///< longer ones are cut inside
};

/// What the cells of a comparison have in common, and what tells them apart.
class CellNames {
  public:
    explicit CellNames(const Comparison& comparison);

    /// "silu_v2 · E 8 · 1,024 tokens · even": only what differs between cells.
    QString of(const ComparisonRow& row, const NameForm& form = {}) const;
    /// What names consist of, in their order: "kernel · E · tokens · strategy".
    QString heading() const;
    /// "T = 1,024, H = 7,168, ..."; empty when nothing is shared.
    const QString& common() const { return m_common; }

    /// The fullest form in which no name is wider than `widest`, else the shortest one. In each of them
    /// different cells have different names.
    NameForm fitting(double widest, const std::function<double(const QString&)>& width_of) const;

  private:
    double widestName(const NameForm& form, const std::function<double(const QString&)>& width_of) const;
    bool tellsWordsApart(qsizetype longest_word) const;

    std::vector<QStringList> m_values;  ///< of each property, each once
    QString m_common;
};

}  // namespace moescope::ui
