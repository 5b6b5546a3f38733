// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/cell_names.h"

#include <QSet>
#include <algorithm>
#include <array>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr qsizetype kShortestWord = 3;  ///< first letter, ellipsis, last letter

/// What a cell can differ in from others.
struct Property {
    const char* noun;    ///< in heading()
    const char* before;  ///< of the value in a name that has nouns
    const char* after;
    const char* shared_before;  ///< of the value that all cells share
    const char* shared_after;
    bool word;               ///< may be cut; a number never is
    const char* usual = "";  ///< goes without saying where nouns are
};

enum {
    kKernel,
    kExperts,
    kMaxTokens,
    kHidden,
    kGroupSize,
    kTokens,
    kStrategy,
    kScales,
    kInput,
    kCache,
    kLaunch,
    kSeed
};

constexpr std::array kProperties{
    Property{"kernel", "", "", "", "", true},
    Property{"E", "E ", "", "E = ", "", false},
    Property{"T", "T ", "", "T = ", "", false},
    Property{"H", "H ", "", "H = ", "", false},
    Property{"G", "G ", "", "G = ", "", false},
    Property{"tokens", "", " tokens", "", " tokens", false},
    Property{"strategy", "", "", "", "", true},
    Property{"scales", "", "", "", " scales", true},
    Property{"input", "", "", "", " input", true, "bf16"},
    Property{"cache", "", "", "", " cache", true},
    Property{"launches", "", "", "", " launches", true},
    Property{"seed", "seed ", "", "", "", false},
};
using Values = std::array<QString, kProperties.size()>;

const QString kBetween = QStringLiteral(" \u00b7 ");

Values valuesOf(const ComparisonRow& row) {
    const Shape& shape = row.c.shape;
    Values values;
    values[kKernel] = qs(row.kernel_label());
    values[kExperts] = groupedNumber(shape.experts);
    values[kMaxTokens] = groupedNumber(shape.max_tokens);
    values[kHidden] = groupedNumber(shape.hidden);
    values[kGroupSize] = groupedNumber(shape.group_size);
    values[kTokens] = groupedNumber(row.c.total_tokens);
    values[kStrategy] = qs(to_string(row.c.strategy));
    values[kScales] = qs(to_string(shape.scale_format));
    values[kInput] = qs(to_string(shape.input_type));
    values[kCache] = qs(to_string(row.cache));
    values[kLaunch] = qs(row.launch);
    values[kSeed] = QString::number(row.c.seed);
    return values;
}

/// "imbalanced:0.7" in 8: "imba…0.7". Kinds differ at their start, parameters at their end.
QString cut(const QString& word, qsizetype longest) {
    if (word.size() <= longest) return word;
    return word.left(longest / 2) + QChar(0x2026) + word.right((longest - 1) / 2);
}

bool saysNothing(std::size_t property, const QString& value) {
    return value.isEmpty() || value == QLatin1String(kProperties[property].usual);
}

/// Empty where it goes without saying.
QString partOf(std::size_t property, const QString& value, const NameForm& form) {
    const Property& p = kProperties[property];
    const QString text = p.word ? cut(value, form.longestWord) : value;
    if (!form.nouns) return text.isEmpty() ? QStringLiteral("-") : text;  // as many parts as heading() has
    return saysNothing(property, value) ? QString() : QLatin1String(p.before) + text + QLatin1String(p.after);
}

}  // namespace

CellNames::CellNames(const Comparison& comparison) : m_values(kProperties.size()) {
    std::array<QSet<QString>, kProperties.size()> known;
    for (const ComparisonRow& row : comparison.rows) {
        const Values values = valuesOf(row);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (known[i].contains(values[i])) continue;
            known[i].insert(values[i]);
            m_values[i] << values[i];
        }
    }
    QStringList shared;
    for (std::size_t i = 0; i < kProperties.size(); ++i) {
        const bool explains = i != kSeed;  // a seed that all share explains nothing
        if (explains && m_values[i].size() == 1 && !saysNothing(i, m_values[i].front()))
            shared << QLatin1String(kProperties[i].shared_before) + m_values[i].front() +
                          QLatin1String(kProperties[i].shared_after);
    }
    m_common = shared.join(QStringLiteral(", "));
}

QString CellNames::of(const ComparisonRow& row, const NameForm& form) const {
    const Values values = valuesOf(row);
    QStringList parts;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (m_values[i].size() < 2) continue;
        const QString part = partOf(i, values[i], form);
        if (!part.isEmpty()) parts << part;
    }
    if (parts.isEmpty()) parts << partOf(kKernel, values[kKernel], form);
    return parts.join(kBetween);
}

QString CellNames::heading() const {
    QStringList parts;
    for (std::size_t i = 0; i < kProperties.size(); ++i)
        if (m_values[i].size() > 1) parts << QLatin1String(kProperties[i].noun);
    if (parts.isEmpty()) parts << QLatin1String(kProperties[kKernel].noun);
    return parts.join(kBetween);
}

/// As if there were a cell with the widest value of each property.
double CellNames::widestName(const NameForm& form,
                             const std::function<double(const QString&)>& width_of) const {
    double sum = 0.0;
    int parts = 0;
    for (std::size_t i = 0; i < kProperties.size(); ++i) {
        if (m_values[i].size() < 2) continue;
        double widest = 0.0;
        for (const QString& value : m_values[i]) widest = std::max(widest, width_of(partOf(i, value, form)));
        sum += widest;
        ++parts;
    }
    return sum + std::max(0, parts - 1) * width_of(kBetween);
}

bool CellNames::tellsWordsApart(qsizetype longest_word) const {
    for (std::size_t i = 0; i < kProperties.size(); ++i) {
        if (!kProperties[i].word) continue;
        QSet<QString> words;
        for (const QString& value : m_values[i]) words.insert(cut(value, longest_word));
        if (words.size() < m_values[i].size()) return false;
    }
    return true;
}

NameForm CellNames::fitting(double widest, const std::function<double(const QString&)>& width_of) const {
    NameForm form;
    if (widestName(form, width_of) <= widest) return form;
    form.nouns = false;
    qsizetype longest = 0;
    for (std::size_t i = 0; i < kProperties.size(); ++i)
        if (kProperties[i].word && m_values[i].size() > 1)
            for (const QString& value : m_values[i]) longest = std::max(longest, value.size());
    NameForm shortest = form;
    for (qsizetype length = longest; length >= kShortestWord; --length) {
        if (!tellsWordsApart(length)) continue;
        shortest.longestWord = length;
        if (widestName(shortest, width_of) <= widest) break;
    }
    return shortest;
}

}  // namespace moescope::ui
