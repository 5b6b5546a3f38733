// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/axis_labels.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr double kLabelGap = 6.0;        ///< pixels between two labels beside each other
constexpr double kLabelGapAbove = 7.0;   ///< pixels between two labels above each other
constexpr double kLinearSpacing = 30.0;  ///< pixels between two ticks of an upright axis
constexpr double kLinearSpacingAcross = 64.0;

struct Extent {
    double low;
    double high;
    bool touches(const Extent& other) const { return low < other.high && other.low < high; }
};

bool isHorizontal(const QCPAxis& axis) {
    return axis.orientation() == Qt::Horizontal;
}

double axisPixels(const QCPAxis& axis) {
    return isHorizontal(axis) ? axis.axisRect()->width() : axis.axisRect()->height();
}

Extent extentAt(const QCPAxis& axis, double at, double length) {
    const double center = axis.coordToPixel(at);
    const double reach = (length + (isHorizontal(axis) ? kLabelGap : kLabelGapAbove)) / 2;
    return {center - reach, center + reach};
}

void setTicks(QCPAxis& axis, const std::vector<TickCandidate>& ticks) {
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (const TickCandidate& tick : ticks) ticker->addTick(tick.at, tick.text);
    axis.setTicker(ticker);
}

double labelLength(const QCPAxis& axis, const QString& text, bool along_text) {
    const QFontMetricsF metrics(axis.tickLabelFont());
    return along_text ? metrics.horizontalAdvance(text) : metrics.height();
}

/// No label touches its left neighbour.
bool allFit(const QCPAxis& axis, const std::vector<CategoryLabel>& labels, bool compact, bool turned) {
    double free_from = -1e9;
    for (const CategoryLabel& label : labels) {
        const QString& text = compact ? label.shortText : label.text;
        const Extent extent = extentAt(axis, label.at, labelLength(axis, text, !turned));
        if (extent.low < free_from) return false;
        free_from = extent.high;
    }
    return true;
}

/// Thins all groups alike, step by step: every second label of a group, every third, ..., its first alone,
/// then the first of every second group, and so on.
std::vector<CategoryLabel> thinned(const std::vector<CategoryLabel>& labels, std::size_t step) {
    std::size_t longest = 1;
    for (const CategoryLabel& label : labels) longest = std::max(longest, label.inGroup + 1);
    std::vector<CategoryLabel> kept;
    for (const CategoryLabel& label : labels) {
        const bool keep = step <= longest ? label.inGroup % step == 0
                                          : label.inGroup == 0 && label.group % (step - longest + 1) == 0;
        if (keep) kept.push_back(label);
    }
    return kept;
}

bool inRange(const QCPAxis& axis, double at) {
    const QCPRange range = axis.range();
    return at >= range.lower * (1 - 1e-9) && at <= range.upper * (1 + 1e-9);
}

}  // namespace

void fitTicks(QCPAxis& axis, std::vector<TickCandidate> candidates) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const TickCandidate& a, const TickCandidate& b) { return a.rank < b.rank; });
    std::vector<Extent> taken;
    std::vector<TickCandidate> shown;
    for (const TickCandidate& candidate : candidates) {
        const Extent extent =
            extentAt(axis, candidate.at, labelLength(axis, candidate.text, isHorizontal(axis)));
        if (std::any_of(taken.begin(), taken.end(), [&](const Extent& e) { return e.touches(extent); }))
            continue;
        taken.push_back(extent);
        shown.push_back(candidate);
    }
    setTicks(axis, shown);
}

void fitAxisTitle(QCPAxis& axis, const QStringList& variants) {
    if (variants.isEmpty()) return;
    const QFontMetricsF metrics(axis.labelFont());
    const double room = axisPixels(axis);
    for (const QString& variant : variants) {
        double longest = 0.0;
        for (const QString& line : variant.split(QLatin1Char('\n')))
            longest = std::max(longest, metrics.horizontalAdvance(line));
        if (longest > room) continue;
        axis.setLabel(variant);
        return;
    }
    axis.setLabel(metrics.elidedText(variants.back(), Qt::ElideRight, room));
}

std::vector<TickCandidate> linearTicks(const QCPAxis& axis) {
    const double lower = axis.range().lower;
    const double upper = axis.range().upper;
    const double span = upper - lower;
    const double most =
        std::max(2.0, axisPixels(axis) / (isHorizontal(axis) ? kLinearSpacingAcross : kLinearSpacing));
    const double magnitude = std::pow(10.0, std::floor(std::log10(span / most)));
    double step = magnitude;
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        step = magnitude * factor;
        if (span / step <= most) break;
    }
    // A low panel between two round numbers shows finer ones rather than one alone.
    const auto ticks_with = [&](double width) {
        return std::floor(upper / width) - std::ceil(lower / width) + 1;
    };
    for (int finer = 0; finer < 3 && ticks_with(step) < 2; ++finer) step /= finer == 1 ? 2.5 : 2;
    std::vector<TickCandidate> ticks;
    const int decimals = step < 1 ? static_cast<int>(std::ceil(-std::log10(step) - 1e-9)) : 0;
    const double tolerance = 1e-9 * span;
    for (double i = std::ceil((lower - tolerance) / step); i * step <= upper + tolerance; ++i)
        ticks.push_back({i * step, fixedNumber(i == 0.0 ? 0.0 : i * step, decimals), i == 0.0 ? 0 : 1});
    return ticks;
}

