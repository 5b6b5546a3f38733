// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "moescope/session/session.h"

namespace moescope {

/// What the reader of a comparison knows a session by.
inline const std::string& title_of(const Session& session) {
    return session.name.empty() ? session.id : session.name;
}

}  // namespace moescope
