// SPDX-License-Identifier: Apache-2.0

// The protocol: what goes over the wire comes back, and what a worker answers to requests of every sort.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <limits>

#include "../core/support.h"
#include "child_process.h"
#include "line_channel.h"
#include "moescope/backend_factory.h"
#include "moescope/worker.h"
#include "remote_worker.h"
#include "wire.h"

namespace moescope::worker {
namespace {

using ::testing::HasSubstr;
using Wait = LineChannel::Wait;

struct Pipe {
    Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
    std::array<int, 2> ends{};
};

TEST(LineChannel, LinesWholeWhateverTheirPieces) {
    const Pipe pipe;
    LineChannel channel(pipe.ends[0], pipe.ends[1]);
    EXPECT_TRUE(channel.send("one"));
    EXPECT_EQ(::write(pipe.ends[1], "two\nthr", 7), 7);
    EXPECT_EQ(channel.receive().line, "one");
    EXPECT_EQ(channel.receive().line, "two");
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    EXPECT_EQ(channel.receive(soon).how, Wait::timed_out);
    EXPECT_EQ(::write(pipe.ends[1], "ee\n", 3), 3);
    EXPECT_EQ(channel.receive().line, "three");
    EXPECT_EQ(channel.receive({}, [] { return true; }).how, Wait::interrupted);
}

TEST(LineChannel, SeesTheEnd) {
    const Pipe pipe;
    ::close(pipe.ends[1]);
    LineChannel channel(pipe.ends[0], ::open("/dev/null", O_WRONLY));
    EXPECT_EQ(channel.receive().how, Wait::closed);
}

TEST(Wire, EverythingComesBack) {
    Case c;
    c.shape = {.experts = 7,
               .max_tokens = 1 << 20,
               .hidden = 512,
               .group_size = 64,
               .scale_format = ScaleFormat::ue8m0_packed};
    c.total_tokens = std::int64_t{1} << 40;
    c.strategy = parse_strategy("hot:2:0.3");
    c.seed = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(case_from(Json::parse(to_line(to_json(c)))), c);
    const Rotation rotation{.window_rows = 4,
                            .windows = 3,
                            .sets = 2,
                            .input_stride = std::int64_t{1} << 41,
                            .code_stride = 5,
                            .scale_stride = 6,
                            .reuse_over_cache = 0.1};
    EXPECT_EQ(rotation_from(Json::parse(to_line(to_json(rotation)))), rotation);
    Verification v{.done = true,
                   .passed = false,
                   .reference = "fp32",
                   .values = 1,
                   .mismatched_codes = 2,
                   .mismatched_scales = 3,
                   .touched_past_counts = 4,
                   .max_scale_error = std::numeric_limits<double>::infinity(),
                   .note = "not \xFF UTF-8"};
    const Verification back = verification_from(Json::parse(to_line(to_json(v))));
    EXPECT_EQ(back.max_scale_error, v.max_scale_error);
    EXPECT_EQ(back.touched_past_counts, 4);
    EXPECT_THAT(back.note, HasSubstr("UTF-8"));
    const TelemetryReading reading{
        .sm_clock_mhz = 1980.5, .power_w = 650.0, .reasons = {"power_cap", "idle"}, .cost_us = 16.25};
    const auto read = reading_from(Json::parse(to_line(to_json(std::optional(reading)))));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->sm_clock_mhz, reading.sm_clock_mhz);
    EXPECT_FALSE(read->memory_clock_mhz || read->temperature_c);
    EXPECT_EQ(read->power_w, reading.power_w);
    EXPECT_EQ(read->reasons, reading.reasons);
    EXPECT_EQ(read->cost_us, reading.cost_us);
    EXPECT_FALSE(reading_from(to_json(std::optional<TelemetryReading>{})).has_value());
    Device device;
    device.id = "cuda:1";
    device.driver = "580.1";
    device.runtime = "13.0";
    device.free_bytes = std::int64_t{1} << 50;
    device.theoretical_gbps = 0.1;
    const Device same = device_from(Json::parse(to_line(to_json(device))));
    EXPECT_EQ(same.id, device.id);
    EXPECT_EQ(same.free_bytes, device.free_bytes);
    EXPECT_EQ(same.theoretical_gbps, device.theoretical_gbps);
    EXPECT_EQ(same.driver, device.driver);
    EXPECT_EQ(same.runtime, device.runtime);
}

PluginOptions this_build() {
    PluginOptions options;
    options.program = MOESCOPE_PROGRAM;
    return options;
}

TEST(Worker, AnswersErrorsAndGoesOn) {
    RemoteWorker worker(this_build());
    const auto error_of = [&](const char* name, const Json& request) -> std::string {
        try {
            worker.call(name, request, 60.0);
        } catch (const WorkerFault& e) {
            return std::string("fault: ") + e.what();
        } catch (const Error& e) {
            return e.what();
        }
        return {};
    };
    EXPECT_THAT(error_of("verify", {{"kernel", "cpu"}}), HasSubstr("no device has been opened"));
    EXPECT_THAT(error_of("open", {{"device", "cuda:99"}}), HasSubstr("no device 'cuda:99'"));
    EXPECT_EQ(error_of("open", {{"device", "cpu"}}), "");
    EXPECT_THAT(error_of("dance", Json::object()), HasSubstr("unknown call 'dance'"));
    EXPECT_THAT(error_of("reserve", Json::object()), HasSubstr("sizes"));
    EXPECT_THAT(error_of("verify", {{"kernel", "cpu"}}), HasSubstr("no case"));
    EXPECT_EQ(error_of("hello", Json::object()), "");
}

TEST(Worker, EndsWithItsInputAndOnNonsense) {
    ChildProcess left(MOESCOPE_PROGRAM, {"worker", "--stdio"});
    EXPECT_TRUE(left.channel().send("this is no request"));
    EXPECT_EQ(left.channel().receive().how, Wait::closed);
    EXPECT_EQ(left.end(), "exited with status 2");
    ChildProcess misused(MOESCOPE_PROGRAM, {"worker"});
    EXPECT_EQ(misused.end(), "exited with status 2");
}

TEST(Worker, AnotherProgramIsNoWorker) {
    PluginOptions options;
    options.program = "/bin/false";
    test::expect_error([&] { RemoteWorker worker(options); }, {"worker process", "exited with status 1"});
    options.program = "/no/such/program";
    test::expect_error([&] { RemoteWorker worker(options); }, {"/no/such/program", "cannot be started"});
}

class RemoteBackendTest : public ::testing::Test {
  protected:
    void open(const std::string& plugin) {
        PluginOptions options = this_build();
        options.plugins = {PLUGIN_DIR "/" + plugin + ".so"};
        options.timeout_seconds = 30.0;
        m_backend = add_plugins(*m_base, options)->open("cpu");
        const std::int64_t tokens = 8;
        m_case.shape = {.experts = 2, .max_tokens = 8, .hidden = 256, .group_size = 128};
        m_case.total_tokens = tokens;
        m_rotation = plan_rotation(m_case.shape, 4, 0, 0, 1 << 20);
        BufferSizes sizes = buffer_sizes(m_case.shape, m_rotation);
        sizes.include({.input_bytes = 1 << 20, .code_bytes = 1 << 18, .scale_bytes = 0});  // for the ceilings
        m_backend->reserve(sizes);
        begin();
    }
    void begin() { m_backend->begin_case(m_case, std::vector<std::int32_t>{4, 4}, m_rotation); }

