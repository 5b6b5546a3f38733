// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>

namespace moescope::ui::test {

/// Notes what the tester finds wrong; its own fatal mode would end all tests.
class ModelCheck {
  public:
    explicit ModelCheck(QAbstractItemModel* model)
        : m_tester(model, QAbstractItemModelTester::FailureReportingMode::Warning) {
        s_failures = 0;
        m_before =
            qInstallMessageHandler([](QtMsgType, const QMessageLogContext& context, const QString& text) {
                if (QByteArray(context.category).contains("modeltest")) ++s_failures;
                ADD_FAILURE() << text.toStdString();
            });
    }
    ~ModelCheck() {
        qInstallMessageHandler(m_before);
        EXPECT_EQ(s_failures, 0);
    }

  private:
    static inline int s_failures = 0;
    QAbstractItemModelTester m_tester;
    QtMessageHandler m_before;
};

}  // namespace moescope::ui::test
