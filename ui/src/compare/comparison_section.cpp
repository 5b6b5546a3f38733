// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_section.h"

#include "moescope/ui/compare/comparison_chart.h"
#include "moescope/ui/compare/verdict_style.h"
#include "moescope/ui/report/html_parts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

QString overview(const ComparedSessions& compared) {
    const Comparison& c = compared.comparison;
    const auto sessions = [](const std::vector<SessionPtr>& side) {
        QStringList names;
        for (const SessionPtr& session : side) names << sessionText(*session);
        return names.join(QStringLiteral("; "));
    };
    QStringList counts;
    for (const Verdict verdict : kVerdicts)
        counts << QStringLiteral("%1 %2").arg(groupedNumber(countOf(c.counts, verdict)),
                                              verdictText(verdict));
    return QStringLiteral(
               "<p>A: %1<br>B: %2</p>\n<p>Ratio of %3, B over A (%4); threshold %5 %, drift allowed for "
               "%6 % (%7). %8.</p>\n")
        .arg(html::escaped(sessions(compared.base)), html::escaped(sessions(compared.other)),
             html::escaped(std::string(to_string(c.options.metric))),
             html::escaped(directionText(c.options.metric)),
             QString::number(c.options.threshold_percent, 'g', 3), fixedNumber(c.drift_percent, 2),
             html::escaped(c.drift_source), html::escaped(counts.join(QStringLiteral(", "))));
}

QString warnings(const Comparison& c) {
    QString items;
    for (const std::string& warning : c.warnings)
        items += QStringLiteral("<li>%1</li>\n").arg(html::escaped(warning));
    return items.isEmpty()
               ? items
               : QStringLiteral("<p>Differences to bear in mind:</p>\n<ul>\n%1</ul>\n").arg(items);
}

QString means(const Comparison& c) {
    html::Table table({"Kernel", "Cells", "Geometric mean", "Slower", "Faster", "Unsure", "Same"},
                      {false, false, true, true, true, true, true});
    for (const GroupMean& group : c.groups)
        table.add({qs(group.kernel),
                   group.value.empty() ? QStringLiteral("all")
                                       : QStringLiteral("%1 %2").arg(qs(group.dimension), qs(group.value)),
                   ratioText(group.ratio), groupedNumber(group.counts.slower),
                   groupedNumber(group.counts.faster), groupedNumber(group.counts.unsure),
                   groupedNumber(group.counts.same)});
    return table.empty() ? QString() : table.html();
}

QString cells(const Comparison& c) {
    html::Table table(
        {"Kernel", "Case", "Cache", "Verdict", "Ratio", "95 % interval", "q", "Why", "What would decide"},
        {false, false, false, false, true, true, true, false, false});
    for (const ComparisonRow& row : c.rows) {
        if (row.verdict == Verdict::same) continue;
        table.add({qs(row.kernel_label()), qs(case_label(row.c)), qs(to_string(row.cache)),
                   verdictText(row.verdict), row.ratio ? ratioText(*row.ratio) : QStringLiteral("-"),
                   intervalText(row), row.q ? significantNumber(*row.q, 2) : QStringLiteral("-"),
                   qs(row.reason), qs(row.advice)});
    }
    return table.empty() ? QString() : QStringLiteral("<h2>Cells that are not SAME</h2>\n") + table.html();
}

}  // namespace

QString comparisonSection(const ComparedPtr& compared) {
    const ComparedCells shown = allCells(compared);
    const ChartData data = comparisonData(shown);
    const Comparison& c = compared->comparison;
    return QStringLiteral("<h2>Comparison</h2>\n") + overview(*compared) + warnings(c) + means(c) +
           html::figure(QStringLiteral("compare-forest"), data) +
           html::figure(QStringLiteral("compare-bandwidth"), data) + cells(c);
}

}  // namespace moescope::ui
