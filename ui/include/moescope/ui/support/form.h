// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QFormLayout;

namespace moescope::ui {

/// Gives the labels of a form the width that all forms of the program share, so that fields line up across
/// forms.
void alignLabels(QFormLayout& form);

}  // namespace moescope::ui
