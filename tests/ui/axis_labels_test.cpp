// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/axis_labels.h"

#include <gtest/gtest.h>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace moescope::ui {
namespace {

/// An upright axis of `pixels` that shows `lower` to `upper`.
class Upright {
  public:
    Upright(double lower, double upper, int pixels) {
        m_plot.setViewport(QRect(0, 0, 400, pixels));
        m_plot.axisRect()->setAutoMargins(QCP::msNone);
        m_plot.axisRect()->setMargins(QMargins(60, 0, 0, 0));
        axis().setScaleType(QCPAxis::stLogarithmic);
        axis().setRange(lower, upper);
        for (const auto phase :
             {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
            m_plot.plotLayout()->update(phase);
    }
    QCPAxis& axis() { return *m_plot.yAxis; }

  private:
    QCustomPlot m_plot;
};

TEST(AxisLabels, TicksOfARatioAreEvenAndHaveParity) {
    const std::vector<std::pair<double, double>> ranges{{0.8, 1.25},  {0.22, 2.2}, {0.5, 1.4}, {0.02, 40},
                                                        {0.95, 1.06}, {0.7, 9},    {0.3, 1.3}};
    for (const auto& [lower, upper] : ranges) {
        for (const int pixels : {60, 120, 220, 700}) {
            Upright upright(lower, upper, pixels);
            const std::vector<TickCandidate> ticks = ratioTicks(upright.axis());
            std::vector<double> steps;
            for (std::size_t i = 1; i < ticks.size(); ++i)
                steps.push_back(std::log(ticks[i].at / ticks[i - 1].at));
            const auto context = [&] {
                QStringList texts;
                for (const TickCandidate& tick : ticks) texts << tick.text;
                return texts.join(' ').toStdString() + " in " + std::to_string(pixels);
            };
            EXPECT_TRUE(std::any_of(ticks.begin(), ticks.end(), [](const TickCandidate& tick) {
                return tick.at == 1.0;
            })) << context();
            // No tick was dropped to make room for its neighbours: their steps would differ by far.
            if (!steps.empty()) {
                EXPECT_LE(*std::max_element(steps.begin(), steps.end()),
                          4.0 * *std::min_element(steps.begin(), steps.end()))
                    << context();
            }
            if (pixels >= 220) {
                EXPECT_GE(ticks.size(), 3U) << context();
            }
        }
    }
}

}  // namespace
}  // namespace moescope::ui