std::vector<TickCandidate> tokenTicks(const QCPAxis& axis) {
    std::vector<int> powers;
    for (int power = 0; power < 42; ++power)
        if (inRange(axis, std::ldexp(1.0, power))) powers.push_back(power);
    const double doubling = std::max(1.0, axis.coordToPixel(2.0) - axis.coordToPixel(1.0));
    const auto text = [](int power, bool compact) {
        const std::int64_t value = std::int64_t{1} << power;
        return compact ? compactNumber(value) : groupedNumber(value);
    };
    // Even steps: every doubling, every second one, ...
    const auto stride_for = [&](bool compact) {
        double widest = 0.0;
        for (const int power : powers)
            widest = std::max(widest, labelLength(axis, text(power, compact), true));
        return std::max(1, static_cast<int>(std::ceil((widest + kLabelGap) / doubling)));
    };
    // Whole numbers ("2,048" says more than "2.05k"), unless hardly any would fit.
    const bool compact = stride_for(false) > 4 && stride_for(true) < stride_for(false);
    const int stride = stride_for(compact);
    std::vector<TickCandidate> ticks;
    for (const int power : powers)
        if ((powers.back() - power) % stride == 0)
            ticks.push_back({std::ldexp(1.0, power), text(power, compact), 0});
    return ticks;
}

std::vector<TickCandidate> decadeTicks(const QCPAxis& axis) {
    std::vector<TickCandidate> ticks;
    for (int power = -4; power < 13; ++power) {
        for (const int factor : {1, 2, 5}) {
            const double at = factor * std::pow(10.0, power);
            if (!inRange(axis, at)) continue;
            ticks.push_back({at, fixedNumber(at, std::max(0, -power)),
                             factor == 1   ? 0
                             : factor == 5 ? 1
                                           : 2});
        }
    }
    return ticks;
}

namespace {

/// Steps of a ratio axis, finest first. Each is even to the eye on a logarithmic axis, which a mixture of
/// them would not be. The factors are repeated in every decade, or stand alone.
struct RatioSteps {
    std::vector<double> factors;
    bool every_decade;
};

const std::vector<RatioSteps>& ratioSteps() {
    static const std::vector<RatioSteps> kSteps{
        {{0.9, 0.92, 0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06, 1.08, 1.1}, false},
        {{0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4}, false},
        {{0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2}, false},
        {{1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8}, true},
        {{1, 1.5, 2, 3, 5, 7}, true},
        {{1, 2, 5}, true},
        {{1, 3}, true},
        {{1}, true}};
    return kSteps;
}

}  // namespace

std::vector<TickCandidate> ratioTicks(const QCPAxis& axis) {
    std::vector<TickCandidate> ticks;
    for (const RatioSteps& steps : ratioSteps()) {
        // Steps that stand alone would leave the rest of a wide axis empty.
        if (!steps.every_decade && (axis.range().lower < steps.factors.front() * 0.97 ||
                                    axis.range().upper > steps.factors.back() / 0.97))
            continue;
        ticks.clear();
        for (int power = steps.every_decade ? -3 : 0; power <= (steps.every_decade ? 4 : 0); ++power)
            for (const double factor : steps.factors)
                if (const double at = factor * std::pow(10.0, power); inRange(axis, at))
                    ticks.push_back({at, QString::number(at, 'g', 4) + QChar(0xd7), 0});
        std::vector<Extent> extents;
        for (const TickCandidate& tick : ticks)
            extents.push_back(extentAt(axis, tick.at, labelLength(axis, tick.text, isHorizontal(axis))));
        std::sort(extents.begin(), extents.end(),
                  [](const Extent& a, const Extent& b) { return a.low < b.low; });
        const bool all_fit =
            std::adjacent_find(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
                return a.touches(b);
            }) == extents.end();
        if (all_fit) break;
    }
    return ticks;
}

double fitCategories(QCPAxis& axis, const std::vector<CategoryLabel>& all_labels) {
    std::vector<CategoryLabel> labels;  // those in view; the reader may have zoomed in
    for (const CategoryLabel& label : all_labels)
        if (axis.range().contains(label.at)) labels.push_back(label);
    bool compact = false;
    bool turned = false;
    if (!allFit(axis, labels, false, false)) {
        compact = allFit(axis, labels, true, false);
        turned = !compact;
    }
    std::vector<CategoryLabel> shown = labels;
    for (std::size_t step = 2; turned && shown.size() > 1 && !allFit(axis, shown, false, true); ++step)
        shown = thinned(labels, step);

    std::vector<TickCandidate> ticks;
    double depth = 0.0;
    for (const CategoryLabel& label : shown) {
        const QString& text = compact ? label.shortText : label.text;
        ticks.push_back({label.at, text, 0});
        depth = std::max(depth, labelLength(axis, text, turned));
    }
    axis.setTickLabelRotation(turned ? -90 : 0);
    setTicks(axis, ticks);
    return depth + axis.tickLabelPadding() + axis.tickLengthOut();
}

}  // namespace moescope::ui
