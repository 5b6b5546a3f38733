// SPDX-License-Identifier: GPL-3.0-or-later
#include <qcustomplot.h>

#include <algorithm>
#include <vector>

#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// Outer panels carry axis labels; without this their plotting areas would be smaller than the others'.
void PlotChart::equalizePanels() {
    const int columns = m_panels->columnCount();
    const int rows = m_panels->rowCount() / 2;
    std::vector<double> across(static_cast<std::size_t>(columns), 0.0);
    std::vector<double> down(static_cast<std::size_t>(rows), 0.0);
    double width = 0.0;
    double height = 0.0;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            if (!m_panels->hasElement(2 * row + 1, column)) continue;
            const auto* panel = qobject_cast<QCPAxisRect*>(m_panels->element(2 * row + 1, column));
            if (panel == nullptr) return;
            const QMargins margins = panel->margins();
            across[static_cast<std::size_t>(column)] =
                std::max<double>(across[static_cast<std::size_t>(column)], margins.left() + margins.right());
            down[static_cast<std::size_t>(row)] =
                std::max<double>(down[static_cast<std::size_t>(row)], margins.top() + margins.bottom());
            if (row == 0) width += panel->outerRect().width();
            if (column == 0) height += panel->outerRect().height();
        }
    }
    const auto share = [](std::vector<double>& margins, double space) {
        double taken = 0.0;
        for (const double margin : margins) taken += margin;
        const double inner = std::max(1.0, (space - taken) / static_cast<double>(margins.size()));
        for (double& margin : margins) margin += inner;
    };
    share(across, width);
    share(down, height);
    for (int column = 0; column < columns; ++column)
        m_panels->setColumnStretchFactor(column, across[static_cast<std::size_t>(column)]);
    for (int row = 0; row < rows; ++row)
        m_panels->setRowStretchFactor(2 * row + 1, down[static_cast<std::size_t>(row)]);
}

}  // namespace moescope::ui
