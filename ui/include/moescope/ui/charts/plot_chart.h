// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBrush>
#include <QFont>
#include <QPen>
#include <QPointF>
#include <QPointer>
#include <map>
#include <memory>
#include <vector>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/chart.h"
#include "moescope/ui/theme/kernel_style.h"

class QCPAxis;
class QCPAxisRect;
class QCPColorScale;
class QCPGraph;
class QCPItemText;
class QCPLayoutGrid;
class QCPLegend;
class QCPMarginGroup;
class QCPScatterStyle;
class QCPTextElement;
class QCustomPlot;

namespace moescope::ui {

/// A chart drawn with QCustomPlot: title, subtitle, legend, a grid of panels, note and footer, top to bottom.
///
/// show() builds the panels from data; arrange() then fits labels to the size at hand and runs before every
/// painting, so that a chart is as legible at 400 pixels as at 4,000.
class PlotChart : public Chart {
  public:
    ~PlotChart() override;

    QWidget* widget() override;
    void show(const ChartData& data, const ChartOptions& options) override;
    void paint(QPaintDevice& device, QSize size, double scale) override;
    void resetView() override;
    ChartView view() const override { return m_zoomed; }

  protected:
    PlotChart();

    /// What stands around the panels.
    struct Texts {
        QString subtitle;
        QString note;      ///< what is missing or left out
        QString footer{};  ///< in place of the session's; empty: the session's
    };

    /// Adds panels and plottables. Returns the texts; the title is title().
    virtual Texts build(const ChartData& data) = 0;
    /// Sets ticks, captions and labels for the present geometry. Called twice: labels change margins.
    virtual void placeLabels() = 0;

    /// False where every mark belongs to the selected case anyhow.
    virtual bool highlightsSelection() const { return true; }

    QCustomPlot& plot() { return *m_plot; }
    const Theme& theme() const { return m_options.theme; }
    QFont font(int pixels, bool bold = false) const;

    /// `usual` columns of panels, or fewer where a file is so narrow that nothing could be read.
    int columnsFor(int usual) const;
    /// A panel with left and bottom axes, in the theme's colours. A title is put above it.
    QCPAxisRect* addPanel(int row, int column, const QString& title = {});
    /// Its left and bottom axes.
    static QCPAxis& left(QCPAxisRect& panel);
    static QCPAxis& bottom(QCPAxisRect& panel);
    /// A graph in a kernel's style on `panel`.
    QCPGraph* addGraph(QCPAxisRect& panel, const KernelStyle& style);
    /// How a series is drawn.
    KernelStyle styleOf(const Series& series) const;
    /// What fills its bars and areas.
    QBrush areaOf(const KernelStyle& style) const;
    /// Entries of the legend: lines and markers, or colours alone. Series that are switched off are listed on
    /// screen only.
    void addLegendLines(const std::vector<Series>& series);
    void addLegendAreas(const std::vector<Series>& series);
    void addLegendReference(const QString& text, Qt::PenStyle dash);
    /// A level line across a panel (parity, peak).
    void addLevel(QCPAxisRect& panel, double value, Qt::PenStyle dash);
    /// Free text on a panel, not clipped; position it in placeLabels().
    QCPItemText* addText(QCPAxisRect& panel, const QString& text, int pixels);

    /// The legend has switched this kernel off.
    bool isHidden(const std::string& kernel) const { return m_hidden.count(kernel) > 0; }
    /// A place that reads out a result and selects its case: a point, or with half extents in axis
    /// coordinates a bar (infinitely high) or a tile.
    void addMark(QCPAxisRect& panel, double x, double y, const Result& result, double half_width = 0.0,
                 double half_height = 0.0);
    /// The same for something else than results: the listener is told `index`.
    void addIndexMark(QCPAxisRect& panel, double x, double y, std::size_t index, double half_width = 0.0,
                      double half_height = 0.0);
    /// A colour scale beside the legend, in the theme's colours.
    QCPColorScale* addColorScale(const QString& caption);

    QCPScatterStyle scatter(const KernelStyle& style, double size) const;

  private:
    struct Mark {
        QCPAxisRect* panel = nullptr;
        double x = 0.0;
        double y = 0.0;
        double halfWidth = 0.0;
        double halfHeight = 0.0;
        std::size_t result = 0;
    };
    struct AxisView {
        QCPAxis* axis = nullptr;
        double lower = 0.0;  ///< as built
        double upper = 0.0;
    };

    void connectMouse();
    void connectKeys();
    bool takeKey(int key);
    /// Of each axis that lies that way, the part from `from` to `to` (fractions of what is shown).
    void showPart(Qt::Orientations which, double from, double to);
    void watchRanges(const Session* session);
    void rangeMoved(QCPAxis& moved);
    const Mark* markAt(QPointF position) const;
    void hover(QPointF position, QPoint global);
    void highlight(const Case& selected, const Session& session);
    void addFrame(const Mark& mark, const QPen& pen, const QBrush& brush);
    Texts buildPanels(const ChartData& data);
    void startLayout();
    void finishLayout(const Texts& texts, const ChartData& data);
    void addTextRow(int row, const QString& text, const QFont& text_font, const QColor& color);
    void showEmpty();
    QCPLegend* makeLegend();
    QCPGraph* addLegendGraph(QCPLegend& legend, const QString& text);
    QCPGraph* addLegendSeries(const Series& series);
    void arrange();
    bool isLegible() const;
    void joinMargins(QCPAxisRect& panel, int row, int column);
    void placeReferences(double room);
    void wrapTexts();
    void wrapPanelTitles();
    void elideCutTitles();
    void wrapLegend();
    void equalizePanels();

    QPointer<QWidget> m_widget;  ///< the plot; a parent may have deleted it first
    QCustomPlot* m_plot;
    ChartOptions m_options;
    QCPLayoutGrid* m_panels = nullptr;
    QCPLayoutGrid* m_legendRow = nullptr;
    QCPLayoutGrid* m_referenceRow = nullptr;
    QCPLegend* m_legend = nullptr;
    QCPLegend* m_references = nullptr;  ///< peaks, parity, limits: beside the kernels, or below them
    std::vector<QCPMarginGroup*> m_rowMargins;
    std::vector<QCPMarginGroup*> m_columnMargins;
    struct TextRow {
        QCPTextElement* element;
        QString text;
    };
    std::vector<TextRow> m_textRows;
    struct PanelTitle {
        QCPTextElement* element;
        QCPAxisRect* panel;
        QString text;
    };
    std::vector<PanelTitle> m_panelTitles;
    std::vector<Mark> m_marks;
    std::vector<AxisView> m_views;  ///< in the order of the panels
    ChartView m_zoomed;             ///< ranges that the reader chose; empty: as built
    std::string m_sessionShown;
    std::set<std::string> m_hidden;
    std::map<QString, std::string> m_legendKernels;  ///< by the entry's text
    const Result* m_firstResult = nullptr;           ///< while building
    QPointF m_pressedAt;
    bool m_followingRanges = false;
    QCPColorScale* m_colorScale = nullptr;
};

}  // namespace moescope::ui
