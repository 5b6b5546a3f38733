// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/plot_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <QGuiApplication>
#include <algorithm>

#include "charts/plot_chart_look.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

enum Row { kTitleRow, kSubtitleRow, kLegendRow, kPanelRow, kNoteRow, kFooterRow, kRowCount };

constexpr double kTinyStretch = 0.0001;  ///< rows that take what they need and no more

}  // namespace

PlotChart::PlotChart() : m_widget(new QCustomPlot), m_plot(static_cast<QCustomPlot*>(m_widget.data())) {
    m_plot->setLocale(QLocale::c());
    m_plot->setMinimumSize(240, 160);
    m_plot->setAutoAddPlottableToLegend(false);
    QObject::connect(m_plot, &QCustomPlot::beforeReplot, m_plot, [this] { arrange(); });
    connectMouse();
}

PlotChart::~PlotChart() {
    delete m_widget.data();
}

QWidget* PlotChart::widget() {
    return m_widget;
}

QFont PlotChart::font(int pixels, bool bold) const {
    QFont result = QGuiApplication::font();
    result.setPixelSize(pixels);
    result.setBold(bold);
    // Unhinted glyphs are as wide on paper as on screen, so labels that fit in one fit in the other.
    result.setHintingPreference(QFont::PreferNoHinting);
    return result;
}

