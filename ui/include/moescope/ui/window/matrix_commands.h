// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace moescope::ui {

class MatrixPanel;
class SweepController;
class WindowActions;

/// Connects the matrix builder with the window: undo and redo, and what a sweep takes from it beside the
/// plan.
void connectMatrix(MatrixPanel& matrix, WindowActions& actions, SweepController& sweep);

}  // namespace moescope::ui
