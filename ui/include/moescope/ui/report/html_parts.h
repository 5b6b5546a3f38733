// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <string>
#include <vector>

#include "moescope/ui/charts/chart.h"

namespace moescope::ui::html {

QString escaped(const QString& text);
QString escaped(const std::string& text);

/// Rows of cells; those of numeric columns stand to the right.
class Table {
  public:
    Table(const QStringList& headers, std::vector<bool> numeric);
    void add(const QStringList& cells, const char* tag = "td");
    QString html() const;
    bool empty() const { return m_rows == 0; }

  private:
    std::vector<bool> m_numeric;
    QString m_html;
    int m_rows = 0;
};

/// A chart with its heading, as SVG within a page: without the prologue that a page must not repeat, and with
/// identifiers of its own. `cache`: of what the chart shows, named in the heading; empty: not named.
QString figure(const QString& kind, const ChartData& data, const QString& cache = {});

}  // namespace moescope::ui::html
