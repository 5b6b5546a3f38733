// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/pivot.h"

#include <QHash>
#include <algorithm>
#include <cmath>

#include "moescope/analysis/metrics.h"
#include "moescope/error.h"
#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kMilliseconds = "median_ms";
constexpr const char* kSpeedup = "speedup";
constexpr const char* kKernel = "kernel";
constexpr const char* kCache = "cache";

struct Field {
    const char* name;
    bool (*differs)(const Result& a, const Result& b);
};

/// All that may differ between two results that share a cell.
const std::vector<Field>& fields() {
    using R = const Result&;
    static const std::vector<Field> all{
        {"kernel", [](R a, R b) { return a.kernel != b.kernel; }},
        {"cache mode", [](R a, R b) { return a.cache != b.cache; }},
        {"strategy", [](R a, R b) { return !(a.c.strategy == b.c.strategy); }},
        {"tokens", [](R a, R b) { return a.c.total_tokens != b.c.total_tokens; }},
        {"experts", [](R a, R b) { return a.c.shape.experts != b.c.shape.experts; }},
        {"H", [](R a, R b) { return a.c.shape.hidden != b.c.shape.hidden; }},
        {"G", [](R a, R b) { return a.c.shape.group_size != b.c.shape.group_size; }},
        {"T", [](R a, R b) { return a.c.shape.max_tokens != b.c.shape.max_tokens; }},
        {"scale format", [](R a, R b) { return a.c.shape.scale_format != b.c.shape.scale_format; }},
        {"input type", [](R a, R b) { return a.c.shape.input_type != b.c.shape.input_type; }},
        {"seed", [](R a, R b) { return a.c.seed != b.c.seed; }},
    };
    return all;
}

bool hasBothModes(const Session& session, std::span<const std::size_t> results) {
    return std::any_of(results.begin(), results.end(), [&](std::size_t at) {
        return session.results[at].cache != session.results[results.front()].cache;
    });
}

const HeatmapAxis& kernelAndCache() {
    static const HeatmapAxis axis{"kernel", "Kernel, cache", [](const Result&) { return 0.0; },
                                  [](const Result& r) {
                                      return Series{r.kernel, r.cache, true}.name();
                                  }};
    return axis;
}

template <typename Named>
const Named& findNamed(const std::vector<Named>& all, const QString& id, const char* what) {
    QString known;
    for (const Named& each : all) {
        if (each.id == id) return each;
        known += (known.isEmpty() ? QString() : QStringLiteral(", ")) + each.id;
    }
    throw Error(std::string("unknown ") + what + " '" + id.toStdString() + "': choose one of " +
                known.toStdString());
}

/// The value of one result; nothing where it was not measured.
std::function<std::optional<double>(const Result&)> valueOf(const Session& session, const QString& id,
                                                            const std::string& baseline) {
    ChartData data;
    data.session = &session;
    data.baseline = baseline;
    if (id == QLatin1String(kMilliseconds)) {
        return [](const Result& r) -> std::optional<double> {
            if (r.status != Status::ok || !r.median_us) return std::nullopt;
            return *r.median_us / 1000.0;
        };
    }
    data.metric = id.toStdString();
    return chartMetric(data).value;
}

/// Different texts of the results on one axis or two, in the order of the axes' values.
class Places {
  public:
    explicit Places(std::vector<const HeatmapAxis*> axes) : m_axes(std::move(axes)) {}

    void add(const Result& r) {
        const QStringList texts = textsOf(r);
        if (m_at.contains(texts)) return;
        m_at[texts] = 0;
        Place place{{}, texts};
        for (const HeatmapAxis* axis : m_axes) place.order.push_back(axis->order(r));
        m_places.push_back(std::move(place));
    }
    void sort() {
        std::stable_sort(m_places.begin(), m_places.end(),
                         [](const Place& a, const Place& b) { return a.order < b.order; });
        for (std::size_t i = 0; i < m_places.size(); ++i) m_at[m_places[i].texts] = i;
    }
    std::size_t at(const Result& r) const { return m_at.value(textsOf(r)); }
    std::vector<QStringList> texts() const {
        std::vector<QStringList> all;
        for (const Place& place : m_places) all.push_back(place.texts);
        return all;
    }

  private:
    struct Place {
        std::vector<double> order;
        QStringList texts;
    };
    QStringList textsOf(const Result& r) const {
        QStringList texts;
        for (const HeatmapAxis* axis : m_axes) texts << axis->text(r);
        return texts;
    }

    std::vector<const HeatmapAxis*> m_axes;
    QHash<QStringList, std::size_t> m_at;
    std::vector<Place> m_places;
};

}  // namespace

const std::vector<HeatmapAxis>& pivotAxes() {
    static const std::vector<HeatmapAxis> axes = [] {
        std::vector<HeatmapAxis> all{{"kernel", "Kernel", [](const Result&) { return 0.0; },
                                      [](const Result& r) { return qs(r.kernel); }}};
        all.insert(all.end(), heatmapAxes().begin(), heatmapAxes().end());
        return all;
    }();
    return axes;
}

