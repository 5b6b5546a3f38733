// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <string>
#include <vector>

#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

QString escapedHtml(const QString& text);
QString escapedHtml(const std::string& text);

/// Rows of cells; those of numeric columns stand to the right.
class HtmlTable {
  public:
    HtmlTable(const QStringList& headers, std::vector<bool> numeric);
    void add(const QStringList& cells, const char* tag = "td");
    QString html() const;
    bool empty() const { return m_rows == 0; }

  private:
    std::vector<bool> m_numeric;
    QString m_html;
    int m_rows = 0;
};

/// A chart with its heading, as SVG within a page: without the prologue that a page must not repeat, and with
/// identifiers of its own.
QString htmlFigure(const QString& kind, const ChartData& data);

}  // namespace moescope::ui
