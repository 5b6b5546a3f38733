// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/export_dialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <array>

#include "moescope/error.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kPresetKey = "export/preset";
constexpr const char* kThemeKey = "export/theme";
constexpr const char* kWidthKey = "export/width";
constexpr const char* kHeightKey = "export/height";
constexpr const char* kDpiKey = "export/dpi";

struct Preset {
    const char* name;
    QSize pixels;  ///< empty: twice the screen's
    double dpi;
};

constexpr std::array kPresets{
    Preset{"As on screen, twice as fine", {0, 0}, 192.0},
    Preset{"Paper, one column (3.4 in)", {1020, 1200}, 300.0},
    Preset{"Paper, full width (7 in)", {2100, 1200}, 300.0},
    Preset{"Slide (16:9)", {1920, 1080}, 144.0},
    Preset{"README (1280 x 720)", {1280, 720}, 96.0},
};
constexpr int kCustom = static_cast<int>(kPresets.size());

enum ThemeItem { kLight, kDark, kLikeScreen };

}  // namespace

ExportDialog::ExportDialog(QSize on_screen, const Theme& screen_theme, bool footer, QWidget* parent)
    : QDialog(parent),
      m_onScreen(on_screen),
      m_screenTheme(screen_theme),
      m_preset(new QComboBox(this)),
      m_theme(new QComboBox(this)),
      m_width(new QSpinBox(this)),
      m_height(new QSpinBox(this)),
      m_dpi(new QDoubleSpinBox(this)),
      m_footer(
          new QCheckBox(QStringLiteral("&Footer: device, driver, cache mode, method, date, version"), this)),
      m_zoom(new QCheckBox(QStringLiteral("&Only what is zoomed to on screen"), this)),
      m_summary(new QLabel(this)) {
    setWindowTitle(QStringLiteral("Export chart"));
    for (const Preset& preset : kPresets) m_preset->addItem(QString::fromUtf8(preset.name));
    m_preset->addItem(QStringLiteral("Own size"));
    m_theme->addItems({QStringLiteral("light"), QStringLiteral("dark"), QStringLiteral("as on screen")});
    for (QSpinBox* box : {m_width, m_height}) {
        box->setRange(200, 20000);
        box->setSuffix(QStringLiteral(" px"));
        box->setGroupSeparatorShown(false);
    }
    m_dpi->setRange(48, 1200);
    m_dpi->setDecimals(0);
    m_dpi->setLocale(QLocale::c());
    m_footer->setChecked(footer);
    m_zoom->setChecked(true);
    m_zoom->setEnabled(false);
    m_summary->setWordWrap(true);
    m_summary->setMinimumWidth(360);
    m_summary->setMinimumHeight(2 * m_summary->fontMetrics().lineSpacing());  // of the longest text
    m_summary->setAlignment(Qt::AlignLeft | Qt::AlignTop);

    auto* form = new QFormLayout(this);
    form->addRow(QStringLiteral("&Size for"), m_preset);
    form->addRow(QStringLiteral("&Width"), m_width);
    form->addRow(QStringLiteral("&Height"), m_height);
    form->addRow(QStringLiteral("&Dots per inch"), m_dpi);
    form->addRow(QStringLiteral("&Theme"), m_theme);
    form->addRow(QString(), m_footer);
    form->addRow(QString(), m_zoom);
    form->addRow(m_summary);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    m_ok->setText(QStringLiteral("&Choose file..."));
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &ExportDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    const QSettings settings;
    m_theme->setCurrentIndex(qBound(0, settings.value(QLatin1String(kThemeKey), kLight).toInt(), 2));
    m_width->setValue(settings.value(QLatin1String(kWidthKey), 1280).toInt());
    m_height->setValue(settings.value(QLatin1String(kHeightKey), 720).toInt());
    m_dpi->setValue(settings.value(QLatin1String(kDpiKey), 96).toDouble());
    m_preset->setCurrentIndex(qBound(0, settings.value(QLatin1String(kPresetKey), 0).toInt(), kCustom));
    applyPreset();

    connect(m_preset, &QComboBox::currentIndexChanged, this, &ExportDialog::applyPreset);
    const auto edited = [this] {
        const QSignalBlocker quiet(m_preset);
        m_preset->setCurrentIndex(kCustom);
        describe();
    };
    for (QSpinBox* box : {m_width, m_height}) connect(box, &QSpinBox::valueChanged, this, edited);
    connect(m_dpi, &QDoubleSpinBox::valueChanged, this, edited);
}

void ExportDialog::offerView(const ChartView& view) {
    m_view = view;
    m_zoom->setEnabled(!view.empty());
}

void ExportDialog::applyPreset() {
    const int at = m_preset->currentIndex();
    if (at < kCustom) {
        const Preset& preset = kPresets[static_cast<std::size_t>(at)];
        const QSignalBlocker quiet_width(m_width);
        const QSignalBlocker quiet_height(m_height);
        const QSignalBlocker quiet_dpi(m_dpi);
        const QSize pixels = preset.pixels.isEmpty() ? m_onScreen * 2 : preset.pixels;
        m_width->setValue(pixels.width());
        m_height->setValue(pixels.height());
        m_dpi->setValue(preset.dpi);
    }
    describe();
}

bool ExportDialog::isAcceptable() const {
    try {
        checkChartFileSize(size());
        return true;
    } catch (const Error&) {
        return false;
    }
}

void ExportDialog::describe() {
    m_ok->setEnabled(isAcceptable());
    if (!isAcceptable()) {
        m_summary->setText(QStringLiteral(
            "Too small to read: a chart needs 300 x 200 pixels at 96 dpi. Give a larger size or fewer dpi."));
        return;
    }
    m_summary->setText(QStringLiteral("PNG: %1 x %2 pixels. SVG and PDF: %3 x %4 inches.")
                           .arg(QString::number(m_width->value()), QString::number(m_height->value()),
                                fixedNumber(m_width->value() / m_dpi->value(), 2),
                                fixedNumber(m_height->value() / m_dpi->value(), 2)));
}

ChartFileSize ExportDialog::size() const {
    return {{m_width->value(), m_height->value()}, m_dpi->value()};
}

ChartOptions ExportDialog::look() const {
    const int theme = m_theme->currentIndex();
    return {theme == kLight  ? Theme::light()
            : theme == kDark ? Theme::darkTheme()
                             : m_screenTheme,
            m_footer->isChecked(), false, m_zoom->isChecked() ? m_view : ChartView()};
}

void ExportDialog::accept() {
    QSettings settings;
    settings.setValue(QLatin1String(kPresetKey), m_preset->currentIndex());
    settings.setValue(QLatin1String(kThemeKey), m_theme->currentIndex());
    settings.setValue(QLatin1String(kWidthKey), m_width->value());
    settings.setValue(QLatin1String(kHeightKey), m_height->value());
    settings.setValue(QLatin1String(kDpiKey), m_dpi->value());
    QDialog::accept();
}

}  // namespace moescope::ui
