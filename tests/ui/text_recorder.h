// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPaintDevice>
#include <QPolygonF>
#include <QString>
#include <memory>
#include <vector>

namespace moescope::ui::test {

/// A text as it was painted: its outline in device coordinates, turned where the text is turned.
struct PaintedText {
    QString text;
    QPolygonF outline;
    QRectF clip;  ///< what of the picture it may be seen in
};

/// A paint device that draws nothing and notes every text, so that a test sees what a reader would.
class TextRecorder : public QPaintDevice {
  public:
    explicit TextRecorder(QSize size);
    ~TextRecorder() override;

    QPaintEngine* paintEngine() const override;
    const std::vector<PaintedText>& texts() const;

  protected:
    int metric(PaintDeviceMetric metric) const override;

  private:
    class Engine;
    QSize m_size;
    std::unique_ptr<Engine> m_engine;
};

/// Pairs of texts whose outlines overlap by more than a pixel, as "a / b".
QStringList overlaps(const std::vector<PaintedText>& texts);
/// Texts that reach over the edge of the picture.
QStringList cutOff(const std::vector<PaintedText>& texts, QSize size);

}  // namespace moescope::ui::test
