// SPDX-License-Identifier: Apache-2.0
#include "replay_timer.h"

#include <algorithm>
#include <chrono>

namespace moescope::cuda {
namespace {

constexpr int kBatch = 16;

/// Ends a capture that an exception left open: until then the stream is of no other use.
class CaptureGuard {
  public:
    explicit CaptureGuard(cudaStream_t stream) : m_stream(stream) {}
    CaptureGuard(const CaptureGuard&) = delete;  // one capture, ended once
    CaptureGuard& operator=(const CaptureGuard&) = delete;
    ~CaptureGuard() {
        if (!m_open) return;
        cudaGraph_t graph = nullptr;
        cudaStreamEndCapture(m_stream, &graph);
        const Graph discarded(graph);
        cudaGetLastError();
    }
    Graph finish() {
        m_open = false;
        cudaGraph_t graph = nullptr;
        MOESCOPE_CUDA_CHECK(cudaStreamEndCapture(m_stream, &graph));
        return Graph(graph);
    }

  private:
    cudaStream_t m_stream;
    bool m_open = true;
};

}  // namespace

GraphExec capture_launches(cudaStream_t stream, int launches,
                           const std::function<cudaError_t(int, cudaStream_t)>& launch) {
    MOESCOPE_CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    CaptureGuard capture(stream);
    for (int i = 0; i < launches; ++i) check(launch(i, stream), "kernel launch");
    const Graph graph = capture.finish();
    cudaGraphExec_t exec = nullptr;
    MOESCOPE_CUDA_CHECK(cudaGraphInstantiate(&exec, graph.get(), 0));
    GraphExec owned(exec);
    // Now, and not in the first replay that is timed.
    MOESCOPE_CUDA_CHECK(cudaGraphUpload(exec, stream));
    return owned;
}

double single_launch_us(cudaStream_t stream, const std::function<cudaError_t(cudaStream_t)>& launch) {
    const auto start = std::chrono::steady_clock::now();
    check(launch(stream), "kernel launch");
    MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(stream));
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

ReplayTimer::ReplayTimer() {
    for (int i = 0; i < 2 * kBatch; ++i) m_events.push_back(make_event());
}

std::vector<double> ReplayTimer::time(cudaStream_t stream, int count,
                                      const std::function<cudaGraphExec_t()>& next, std::stop_token stop,
                                      const std::function<void()>& while_running) {
    std::vector<double> times_us;
    while (static_cast<int>(times_us.size()) < count && !stop.stop_requested()) {
        const auto batch =
            static_cast<std::size_t>(std::min(kBatch, count - static_cast<int>(times_us.size())));
        std::vector<cudaGraphExec_t>
            graphs;  // all at hand before the first starts: some may have to be built
        for (std::size_t i = 0; i < batch; ++i) graphs.push_back(next());
        for (std::size_t i = 0; i < batch; ++i) {
            MOESCOPE_CUDA_CHECK(cudaEventRecord(m_events[2 * i].get(), stream));
            MOESCOPE_CUDA_CHECK(cudaGraphLaunch(graphs[i], stream));
            MOESCOPE_CUDA_CHECK(cudaEventRecord(m_events[2 * i + 1].get(), stream));
        }
        if (while_running) while_running();
        MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(stream));
        for (std::size_t i = 0; i < batch; ++i) {
            float ms = 0.0F;
            MOESCOPE_CUDA_CHECK(cudaEventElapsedTime(&ms, m_events[2 * i].get(), m_events[2 * i + 1].get()));
            times_us.push_back(static_cast<double>(ms) * 1e3);
        }
    }
    return times_us;
}

}  // namespace moescope::cuda
