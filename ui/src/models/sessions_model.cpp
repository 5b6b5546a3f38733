// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/sessions_model.h"

#include <QFileInfo>
#include <QFont>
#include <array>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

struct ColumnInfo {
    const char* title;
    const char* hint;
};

constexpr std::array<ColumnInfo, SessionsModel::kColumnCount> kColumns{{
    {"Session", "Checked: shown in charts and tables. F2 or a double click edits the name"},
    {"Baseline", "The session whose kernel speedups are over, where several are shown"},
    {"Results", "Cells that the session has"},
    {"Device", ""},
    {"Measured", "When its sweep began, UTC"},
    {"Notes", "Their first line; the whole is beside the table"},
    {"File", ""},
}};

}  // namespace

SessionsModel::SessionsModel(SessionDocument& document, QObject* parent)
    : QAbstractTableModel(parent), m_document(document) {
    connect(&document, &SessionDocument::aboutToAdd, this, [this](int at) { beginInsertRows({}, at, at); });
    connect(&document, &SessionDocument::added, this, [this] { endInsertRows(); });
    connect(&document, &SessionDocument::aboutToRemove, this,
            [this](int at) { beginRemoveRows({}, at, at); });
    connect(&document, &SessionDocument::removed, this, [this] { endRemoveRows(); });
    connect(&document, &SessionDocument::listChanged, this, [this](int first, int last) {
        emit dataChanged(index(first, 0), index(last, kColumnCount - 1));
    });
}

int SessionsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_document.count());
}

int SessionsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount;
}

QString SessionsModel::text(const OpenSession& open, int column) const {
    const Session& session = open.session;
    switch (column) {
        case kName: {
            const QString name = session.name.empty() ? open.displayName() : qs(session.name);
            const QString mark = open.modified ? QStringLiteral("*") : QString();
            return QStringLiteral("%1: %2%3").arg(open.number).arg(name, mark);
        }
        case kResults:
            return groupedNumber(static_cast<std::int64_t>(session.results.size()));
        case kDevice:
            return qs(session.environment.device.name);
        case kMeasured:
            return qs(session.created).left(16).replace(QLatin1Char('T'), QLatin1Char(' '));
        case kNotes:
            return qs(session.notes).section(QLatin1Char('\n'), 0, 0);
        case kFile:
            if (!open.path.isEmpty()) return QFileInfo(open.path).fileName();
            if (&open == m_document.live()) return QStringLiteral("being measured");
            return open.keptAt.isEmpty() ? QStringLiteral("none") : QStringLiteral("kept by the program");
        default:
            return {};
    }
}

QString SessionsModel::spoken(const OpenSession& open, int column) const {
    if (column == kName)
        return QStringLiteral("%1, %2%3")
            .arg(text(open, kName), open.shown ? QStringLiteral("shown") : QStringLiteral("not shown"),
                 open.modified ? QStringLiteral(", not saved") : QString());
    if (column == kBaseline)
        return &open == m_document.baselineSession() ? QStringLiteral("baseline")
                                                     : QStringLiteral("no baseline");
    return text(open, column);
}

QVariant SessionsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const OpenSession& open = m_document.at(static_cast<std::size_t>(index.row()));
    const int column = index.column();
    switch (role) {
        case Qt::DisplayRole:
            return text(open, column);
        case Qt::EditRole:
            return column == kName ? QVariant(qs(open.session.name)) : QVariant();
        case Qt::CheckStateRole:
            if (column == kName) return open.shown ? Qt::Checked : Qt::Unchecked;
            if (column == kBaseline)
                return &open == m_document.baselineSession() ? Qt::Checked : Qt::Unchecked;
            return {};
        case Qt::AccessibleTextRole:
            return spoken(open, column);
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (column == kResults ? Qt::AlignRight : Qt::AlignLeft)));
        case Qt::FontRole:
            if (&open == m_document.current() && column == kName) {
                QFont font;
                font.setBold(true);
                return font;
            }
            return {};
        case Qt::ToolTipRole:
            if (column == kNotes) return qs(open.session.notes);
            if (column == kFile) return open.path.isEmpty() ? open.keptAt : open.path;
            return {};
        default:
            return {};
    }
}

bool SessionsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return false;
    const auto row = static_cast<std::size_t>(index.row());
    if (role == Qt::EditRole && index.column() == kName) {
        const QString name = value.toString().simplified();
        if (name.isEmpty()) return false;
        m_document.rename(row, name);
        return true;
    }
    if (role != Qt::CheckStateRole) return false;
    const bool checked = value.toInt() == Qt::Checked;
    if (index.column() == kName) {
        m_document.setShown(row, checked);
        return true;
    }
    // One is always the baseline: unchecking it has no meaning.
    if (index.column() != kBaseline || !checked) return false;
    m_document.setBaselineSession(row);
    return true;
}

Qt::ItemFlags SessionsModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid()) return flags;
    if (index.column() == kName) flags |= Qt::ItemIsUserCheckable | Qt::ItemIsEditable;
    if (index.column() == kBaseline) flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant SessionsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical || section < 0 || section >= kColumnCount) return {};
    const ColumnInfo& column = kColumns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return QString::fromUtf8(column.title);
    if (role == Qt::ToolTipRole) return QString::fromUtf8(column.hint);
    return {};
}

}  // namespace moescope::ui
