// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/report/html_parts.h"

#include <QRegularExpression>

#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui::html {

QString escaped(const QString& text) {
    return text.toHtmlEscaped();
}

QString escaped(const std::string& text) {
    return qs(text).toHtmlEscaped();
}

Table::Table(const QStringList& headers, std::vector<bool> numeric) : m_numeric(std::move(numeric)) {
    m_html = QStringLiteral("<div class=\"wide\"><table>\n");
    add(headers, "th");
    m_rows = 0;
}

void Table::add(const QStringList& cells, const char* tag) {
    m_html += QStringLiteral("<tr>");
    for (qsizetype i = 0; i < cells.size(); ++i)
        m_html +=
            QStringLiteral("<%1%2>%3</%1>")
                .arg(QLatin1String(tag),
                     m_numeric[static_cast<std::size_t>(i)] ? QStringLiteral(" class=\"n\"") : QString(),
                     escaped(cells[i]));
    m_html += QStringLiteral("</tr>\n");
    ++m_rows;
}

QString Table::html() const {
    return m_html + QStringLiteral("</table></div>\n");
}

QString figure(const QString& kind, const ChartData& data, const QString& cache) {
    const ChartKind& found = findChartKind(kind);
    ChartOptions look;
    look.footer = false;
    QString svg = QString::fromUtf8(chartSvg(kind, data, look, found.size));
    const qsizetype start = svg.indexOf(QLatin1String("<svg"));
    if (start > 0) svg = svg.mid(start);
    // Identifiers must differ between the drawings of one page.
    static const QRegularExpression kId(QStringLiteral("(id=\"|url\\(#|href=\"#)"));
    svg.replace(kId, QStringLiteral("\\1%1%2-").arg(kind, cache));
    const QString title =
        cache.isEmpty() ? found.title : QStringLiteral("%1, %2 cache").arg(found.title, cache);
    return QStringLiteral("<h2>%1</h2>\n<figure role=\"img\" aria-label=\"%2\">%3</figure>\n")
        .arg(escaped(title), escaped(title + QStringLiteral(": ") + found.description), svg);
}

}  // namespace moescope::ui::html
