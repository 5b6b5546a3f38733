// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/plot_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <QGuiApplication>
#include <algorithm>
#include <array>

#include "charts/plot_chart_look.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

enum Row { kTitleRow, kSubtitleRow, kLegendRow, kReferenceRow, kPanelRow, kNoteRow, kFooterRow, kRowCount };

constexpr double kTinyStretch = 0.0001;  ///< rows that take what they need and no more
constexpr QSize kLeastPanel(96, 52);     ///< that can be read
/// How much smaller a chart may be drawn. At the last one its text is 4.5 points high at 96 dots an inch.
constexpr std::array kShrinks{1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6, 0.55, 0.5};
constexpr int kNarrowestPanel = 170;
constexpr QChar kEllipsis(0x2026);  ///< of a title that was too long

bool isCut(const QCPLayoutElement* element) {
    if (element == nullptr) return false;
    const QSize needed = element->minimumOuterSizeHint();
    const QSize given = element->outerRect().size();
    return given.width() + 1 < needed.width() || given.height() + 1 < needed.height();
}

}  // namespace

PlotChart::PlotChart() : m_widget(new QCustomPlot), m_plot(static_cast<QCustomPlot*>(m_widget.data())) {
    m_plot->setLocale(QLocale::c());
    m_plot->setMinimumSize(240, 160);
    m_plot->setAutoAddPlottableToLegend(false);
    QObject::connect(m_plot, &QCustomPlot::beforeReplot, m_plot, [this] { arrange(); });
    connectMouse();
    connectKeys();
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
    // On small paper everything is drawn smaller, rather than some of it not at all.
    QSize room = size;
    for (const double shrink : kShrinks) {
        room = (QSizeF(size) / shrink).toSize();
        m_plot->setViewport(QRect(QPoint(0, 0), room));
        arrange();
        if (isLegible()) break;
    }
    QCPPainter painter(&device);
    const bool pixels = device.devType() == QInternal::Image || device.devType() == QInternal::Pixmap;
    painter.setMode(pixels ? QCPPainter::pmNonCosmetic : QCPPainter::pmVectorized);
    painter.scale(scale * size.width() / room.width(), scale * size.height() / room.height());
    m_plot->toPainter(&painter, room.width(), room.height());
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
    for (auto* groups : {&m_rowMargins, &m_columnMargins}) {
        qDeleteAll(*groups);
        groups->clear();
    }
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
    m_referenceRow = new QCPLayoutGrid;
    layout->addElement(kLegendRow, 0, m_legendRow);
    layout->addElement(kReferenceRow, 0, m_referenceRow);
    m_legend = makeLegend();
    m_references = makeLegend();
    m_legendRow->setColumnSpacing(kLegendSpacing);
    m_legendRow->addElement(0, kKernels, m_legend);
    m_legendRow->addElement(0, kReferencesBeside, m_references);
    for (QCPLegend* legend : {m_legend, m_references}) legend->setLayer(QStringLiteral("legend"));
    m_legendRow->addElement(0, kFiller, new QCPLayoutElement(m_plot));
    m_referenceRow->addElement(0, kReferencesBeside, new QCPLayoutElement(m_plot));
    for (QCPLayoutGrid* row : {m_legendRow, m_referenceRow})
        for (const int column : {kKernels, kReferencesBeside}) {
            row->expandTo(1, column + 1);
            row->setColumnStretchFactor(column, kTinyStretch);
        }
    m_referenceRow->setColumnStretchFactor(kReferencesBeside, 1);
}

QCPLegend* PlotChart::makeLegend() {
    auto* legend = new QCPLegend;
    legend->setBorderPen(Qt::NoPen);
    legend->setBrush(Qt::NoBrush);
    legend->setFont(font(12));
    legend->setTextColor(theme().text);
    legend->setIconSize(kLegendIconWidth, 14);
    legend->setIconBorderPen(Qt::NoPen);
    legend->setMargins(QMargins(0, 0, 0, 0));
    legend->setColumnSpacing(kLegendSpacing);
    legend->setRowSpacing(0);
    legend->setFillOrder(QCPLegend::foColumnsFirst);
    return legend;
}

