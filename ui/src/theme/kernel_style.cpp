// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/theme/kernel_style.h"

#include <array>
#include <cstdint>

#include "moescope/ui/session/series_id.h"

namespace moescope::ui {
namespace {

enum class Ink { neutral, paleNeutral, orange, skyBlue, green, yellow, blue, vermillion, purple };

QColor inkColor(Ink ink, const Theme& theme) {
    switch (ink) {
        case Ink::orange:
            return {0xe6, 0x9f, 0x00};
        case Ink::skyBlue:
            return {0x56, 0xb4, 0xe9};
        case Ink::green:
            return {0x00, 0x9e, 0x73};
        // Yellow vanishes on white: there it is darkened, its hue kept.
        case Ink::yellow:
            return theme.dark ? QColor(0xf0, 0xe4, 0x42) : QColor(0xb3, 0xa6, 0x00);
        case Ink::blue:
            return theme.dark ? QColor(0x3d, 0x9d, 0xd9) : QColor(0x00, 0x72, 0xb2);
        case Ink::vermillion:
            return {0xd5, 0x5e, 0x00};
        case Ink::purple:
            return {0xcc, 0x79, 0xa7};
        case Ink::paleNeutral:
            return theme.dark ? QColor(0x74, 0x7a, 0x82) : QColor(0x95, 0x9b, 0xa3);
        case Ink::neutral:
            break;
    }
    return theme.mutedText;
}

struct KnownKernel {
    std::string_view id;
    Ink ink;
    Marker marker;
    Qt::PenStyle dash;
};

constexpr std::array kKnown{
    KnownKernel{"silu_v2", Ink::blue, Marker::disc, Qt::SolidLine},
    KnownKernel{"silu_v3", Ink::green, Marker::diamond, Qt::DashDotDotLine},
    KnownKernel{"silu_v3_fp32", Ink::skyBlue, Marker::triangleInverted, Qt::SolidLine},
    KnownKernel{"triton", Ink::orange, Marker::square, Qt::DashLine},
    KnownKernel{"unfused", Ink::purple, Marker::triangle, Qt::DashDotLine},
    KnownKernel{"cpu", Ink::skyBlue, Marker::disc, Qt::SolidLine},
    KnownKernel{"reference", Ink::vermillion, Marker::triangleInverted, Qt::DashDotDotLine},
    KnownKernel{"reference_fp32", Ink::yellow, Marker::triangle, Qt::DashDotDotLine},
    KnownKernel{"stream41", Ink::neutral, Marker::cross, Qt::DotLine},
    KnownKernel{"stream41_scales", Ink::paleNeutral, Marker::plus, Qt::DashDotDotLine},
};

/// FNV-1a, 32 bits (Fowler, Noll, Vo): the same on every platform, unlike qHash with its seed.
std::uint32_t stableHash(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

}  // namespace

namespace {

KernelStyle ownStyle(std::string_view kernel, const Theme& theme) {
    for (const KnownKernel& known : kKnown)
        if (known.id == kernel) return {inkColor(known.ink, theme), known.marker, known.dash, false};

    // None that a GPU kernel of this program has but silu_v3_fp32: a plugin is swept beside those.
    constexpr std::array kInks{Ink::vermillion, Ink::yellow, Ink::skyBlue};
    constexpr std::array kMarkers{Marker::star,   Marker::plus,   Marker::triangle, Marker::triangleInverted,
                                  Marker::square, Marker::diamond};
    constexpr std::array kDashes{Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DashDotDotLine};
    const std::uint32_t hash = stableHash(kernel);
    return {inkColor(kInks[hash % kInks.size()], theme), kMarkers[(hash >> 8) % kMarkers.size()],
            kDashes[(hash >> 16) % kDashes.size()], false};
}

/// The colour nearer to the ground, never so near that it vanishes.
QColor shaded(const QColor& color, int step, const Theme& theme) {
    constexpr std::array kTowardsGround{0.0, 0.45, 0.25, 0.6};
    const auto share =
        static_cast<float>(kTowardsGround[static_cast<std::size_t>(step) % kTowardsGround.size()]);
    const QColor ground = theme.background;
    const auto mix = [&](float ink, float paper) { return ink + share * (paper - ink); };
    return QColor::fromRgbF(mix(color.redF(), ground.redF()), mix(color.greenF(), ground.greenF()),
                            mix(color.blueF(), ground.blueF()));
}

/// How the same kernel of another session is told from the first one's: by shade, marker and dash, each the
/// next in turn.
KernelStyle ofSession(KernelStyle style, int number, const Theme& theme) {
    constexpr std::array kDashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine,
                                 Qt::DashDotDotLine};
    constexpr int kMarkers = static_cast<int>(Marker::star) + 1;
    const int step = number - 1;
    style.color = shaded(style.color, step, theme);
    style.marker = static_cast<Marker>((static_cast<int>(style.marker) + step) % kMarkers);
    std::size_t dash = 0;
    while (dash + 1 < kDashes.size() && kDashes[dash] != style.dash) ++dash;
    style.dash = kDashes[(dash + static_cast<std::size_t>(step)) % kDashes.size()];
    return style;
}

}  // namespace

KernelStyle kernelStyle(std::string_view kernel, const Theme& theme) {
    const KernelStyle style = ownStyle(kernelOf(kernel), theme);
    const int number = sessionNumberOf(kernel);
    return number > 1 ? ofSession(style, number, theme) : style;
}

}  // namespace moescope::ui
