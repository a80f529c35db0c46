// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <future>
#include <gtest/gtest.h>
#include <mutex>

#include "http/raw_client.h"
#include "http/server.h"

namespace nav::http {
namespace {

Response const event_stream_head{.content_type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}};

/// Holds the streams that were opened, so that a test can write to them.
struct Streams {
  std::mutex mutex;
  std::condition_variable grown;
  std::vector<Stream> all;

  Handler handler() {
    return [this](Request, Reply reply) {
      Stream stream = reply.stream(event_stream_head);
      std::lock_guard lock(mutex);
      all.push_back(std::move(stream));
      grown.notify_all();
    };
  }
  Stream& wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(grown.wait_for(lock, std::chrono::seconds(20), [&] { return all.size() >= count; }));
    return all.back();
  }
};

Server serve_streams(Handler handler, Limits limits = {}) {
  Options options;
  options.limits = limits;
  options.log = [](std::string_view) {};
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server) << to_text(server.error());
  return std::move(*server);
}

TEST(Stream, SendsWhatIsWrittenAtOnceAndGoesOnWithTheConnection) {
  Streams streams;
  Server const server = serve_streams(streams.handler());
  RawClient client(server.port());
  client.send(get("/events"));
  Stream& stream = streams.wait_for(1);
  EXPECT_NE(client.read_to("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(stream.write("data: 1\n\n"), Stream::Written::Taken);
  EXPECT_EQ(client.read_to("\n\n\r\n"), "9\r\ndata: 1\n\n\r\n");
  stream.close("bye");
  EXPECT_EQ(client.read_to("0\r\n\r\n"), "3\r\nbye\r\n0\r\n\r\n");
  EXPECT_EQ(stream.write("more"), Stream::Written::Gone);
  client.send(get("/again"));
  streams.wait_for(2).close();
  EXPECT_EQ(status_of(client.read_to("0\r\n\r\n")), 200);
}

TEST(Stream, AnOldClientGetsItsBytesBareUntilTheEnd) {
  Server const server = serve_streams([](Request, Reply reply) {
    Stream stream = reply.stream({.body = "first ", .content_type = "text/plain"});
    EXPECT_EQ(stream.write("second"), Stream::Written::Taken);
  });
  EXPECT_EQ(body_of(RawClient(server.port()).send("GET / HTTP/1.0\r\n\r\n").read_all()), "first second");
}

TEST(Stream, HearsThatItsReaderLeft) {
  std::promise<void> left;
  std::optional<Stream> stream;
  Server const server = serve_streams([&](Request, Reply reply) {
    stream = reply.stream(event_stream_head);
    stream->on_gone([&] { left.set_value(); });
  });
  RawClient client(server.port());
  client.send(get("/events")).read_to("\r\n\r\n");
  client.close();
  ASSERT_EQ(left.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(stream->write("x"), Stream::Written::Gone);
}

TEST(Stream, ASlowReaderOverflowsAndIsToldToResync) {
  Streams streams;
  Server const server = serve_streams(streams.handler(), Limits{.stream_buffer_bytes = 64 * 1024});
  RawClient slow(server.port(), 4096);
  slow.send(get("/events"));
  Stream& stream = streams.wait_for(1);
  std::string const event = "data: " + std::string(1000, 'x') + "\n\n";
  // The kernel's buffers take some; what then waits here is bounded. (64 MiB is more than any kernel holds for one socket.)
  auto written = Stream::Written::Taken;
  std::size_t taken = 0;
  while (written == Stream::Written::Taken && taken < 64 * 1024 * 1024) {
    written = stream.write(event);
    if (written == Stream::Written::Taken) taken += event.size();
  }
  ASSERT_EQ(written, Stream::Written::Overflow);
  stream.close("event: resync\n\n");
  EXPECT_TRUE(slow.read_to("0\r\n\r\n").ends_with("event: resync\n\n\r\n0\r\n\r\n"));
}

TEST(Stream, AReaderThatTakesNothingIsCutOff) {
  Streams streams;
  Server const server = serve_streams(streams.handler(), Limits{.stream_buffer_bytes = 1 << 26, .write = milliseconds(100)});
  RawClient stuck(server.port(), 4096);
  stuck.send(get("/events"));
  Stream& stream = streams.wait_for(1);
  std::promise<void> left;
  stream.on_gone([&] { left.set_value(); });
  stream.write(std::string(1 << 26, 'x'));
  EXPECT_EQ(left.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(Stream, DrainingEndsStreamsProperly) {
  Streams streams;
  Server server = serve_streams(streams.handler());
  RawClient client(server.port());
  client.send(get("/events"));
  streams.wait_for(1);
  client.read_to("\r\n\r\n");
  EXPECT_EQ(server.drain(seconds(10)), 0u);
  EXPECT_EQ(client.read_all(), "0\r\n\r\n");
}

TEST(Stream, AThousandReadersHearEveryEvent) {
  Streams streams;
  Server const server = serve_streams(streams.handler());
  std::vector<RawClient> readers;
  for (int i = 0; i < 1000; ++i) readers.emplace_back(RawClient(server.port())).send(get("/events"));
  streams.wait_for(1000);
  EXPECT_EQ(server.connections(), 1000u);
  for (int event = 0; event < 10; ++event)
    for (Stream& stream : streams.all) ASSERT_EQ(stream.write("data: " + std::to_string(event) + "\n\n"), Stream::Written::Taken);
  for (RawClient& reader : readers) ASSERT_NE(reader.read_to("data: 9\n\n").find("data: 0\n\n"), std::string::npos);
  // Others are still served.
  RawClient late(server.port());
  late.send(get("/events"));
  streams.wait_for(1001);
  EXPECT_EQ(status_of(late.read_to("\r\n\r\n")), 200);
}

}  // namespace
}  // namespace nav::http