const HeatmapAxis& findPivotAxis(const QString& id) {
    return findNamed(pivotAxes(), id, "axis");
}

const std::vector<PivotValue>& pivotValues() {
    static const std::vector<PivotValue> values = [] {
        std::vector<PivotValue> all;
        for (const MetricInfo& info : metrics()) {
            const bool time = info.id == "median_us";
            all.push_back({qs(info.id), qs(info.title), time ? QStringLiteral("\u00b5s") : qs(info.unit)});
            if (time) all.push_back({QLatin1String(kMilliseconds), qs(info.title), QStringLiteral("ms")});
        }
        all.push_back({QLatin1String(kSpeedup), QStringLiteral("Speedup"), QString(QChar(0xd7))});
        return all;
    }();
    return values;
}

const PivotValue& findPivotValue(const QString& id) {
    return findNamed(pivotValues(), id, "value");
}

PivotTable makePivot(const Session& session, std::span<const std::size_t> results, const PivotSpec& spec,
                     const std::string& baseline) {
    PivotTable table;
    table.spec = spec;
    table.value = findPivotValue(spec.value);
    if (spec.value == QLatin1String(kSpeedup))
        table.baseline = qs(baseline.empty() ? default_baseline(session.results) : baseline);
    const bool tell_cache = spec.rows != QLatin1String(kCache) && spec.then != QLatin1String(kCache) &&
                            spec.columns != QLatin1String(kCache) && hasBothModes(session, results);
    const auto axis_of = [&](const QString& id) {
        return tell_cache && id == QLatin1String(kKernel) ? &kernelAndCache() : &findPivotAxis(id);
    };
    std::vector<const HeatmapAxis*> row_axes{axis_of(spec.rows)};
    if (!spec.then.isEmpty() && spec.then != spec.rows) row_axes.push_back(axis_of(spec.then));
    for (const HeatmapAxis* axis : row_axes) table.rowTitles << axis->title;
    const HeatmapAxis& column_axis = *axis_of(spec.columns);
    table.columnTitle = column_axis.title;

    Places rows(row_axes);
    Places columns({&column_axis});
    for (const std::size_t index : results) {
        rows.add(session.results[index]);
        columns.add(session.results[index]);
    }
    rows.sort();
    columns.sort();
    table.rows = rows.texts();
    for (const QStringList& text : columns.texts()) table.columns << text.front();

    table.cells.resize(table.rows.size() * static_cast<std::size_t>(table.columns.size()));
    table.members.reserve(results.size());
    std::vector<double> sums(table.cells.size(), 0.0);
    const auto value = valueOf(session, spec.value, baseline);
    std::vector<bool> differs(fields().size(), false);
    for (const std::size_t index : results) {
        const Result& r = session.results[index];
        const std::size_t at = rows.at(r) * static_cast<std::size_t>(table.columns.size()) + columns.at(r);
        PivotCell& cell = table.cells[at];
        table.members.push_back({index, at});
        if (cell.results++ == 0) {
            cell.first = index;
            cell.status = r.status;
        }
        const std::optional<double> each = value(r);
        if (!each || !std::isfinite(*each)) continue;
        if (cell.count++ == 0) {
            cell.first = index;
            cell.value = each;
        }
        for (std::size_t i = 0; i < differs.size(); ++i)
            differs[i] = differs[i] || fields()[i].differs(session.results[cell.first], r);
        sums[at] += std::log(*each);  // of a zero minus infinity, and the mean is zero as it should be
    }
    for (std::size_t i = 0; i < table.cells.size(); ++i)
        if (table.cells[i].count > 1) table.cells[i].value = std::exp(sums[i] / table.cells[i].count);
    for (std::size_t i = 0; i < differs.size(); ++i)
        if (differs[i]) table.mixed << QLatin1String(fields()[i].name);
    if (table.mixed.isEmpty()) table.mixed << QStringLiteral("repetitions");
    return table;
}

bool PivotTable::hasMeans() const {
    return std::any_of(cells.begin(), cells.end(), [](const PivotCell& cell) { return cell.count > 1; });
}

QString PivotTable::note() const {
    QString text = value.label();
    if (!baseline.isEmpty()) text += QStringLiteral(" over %1").arg(baseline);
    if (!hasMeans()) return text + QStringLiteral(", one result a cell");
    return text + QStringLiteral(", geometric mean over %1 (number of results)")
                      .arg(mixed.join(QStringLiteral(", ")));
}

QString pivotText(const PivotTable& table, const PivotCell& cell) {
    if (cell.results == 0) return {};
    if (!cell.value) return cell.status == Status::ok ? QStringLiteral("-") : qs(to_string(cell.status));
    const bool ratio = table.value.unit.isEmpty() || table.value.unit == QString(QChar(0xd7));
    const QString text = ratio                                    ? fixedNumber(*cell.value, 2)
                         : table.value.unit == QLatin1String("%") ? fixedNumber(*cell.value, 1)
                                                                  : significantNumber(*cell.value, 4);
    return cell.count > 1 ? QStringLiteral("%1 (%2)").arg(text).arg(cell.count) : text;
}

}  // namespace moescope::ui
