// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "cuda_handles.h"

namespace moescope::cuda {

/// Captures `launches` launches into one graph, ready to be replayed. `launch(i, stream)` enqueues the i-th.
GraphExec capture_launches(cudaStream_t stream, int launches,
                           const std::function<cudaError_t(int, cudaStream_t)>& launch);

/// One launch as a program without graphs pays for it: microseconds by the host's clock from the call until
/// the stream is found idle.
double single_launch_us(cudaStream_t stream, const std::function<cudaError_t(cudaStream_t)>& launch);

/// Times replays of graphs with events around each. Replays are enqueued a batch at a time, so that the
/// device always has the next one waiting and the host's own time is in none of them.
class ReplayTimer {
  public:
    ReplayTimer();

    /// Microseconds of each replay; `next` gives the graph of each in turn. Stops early when asked to,
    /// between batches. `while_running` is called once a batch, when all of it has been enqueued and the
    /// device works: what the host does then is in no time.
    std::vector<double> time(cudaStream_t stream, int count, const std::function<cudaGraphExec_t()>& next,
                             std::stop_token stop, const std::function<void()>& while_running = {});

  private:
    std::vector<Event> m_events;
};

}  // namespace moescope::cuda