void PlotChart::show(const ChartData& data, const ChartOptions& options) {
    m_options = options;
    m_hidden = data.hidden;
    startLayout();
    const bool empty = data.session == nullptr || data.session->results.empty();
    Texts texts;
    if (empty)
        showEmpty();
    else
        texts = buildPanels(data);
    finishLayout(texts, data);
    watchRanges(data.session);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

PlotChart::Texts PlotChart::buildPanels(const ChartData& data) {
    m_firstResult = data.session->results.data();
    Texts texts = build(data);
    m_firstResult = nullptr;
    if (data.selected != nullptr && highlightsSelection()) highlight(*data.selected, *data.session);
    return texts;
}

void PlotChart::paint(QPaintDevice& device, QSize size, double scale) {
    const QRect on_screen = m_plot->viewport();
    m_plot->setViewport(QRect(QPoint(0, 0), size));
    arrange();
    QCPPainter painter(&device);
    const bool pixels = device.devType() == QInternal::Image || device.devType() == QInternal::Pixmap;
    painter.setMode(pixels ? QCPPainter::pmNonCosmetic : QCPPainter::pmVectorized);
    painter.scale(scale, scale);
    m_plot->toPainter(&painter, size.width(), size.height());
    painter.end();
    m_plot->setViewport(on_screen);
    arrange();
}

void PlotChart::startLayout() {
    m_plot->clearItems();
    m_plot->clearPlottables();
    m_textRows.clear();
    m_panelTitles.clear();
    m_marks.clear();
    m_views.clear();
    m_legendKernels.clear();
    m_colorScale = nullptr;
    m_plot->plotLayout()->clear();
    m_plot->setBackground(QBrush(theme().background));

    auto* layout = m_plot->plotLayout();
    layout->expandTo(kRowCount, 1);
    layout->setRowSpacing(4);
    layout->setMargins(QMargins(kMargin, kMargin, kMargin, kMargin));
    for (int row = 0; row < kRowCount; ++row)
        layout->setRowStretchFactor(row, row == kPanelRow ? 1 : kTinyStretch);

    m_panels = new QCPLayoutGrid;
    m_panels->setRowSpacing(2);
    m_panels->setColumnSpacing(8);
    layout->addElement(kPanelRow, 0, m_panels);

    // Beside a filler, so that the legend stays as narrow as its entries.
    m_legendRow = new QCPLayoutGrid;
    layout->addElement(kLegendRow, 0, m_legendRow);
    m_legend = new QCPLegend;
    m_legendRow->addElement(0, 0, m_legend);
    m_legendRow->addElement(0, 1, new QCPLayoutElement(m_plot));
    m_legendRow->setColumnStretchFactor(0, kTinyStretch);
    m_legend->setLayer(QStringLiteral("legend"));
    m_legend->setBorderPen(Qt::NoPen);
    m_legend->setBrush(Qt::NoBrush);
    m_legend->setFont(font(12));
    m_legend->setTextColor(theme().text);
    m_legend->setIconSize(kLegendIconWidth, 14);
    m_legend->setIconBorderPen(Qt::NoPen);
    m_legend->setMargins(QMargins(0, 0, 0, 0));
    m_legend->setColumnSpacing(14);
    m_legend->setRowSpacing(0);
    m_legend->setFillOrder(QCPLegend::foColumnsFirst);
}

void PlotChart::showEmpty() {
    auto* text = new QCPTextElement(m_plot, QStringLiteral("No results yet"), font(14));
    text->setTextColor(theme().mutedText);
    m_panels->addElement(0, 0, text);
}

void PlotChart::addTextRow(int row, const QString& text, const QFont& text_font, const QColor& color) {
    if (text.isEmpty()) return;
    auto* element = new QCPTextElement(m_plot, text, text_font);
    element->setTextColor(color);
    element->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
    element->setMargins(QMargins(0, 0, 0, 0));
    m_plot->plotLayout()->addElement(row, 0, element);
    m_textRows.push_back({element, text});
}

void PlotChart::finishLayout(const Texts& texts, const ChartData& data) {
    addTextRow(kTitleRow, title(), font(16, true), theme().text);
    addTextRow(kSubtitleRow, texts.subtitle, font(12), theme().mutedText);
    addTextRow(kNoteRow, texts.note, font(11), theme().text);
    if (!texts.footer.isEmpty()) {
        if (m_options.footer) addTextRow(kFooterRow, texts.footer, font(10), theme().mutedText);
    } else if (m_options.footer && data.session != nullptr && !data.session->results.empty()) {
        addTextRow(kFooterRow, footerText(*data.session, shownCache(*data.session, data.cache)), font(10),
                   theme().mutedText);
    }
    // An empty legend would still take a row.
    if (m_legend->itemCount() == 0) {
        if (m_colorScale != nullptr)
            m_legendRow->remove(m_legend);
        else
            m_plot->plotLayout()->remove(m_legendRow);
        m_legend = nullptr;
    }
}

QCPAxisRect* PlotChart::addPanel(int row, int column, const QString& panel_title) {
    auto* panel = new QCPAxisRect(m_plot, false);
    panel->addAxes(QCPAxis::atLeft | QCPAxis::atBottom);
    m_panels->addElement(2 * row + 1, column, panel);
    m_panels->setRowStretchFactor(2 * row, kTinyStretch);
    panel->setMinimumMargins(QMargins(2, 4, 10, 2));
    panel->setRangeDragAxes(&bottom(*panel), &left(*panel));
    panel->setRangeZoomAxes(&bottom(*panel), &left(*panel));
    // In this order: the library's own is that of a hash, and files would differ from run to run.
    for (QCPAxis* axis : {&bottom(*panel), &left(*panel)}) {
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
        axis->setBasePen(linePen(theme().axis, 1));
        axis->setTickPen(linePen(theme().axis, 1));
        axis->setSubTicks(false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
        axis->setTickLabelFont(font(11));
        axis->setTickLabelColor(theme().text);
        axis->setTickLabelPadding(3);
        axis->setLabelFont(font(12));
        axis->setLabelColor(theme().text);
        axis->setLabelPadding(4);
        axis->grid()->setVisible(true);
        axis->grid()->setPen(linePen(theme().grid, 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    if (!panel_title.isEmpty()) {
        auto* text = new QCPTextElement(m_plot, panel_title, font(12, true));
        text->setTextColor(theme().text);
        text->setMargins(QMargins(0, 3, 0, 0));
        m_panels->addElement(2 * row, column, text);
        m_panelTitles.push_back({text, panel, panel_title});
    }
    return panel;
}

QCPAxis& PlotChart::left(QCPAxisRect& panel) {
    return *panel.axis(QCPAxis::atLeft);
}

QCPAxis& PlotChart::bottom(QCPAxisRect& panel) {
    return *panel.axis(QCPAxis::atBottom);
}

void PlotChart::addLevel(QCPAxisRect& panel, double value, Qt::PenStyle dash) {
    auto* line = new QCPItemLine(m_plot);
    line->setClipAxisRect(&panel);
    line->setPen(linePen(theme().reference, 1.4, dash));
    const auto pin = [&](QCPItemPosition* position, double across) {
        position->setAxes(&bottom(panel), &left(panel));
        position->setAxisRect(&panel);
        position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        position->setTypeY(QCPItemPosition::ptPlotCoords);
        position->setCoords(across, value);
    };
    pin(line->start, 0.0);
    pin(line->end, 1.0);
}

QCPItemText* PlotChart::addText(QCPAxisRect& panel, const QString& text, int pixels) {
    auto* item = new QCPItemText(m_plot);
    item->setClipToAxisRect(false);
    item->setFont(font(pixels));
    item->setColor(theme().text);
    item->setText(text);
    item->setPadding(QMargins(0, 0, 0, 0));
    item->position->setAxes(&bottom(panel), &left(panel));
    item->position->setAxisRect(&panel);
    item->position->setType(QCPItemPosition::ptAbsolute);
    return item;
}

void PlotChart::wrapTexts() {
    const double width = m_plot->viewport().width() - 2 * kMargin;
    for (const TextRow& row : m_textRows)
        row.element->setText(wrapText(row.text, row.element->font(), width).join(QLatin1Char('\n')));
}

void PlotChart::wrapPanelTitles() {
    for (const PanelTitle& title : m_panelTitles) {
        const double width = title.panel->outerRect().width();
        title.element->setText(wrapText(title.text, title.element->font(), width).join(QLatin1Char('\n')));
    }
}

QCPColorScale* PlotChart::addColorScale(const QString& caption) {
    m_colorScale = new QCPColorScale(m_plot);
    m_colorScale->setType(QCPAxis::atBottom);
    m_colorScale->setBarWidth(12);
    m_colorScale->setRangeDrag(false);
    m_colorScale->setRangeZoom(false);
    m_colorScale->setMargins(QMargins(30, 0, 30, 0));
    m_colorScale->setMinimumSize(0, 40);
    m_colorScale->setMaximumSize(QWIDGETSIZE_MAX, 44);
    QCPAxis& axis = *m_colorScale->axis();
    axis.setTickLabelFont(font(11));
    axis.setTickLabelColor(theme().text);
    axis.setLabelFont(font(11));
    axis.setLabelColor(theme().text);
    axis.setBasePen(linePen(theme().axis, 1));
    axis.setTickPen(linePen(theme().axis, 1));
    axis.setSubTicks(false);
    axis.setLabel(caption);
    m_legendRow->addElement(0, 2, m_colorScale);
    return m_colorScale;
}

void PlotChart::arrange() {
    if (m_panels == nullptr) return;
    const auto measure = [this] {
        for (const auto phase :
             {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
            m_plot->plotLayout()->update(phase);
    };
    wrapTexts();
    wrapLegend();
    measure();
    if (m_plot->axisRectCount() == 0) return;
    // Labels change margins, margins change what labels fit: the second round settles it.
    for (int round = 0; round < 2; ++round) {
        placeLabels();
        wrapPanelTitles();
        measure();
        equalizePanels();
        measure();
    }
    placeLabels();
}

}  // namespace moescope::ui
