// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "child_process.h"
#include "moescope/error.h"
#include "moescope/worker.h"
#include "wire.h"

namespace moescope::worker {

/// The worker did not survive a call. what() is a clause without a subject: "was ended by SIGSEGV (...)".
class WorkerFault : public Error {
  public:
    using Error::Error;
};

/// A call was given up because of a stop request.
class Stopped : public Error {
  public:
    Stopped() : Error("stopped") {}
};

/// The parent's end of one worker process.
class RemoteWorker {
  public:
    /// Starts it and agrees on the protocol. Throws Error.
    explicit RemoteWorker(const PluginOptions& options);

    /// Loads one plugin. Throws Error that names it, whatever happens to the worker.
    std::vector<PluginKernel> load(const std::string& path);

    /// Makes a call and waits for its result. Throws Error with what the worker answered, WorkerFault when it
    /// ended or `seconds` went by (it is gone then), Stopped when it did not heed a stop request for a while.
    Json call(const char* name, Json request, double seconds, const std::stop_token& stop = {});

  private:
    Json await(std::int64_t id, double seconds, const std::stop_token& stop);

    double m_timeout_seconds;
    std::int64_t m_next_id = 1;
    std::unique_ptr<ChildProcess> m_process;
};

}  // namespace moescope::worker
