// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

#include "moescope/ui/compare/comparison_chart.h"

namespace moescope::ui {

/// The samples of the selected cell, A against B: a box a run, with every sample beside it.
class CellBoxesChart : public ComparisonChart {
  public:
    QString title() const override { return QStringLiteral("Samples of one cell"); }

  protected:
    Texts buildCells(const ComparedCells& cells) override;
    void placeLabels() override;

  private:
    struct Box {
        QString name;
        std::vector<double> samples_us;
        KernelStyle style;
        bool isOther = false;
    };
    std::vector<Box> boxesOf(const ComparedSessions& compared, const ComparisonRow& row) const;
    void addBox(QCPAxisRect& panel, double at, const Box& box);

    QCPAxisRect* m_panel = nullptr;
    std::vector<QString> m_names;
};

}  // namespace moescope::ui
