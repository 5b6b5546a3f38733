// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace moescope {

/// The one exception of the engine. what() is a single line that names the thing that is wrong and what to
/// do about it; programs show it as it is (command line: stderr and exit status 2; window: a message).
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace moescope