void PlotChart::showEmpty() {
    auto* text =
        new QCPTextElement(m_plot,
                           m_options.on_screen ? QStringLiteral("No results yet: Run (F5) sweeps the matrix, "
                                                                "Open (Ctrl+O) shows a session")
                                               : QStringLiteral("No results yet"),
                           font(14));
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
    if (m_references->itemCount() == 0) {
        m_legendRow->remove(m_references);
        m_references = nullptr;
    }
    if (m_legend->itemCount() == 0) {
        m_legendRow->remove(m_legend);
        m_legend = nullptr;
    }
    if (m_legend == nullptr && m_references == nullptr && m_colorScale == nullptr)
        m_plot->plotLayout()->remove(m_legendRow);
}

int PlotChart::columnsFor(int usual) const {
    if (m_options.size.isEmpty()) return usual;
    return std::clamp(m_options.size.width() / kNarrowestPanel, 1, usual);
}

/// The plotting areas of a row are equally high and of a column equally wide, whichever carry labels.
void PlotChart::joinMargins(QCPAxisRect& panel, int row, int column) {
    const auto group = [this](std::vector<QCPMarginGroup*>& groups, int at) {
        while (groups.size() <= static_cast<std::size_t>(at)) groups.push_back(new QCPMarginGroup(m_plot));
        return groups[static_cast<std::size_t>(at)];
    };
    panel.setMarginGroup(QCP::msTop | QCP::msBottom, group(m_rowMargins, row));
    panel.setMarginGroup(QCP::msLeft | QCP::msRight, group(m_columnMargins, column));
}

/// No text is cut and no panel too small to be read.
bool PlotChart::isLegible() const {
    for (QCPAxisRect* panel : m_plot->axisRects()) {
        if (panel->width() < kLeastPanel.width() || panel->height() < kLeastPanel.height()) return false;
        if (bottom(*panel).label().contains(kEllipsis) || left(*panel).label().contains(kEllipsis))
            return false;
    }
    return !isCut(m_legend) && !isCut(m_references) && !isCut(m_colorScale) &&
           std::none_of(m_textRows.begin(), m_textRows.end(),
                        [](const TextRow& row) { return isCut(row.element); }) &&
           std::none_of(m_panelTitles.begin(), m_panelTitles.end(), [](const PanelTitle& title) {
               return isCut(title.element) || title.element->text().contains(kEllipsis);
           });
}

QCPAxisRect* PlotChart::addPanel(int row, int column, const QString& panel_title) {
    auto* panel = new QCPAxisRect(m_plot, false);
    panel->addAxes(QCPAxis::atLeft | QCPAxis::atBottom);
    m_panels->addElement(2 * row + 1, column, panel);
    m_panels->setRowStretchFactor(2 * row, kTinyStretch);
    panel->setMinimumMargins(QMargins(2, 4, 10, 2));
    joinMargins(*panel, row, column);
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

/// On a screen too low for all of a title, one line that leaves out its beginning: the end tells panels of a
/// row apart.
void PlotChart::elideCutTitles() {
    for (const PanelTitle& title : m_panelTitles)
        if (isCut(title.element))
            title.element->setText(
                QFontMetricsF(title.element->font())
                    .elidedText(title.text, Qt::ElideLeft, title.panel->outerRect().width()));
}

QCPColorScale* PlotChart::addColorScale(const QString& caption) {
    m_colorScale = new QCPColorScale(m_plot);
    m_colorScale->setType(QCPAxis::atBottom);
    m_colorScale->setBarWidth(12);
    m_colorScale->setRangeDrag(false);
    m_colorScale->setRangeZoom(false);
    m_colorScale->setMargins(QMargins(30, 0, 30, 0));
    m_colorScale->setMinimumSize(kColorScaleWidth, 40);
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
    m_legendRow->addElement(0, kScale, m_colorScale);
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
        elideCutTitles();
        measure();
    }
    placeLabels();
}

}  // namespace moescope::ui
