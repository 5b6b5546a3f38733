// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/shortcuts_dialog.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScreen>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>
#include <vector>

#include "moescope/ui/window/window_actions.h"

namespace moescope::ui {
namespace {

using Keys = std::vector<std::pair<QString, QString>>;

constexpr int kColumnWidth = 380;
constexpr double kMostOfScreen = 0.85;

Keys chartKeys() {
    return {{QStringLiteral("+, -"), QStringLiteral("Zoom in, out")},
            {QStringLiteral("Arrows"), QStringLiteral("Pan")},
            {QStringLiteral("Home"), QStringLiteral("Show the whole chart again")},
            {QStringLiteral("Wheel, drag"), QStringLiteral("Zoom, pan")},
            {QStringLiteral("Double click"), QStringLiteral("Show the whole chart again")},
            {QStringLiteral("Click"),
             QStringLiteral("On a point, bar or tile: select its case everywhere. In the "
                            "legend: switch a kernel off or on")}};
}

Keys tableKeys() {
    return {{QStringLiteral("Up, Down"), QStringLiteral("Select a case everywhere; with Shift several rows")},
            {QStringLiteral("F2"), QStringLiteral("Rename the session")},
            {QStringLiteral("Space"), QStringLiteral("Show or hide the session")},
            {QStringLiteral("Delete"), QStringLiteral("Close the session")},
            {QStringLiteral("Click"),
             QStringLiteral("On a header: sort; with the right button: choose columns")}};
}

QString heading(const QString& text) {
    return QStringLiteral("<tr><td colspan=2 style='padding-top:10px'><u>%1</u></td></tr>").arg(text);
}

QString rows(const Keys& keys) {
    QString text;
    for (const auto& [key, what] : keys)
        text +=
            QStringLiteral("<tr><td style='white-space:nowrap'><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>")
                .arg(key.toHtmlEscaped(), what.toHtmlEscaped());
    return text;
}

QLabel* column(const QString& table_rows) {
    auto* label = new QLabel(QStringLiteral("<table cellspacing=2>%1</table>").arg(table_rows));
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    label->setFixedWidth(kColumnWidth);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

}  // namespace

ShortcutsDialog::ShortcutsDialog(const WindowActions& actions, QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("shortcuts"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(QStringLiteral("Keyboard shortcuts"));
    Keys all = actions.shortcutList();
    const auto panels = std::stable_partition(
        all.begin(), all.end(), [](const auto& key) { return !key.first.startsWith(QLatin1String("Alt+")); });

    Keys anywhere(all.begin(), panels);
    anywhere.emplace_back(QStringLiteral("Alt+letter"),
                          QStringLiteral("The menu, button or field whose name has that letter underlined"));

    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setSpacing(24);
    row->addWidget(column(heading(QStringLiteral("Anywhere")) + rows(anywhere)));
    row->addWidget(column(heading(QStringLiteral("Panels")) + rows({panels, all.end()}) +
                          heading(QStringLiteral("In a chart")) + rows(chartKeys()) +
                          heading(QStringLiteral("In a table")) + rows(tableKeys())));
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(scroll, 1);
    layout->addWidget(buttons);

    const QSize wanted = content->sizeHint();
    scroll->setMinimumWidth(wanted.width() + scroll->verticalScrollBar()->sizeHint().width());
    const int around = buttons->sizeHint().height() + 60;
    const int most = static_cast<int>(kMostOfScreen * screen()->availableSize().height());
    resize(sizeHint().width(), std::min(wanted.height() + around, most));
}

}  // namespace moescope::ui