    std::unique_ptr<BackendFactory> m_base = make_backend_factory();
    std::unique_ptr<Backend> m_backend;
    Case m_case;
    Rotation m_rotation;
};

TEST_F(RemoteBackendTest, MeasuresLikeTheLocalOne) {
    open("none");
    EXPECT_EQ(m_backend->device().id, "cpu");
    EXPECT_TRUE(m_backend->verify("cpu", {}).passed);
    EXPECT_TRUE(m_backend->verify("good", {}).passed);
    EXPECT_EQ(m_backend->sample("good", CacheMode::hot, 3, {}).size(), 3U);
    EXPECT_GE(m_backend->launches_per_sample(), 1);
    EXPECT_GT(m_backend->measure_ceilings({}).launch_floor_us, 0.0);
    EXPECT_THROW(m_backend->verify("nothing", {}), Error);
}

TEST_F(RemoteBackendTest, AdversarialInputOutlivesAFault) {
    open("crash_at_launch");
    m_backend->choose_input(InputKind::adversarial);
    begin();
    EXPECT_GT(m_backend->verify("cpu", {}).nonfinite_values, 0);
    EXPECT_THROW(m_backend->verify("bad", {}), Error);
    begin();
    const Verification v = m_backend->verify("cpu", {});
    EXPECT_TRUE(v.passed) << v.note;
    EXPECT_GT(v.nonfinite_values, 0);
    m_backend->choose_input(InputKind::normal);
    begin();
    EXPECT_EQ(m_backend->verify("cpu", {}).nonfinite_values, 0);
}

TEST_F(RemoteBackendTest, TelemetryComesThrough) {
    // Whatever this machine tells: the same of a backend in this process and of one in another.
    open("none");
    const auto local = m_base->open("cpu");
    local->reserve({.input_bytes = 1 << 20, .code_bytes = 1 << 18, .scale_bytes = 1 << 16});
    local->begin_case(m_case, std::vector<std::int32_t>{4, 4}, m_rotation);
    for (Backend* backend : {local.get(), m_backend.get()}) backend->sample("cpu", CacheMode::hot, 3, {});
    const auto here = local->take_telemetry();
    const auto there = m_backend->take_telemetry();
    ASSERT_EQ(here.has_value(), there.has_value());
    EXPECT_FALSE(m_backend->take_telemetry().has_value());  // each reading once
    if (here) {
        EXPECT_EQ(here->sm_clock_mhz.has_value(), there->sm_clock_mhz.has_value());
        EXPECT_GT(there->cost_us, 0.0);
    }
}

TEST_F(RemoteBackendTest, AStopRequestEndsAVerificationThatHangs) {
    open("hang");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(m_backend->verify("bad", stop.get_token()).done);
    begin();
    EXPECT_TRUE(m_backend->verify("cpu", {}).passed);
}

TEST_F(RemoteBackendTest, StartsAgainAfterAFault) {
    open("crash_at_launch");
    EXPECT_THROW(m_backend->verify("bad", {}), Error);
    begin();  // in a new process, with the memory reserved
    EXPECT_TRUE(m_backend->verify("good", {}).passed);
}

TEST_F(RemoteBackendTest, AStopRequestEndsEvenAHang) {
    open("hang");
    std::stop_source stop;
    stop.request_stop();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(m_backend->sample("bad", CacheMode::cold, 1000, stop.get_token()).empty());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    begin();
    EXPECT_TRUE(m_backend->verify("cpu", {}).passed);
}

}  // namespace
}  // namespace moescope::worker
