// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/sources_model.h"

#include <QFileInfo>
#include <algorithm>

#include "moescope/error.h"
#include "moescope/session/import.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

Session readComparable(const QString& path) {
    const std::string name = path.toStdString();
    const QString extension = QFileInfo(path).suffix().toLower();
    Session session = extension == QLatin1String("txt") || extension == QLatin1String("log")
                          ? import_file(name, "vllm-log")
                          : load_session(name);
    if (session.results.empty()) throw Error("'" + name + "' has no results to compare");
    if (session.name.empty()) session.name = QFileInfo(path).fileName().toStdString();
    return session;
}

SourcesModel::SourcesModel(QObject* parent) : QAbstractTableModel(parent) {}

void SourcesModel::setOpen(const std::vector<SessionPtr>& sessions) {
    beginResetModel();
    std::vector<Source> sources;
    for (const SessionPtr& session : sessions) {
        Source source{session, {}, false, false};
        for (const Source& old : m_sources) {
            const bool same = old.session == session ||
                              (!session->id.empty() && old.session->id == session->id && old.path.isEmpty());
            if (same) {
                source.base = source.base || old.base;
                source.other = source.other || old.other;
            }
        }
        sources.push_back(std::move(source));
    }
    for (Source& old : m_sources)
        if (!old.path.isEmpty()) sources.push_back(std::move(old));
    m_sources = std::move(sources);
    endResetModel();
    emit chosen();
}

int SourcesModel::addFile(const QString& path) {
    const auto session = std::make_shared<const Session>(readComparable(path));
    const QString whole = QFileInfo(path).absoluteFilePath();
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (m_sources[i].path != whole) continue;
        m_sources[i].session = session;
        const int row = static_cast<int>(i);
        emit dataChanged(index(row, 0), index(row, kColumnCount - 1));
        if (m_sources[i].base || m_sources[i].other) emit chosen();
        return row;
    }
    const auto row = static_cast<int>(m_sources.size());
    beginInsertRows({}, row, row);
    m_sources.push_back({session, whole, false, false});
    endInsertRows();
    return row;
}

void SourcesModel::choose(const std::vector<int>& base, const std::vector<int>& others) {
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        const auto in = [&](const std::vector<int>& rows) {
            return std::find(rows.begin(), rows.end(), static_cast<int>(i)) != rows.end();
        };
        m_sources[i].base = in(base);
        m_sources[i].other = in(others);
    }
    if (!m_sources.empty()) emit dataChanged(index(0, kBase), index(rowCount() - 1, kOther));
    emit chosen();
}

std::vector<SessionPtr> SourcesModel::side(bool Source::*member) const {
    std::vector<SessionPtr> sessions;
    for (const Source& source : m_sources)
        if (source.*member) sessions.push_back(source.session);
    return sessions;
}

std::vector<SessionPtr> SourcesModel::base() const {
    return side(&Source::base);
}

std::vector<SessionPtr> SourcesModel::others() const {
    return side(&Source::other);
}

QStringList SourcesModel::kernels(bool of_base) const {
    QStringList kernels;
    for (const SessionPtr& session : of_base ? base() : others())
        for (const Result& r : session->results)
            if (!kernels.contains(qs(r.kernel))) kernels << qs(r.kernel);
    return kernels;
}

int SourcesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_sources.size());
}

int SourcesModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumnCount;
}

QVariant SourcesModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Source& source = m_sources[static_cast<std::size_t>(index.row())];
    if (role == Qt::CheckStateRole && index.column() <= kOther)
        return (index.column() == kBase ? source.base : source.other) ? Qt::Checked : Qt::Unchecked;
    if (role == Qt::ToolTipRole)
        return QStringLiteral("%1\n%2\n%3")
            .arg(sessionText(*source.session),
                 counted(static_cast<std::int64_t>(source.session->results.size()), "result"),
                 source.path.isEmpty() ? QStringLiteral("open in this window") : source.path);
    if (role == Qt::AccessibleTextRole && index.column() <= kOther)
        return QStringLiteral("%1 is %2")
            .arg(sessionText(*source.session), index.column() == kBase ? "A" : "B");
    if (role == Qt::TextAlignmentRole && index.column() == kCells)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignRight));
    if (role != Qt::DisplayRole) return {};
    if (index.column() == kCells)
        return groupedNumber(static_cast<std::int64_t>(source.session->results.size()));
    if (index.column() != kSession) return {};
    // Files of one preset have one name: the file tells them apart.
    return source.path.isEmpty()
               ? sessionText(*source.session)
               : QFileInfo(source.path).fileName().section(QStringLiteral(".moescope"), 0, 0);
}

bool SourcesModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!index.isValid() || role != Qt::CheckStateRole || index.column() > kOther) return false;
    Source& source = m_sources[static_cast<std::size_t>(index.row())];
    (index.column() == kBase ? source.base : source.other) = value.toInt() == Qt::Checked;
    emit dataChanged(index, index, {Qt::CheckStateRole});
    emit chosen();
    return true;
}

Qt::ItemFlags SourcesModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() <= kOther) flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant SourcesModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical || section < 0 || section >= kColumnCount) return {};
    static const QStringList kTitles{QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("Session"),
                                     QStringLiteral("Cells")};
    static const QStringList kHints{
        QStringLiteral("The base; several are repetitions of it"),
        QStringLiteral("What is compared with A; several are compared one by one, or as repetitions"),
        {},
        {}};
    if (role == Qt::DisplayRole) return kTitles[section];
    if (role == Qt::ToolTipRole) return kHints[section];
    return {};
}

}  // namespace moescope::ui
