// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

/// One row an open session: whether it is shown, its name (both can be edited), whether speedups are over its
/// kernel, and what tells it apart.
class SessionsModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { kName, kBaseline, kResults, kDevice, kMeasured, kNotes, kFile, kColumnCount };

    /// `document` must outlive the model.
    explicit SessionsModel(SessionDocument& document, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    QString text(const OpenSession& session, int column) const;
    QString spoken(const OpenSession& session, int column) const;

    SessionDocument& m_document;
};

}  // namespace moescope::ui
