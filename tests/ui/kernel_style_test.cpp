// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/theme/kernel_style.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

namespace moescope::ui {
namespace {

/// Relative luminance and contrast of WCAG 2.1.
double luminance(const QColor& color) {
    const auto linear = [](double c) {
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const double high = std::max(luminance(a), luminance(b));
    const double low = std::min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

const std::vector<const Theme*> kThemes{&Theme::light(), &Theme::darkTheme()};

TEST(Theme, TextIsReadable) {
    for (const Theme* theme : kThemes) {
        EXPECT_GE(contrast(theme->text, theme->background), 7.0);
        EXPECT_GE(contrast(theme->mutedText, theme->background), 4.5);
        EXPECT_GE(contrast(theme->error, theme->background), 4.5);
        EXPECT_GE(contrast(theme->reference, theme->background), 4.5);
    }
}

TEST(KernelStyle, KnownKernelsDifferInColourAndShape) {
    for (const Theme* theme : kThemes) {
        std::set<std::string> colors;
        std::set<Marker> markers;
        std::set<Qt::PenStyle> dashes;
        for (const char* id :
             {"silu_v2", "silu_v3", "silu_v3_fp32", "triton", "unfused", "stream41", "stream41_scales"}) {
            const KernelStyle style = kernelStyle(id, *theme);
            colors.insert(style.color.name().toStdString());
            markers.insert(style.marker);
            dashes.insert(style.dash);
            EXPECT_GE(contrast(style.color, theme->background), 2.0) << id;
        }
        EXPECT_EQ(colors.size(), 7U);
        EXPECT_EQ(markers.size(), 7U);
        EXPECT_EQ(dashes.size(), 5U) << "all there are: silu_v3_fp32 shares that of silu_v2, for one";
    }
}

TEST(KernelStyle, StaysWithTheIdAcrossThemes) {
    for (const char* id : {"silu_v2", "my_kernel", "another.so:fast"}) {
        const KernelStyle light = kernelStyle(id, Theme::light());
        const KernelStyle dark = kernelStyle(id, Theme::darkTheme());
        EXPECT_EQ(light.marker, dark.marker);
        EXPECT_EQ(light.dash, dark.dash);
        EXPECT_NEAR(light.color.hueF(), dark.color.hueF(), 0.06) << id;
        EXPECT_EQ(kernelStyle(id, Theme::light()).color, light.color);
    }
}

TEST(KernelStyle, UnknownKernelsTakeNoColourOfTheKernelsTheyAreSweptBeside) {
    for (int i = 0; i < 200; ++i) {
        const std::string id = "kernel_" + std::to_string(i);
        for (const char* known : {"silu_v2", "silu_v3", "triton", "unfused", "stream41", "stream41_scales"})
            EXPECT_NE(kernelStyle(id, Theme::light()).color, kernelStyle(known, Theme::light()).color) << id;
    }
}

}  // namespace
}  // namespace moescope::ui
