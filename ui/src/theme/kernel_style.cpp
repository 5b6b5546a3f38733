// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/theme/kernel_style.h"

#include <array>
#include <cstdint>

namespace moescope::ui {
namespace {

enum class Ink { neutral, orange, skyBlue, green, yellow, blue, vermillion, purple };

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
};

/// FNV-1a, 32 bits (Fowler, Noll, Vo): the same on every platform, unlike qHash with its seed.
std::uint32_t stableHash(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

}  // namespace

KernelStyle kernelStyle(std::string_view kernel, const Theme& theme) {
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

}  // namespace moescope::ui
