// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

class QCPAxis;

namespace moescope::ui {

/// A tick that may be labelled. Lower ranks are placed first; those that would touch a placed one are left
/// out.
struct TickCandidate {
    double at = 0.0;
    QString text;
    int rank = 0;
};

/// Labels as many candidates as the axis has room for at its present size. Grid lines follow.
void fitTicks(QCPAxis& axis, std::vector<TickCandidate> candidates);

/// Titles the axis with the first of `variants`, longest first, that is no longer than the panel; the last is
/// cut with an ellipsis if need be.
void fitAxisTitle(QCPAxis& axis, const QStringList& variants);

/// Candidates for a linear axis, 30 pixels or more apart, 64 on one that lies.
std::vector<TickCandidate> linearTicks(const QCPAxis& axis);
/// Powers of two that the axis shows, as token counts, written short where whole ones would not all fit.
std::vector<TickCandidate> tokenTicks(const QCPAxis& axis);
/// 1, 2 and 5 times the powers of ten that the axis shows.
std::vector<TickCandidate> decadeTicks(const QCPAxis& axis);
/// Ratios around 1 that the axis shows: "0.5x", "1x", "1.5x".
std::vector<TickCandidate> ratioTicks(const QCPAxis& axis);

/// A label of a category axis: the text where there is room, a shorter one where there is less.
struct CategoryLabel {
    double at = 0.0;
    QString text;
    QString shortText;
    std::size_t group = 0;    ///< groups are thinned alike
    std::size_t inGroup = 0;  ///< place in its group
};

/// Labels categories upright if all fit, shortened if they then fit, else turned by 90 degrees, and thinned
/// if even that is too much. Returns the depth in pixels that the labels take below the axis.
double fitCategories(QCPAxis& axis, const std::vector<CategoryLabel>& labels);

}  // namespace moescope::ui
