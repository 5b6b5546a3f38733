// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <vector>

#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// Sessions to choose from: those that the window has open, and files added here. Two check boxes a row:
/// whether it is part of A, the base, and of B, what is compared with it. Both may be checked: then kernels
/// of one session are compared.
class SourcesModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { kBase, kOther, kSession, kCells, kColumnCount };

    explicit SourcesModel(QObject* parent = nullptr);

    /// What the window has open, in place of what it had; choices of sessions that stay are kept, by id.
    void setOpen(const std::vector<SessionPtr>& sessions);
    /// Reads a session, or the printed output of vLLM's script. Returns its row; a file that is there already
    /// is read anew. Throws Error.
    int addFile(const QString& path);
    /// Chooses exactly these rows.
    void choose(const std::vector<int>& base, const std::vector<int>& others);

    std::vector<SessionPtr> base() const;
    std::vector<SessionPtr> others() const;
    /// Kernels that the chosen sessions of a side have, in order of appearance.
    QStringList kernels(bool of_base) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  signals:
    /// Something else is chosen, or what is chosen has changed.
    void chosen();

  private:
    struct Source {
        SessionPtr session;
        QString path;  ///< empty: open in the window
        bool base = false;
        bool other = false;
    };
    std::vector<SessionPtr> side(bool Source::*member) const;

    std::vector<Source> m_sources;  ///< open ones first
};

/// A session file, or a log of vLLM's script when that is what it holds. Throws Error.
Session readComparable(const QString& path);

}  // namespace moescope::ui
