// SPDX-License-Identifier: GPL-3.0-or-later
#include "text_recorder.h"

#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QStringList>
#include <QTextItem>
#include <QTransform>

namespace moescope::ui::test {

class TextRecorder::Engine : public QPaintEngine {
  public:
    Engine() : QPaintEngine(AllFeatures) {}

    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    void updateState(const QPaintEngineState&) override {}
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
    void drawPath(const QPainterPath&) override {}
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
    Type type() const override { return User; }

    void drawTextItem(const QPointF& at, const QTextItem& item) override {
        // Letters without the line's leading: what would be seen to overlap.
        const QRectF box(at.x(), at.y() - item.ascent() * 0.8, item.width(),
                         item.ascent() * 0.8 + item.descent() * 0.5);
        const QRectF clip = painter()->hasClipping()
                                ? state->transform().mapRect(painter()->clipBoundingRect())
                                : QRectF(-1e6, -1e6, 2e6, 2e6);
        m_texts.push_back({item.text(), state->transform().map(QPolygonF(box)), clip});
    }

    std::vector<PaintedText> m_texts;
};

TextRecorder::TextRecorder(QSize size) : m_size(size), m_engine(std::make_unique<Engine>()) {}

TextRecorder::~TextRecorder() = default;

QPaintEngine* TextRecorder::paintEngine() const {
    return m_engine.get();
}

const std::vector<PaintedText>& TextRecorder::texts() const {
    return m_engine->m_texts;
}

int TextRecorder::metric(PaintDeviceMetric wanted) const {
    switch (wanted) {
        case PdmWidth:
            return m_size.width();
        case PdmHeight:
            return m_size.height();
        case PdmWidthMM:
            return m_size.width() * 254 / 960;
        case PdmHeightMM:
            return m_size.height() * 254 / 960;
        case PdmDpiX:
        case PdmDpiY:
        case PdmPhysicalDpiX:
        case PdmPhysicalDpiY:
            return 96;
        case PdmDepth:
            return 32;
        case PdmNumColors:
            return 1 << 24;
        case PdmDevicePixelRatio:
            return 1;
        case PdmDevicePixelRatioScaled:
            return static_cast<int>(devicePixelRatioFScale());
        default:
            return 0;
    }
}

QStringList overlaps(const std::vector<PaintedText>& texts) {
    QStringList pairs;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (std::size_t j = i + 1; j < texts.size(); ++j) {
            const QRectF common = texts[i].outline.intersected(texts[j].outline).boundingRect();
            if (common.width() > 1.0 && common.height() > 1.0)
                pairs << QStringLiteral("%1 / %2").arg(texts[i].text, texts[j].text);
        }
    }
    return pairs;
}

QStringList cutOff(const std::vector<PaintedText>& texts, QSize size) {
    QStringList out;
    const QRectF picture = QRectF(QPointF(0, 0), size).adjusted(-0.5, -0.5, 0.5, 0.5);
    for (const PaintedText& text : texts)
        if (!picture.contains(text.outline.boundingRect()) ||
            !text.clip.adjusted(-1, -1, 1, 1).contains(text.outline.boundingRect()))
            out << text.text;
    return out;
}

}  // namespace moescope::ui::test
