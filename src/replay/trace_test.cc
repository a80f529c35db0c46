// SPDX-License-Identifier: Apache-2.0
#include "replay/trace.h"

#include <gtest/gtest.h>

#include "replay/csv.h"

namespace nav::replay {
namespace {

Trace read(std::string const& csv) {
  auto trace = read_trace(csv);
  EXPECT_TRUE(trace) << (trace ? "" : to_text(trace.error()));
  return trace ? *trace : Trace{};
}

TEST(ReadTrace, OpenbPodsAskForPartsOfGpusAndRunFromTheirPlacingOn) {
  auto const trace = read(
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
      "openb-pod-0001,6000,12288,1,460,,LS,Running,500,900,520\n"
      "openb-pod-0000,12000,16384,2,1000,,LS,Running,100,300,100\r\n"
      "openb-pod-0002,1000,1024,0,0,,BE,Failed,700,710,700\n"
      "openb-pod-0003,1000,1024,1,1000,,BE,Pending,800,12902960,\n");
  EXPECT_EQ(trace.format, TraceFormat::Openb);
  ASSERT_EQ(trace.jobs.size(), 3u);
  EXPECT_EQ(trace.jobs[0].gpus, 2u);
  EXPECT_EQ(trace.jobs[0].submitted, Time{seconds(1).us}) << "the first begins the trace";
  EXPECT_EQ(trace.jobs[1].line, 2u);
  EXPECT_EQ(trace.jobs[1].share_milli, 460u);
  EXPECT_EQ(trace.jobs[1].submitted - trace.jobs[0].submitted, seconds(400));
  EXPECT_EQ(trace.jobs[1].ran, seconds(380));
  EXPECT_EQ(trace.jobs[1].memory_mib, 12288u);
  EXPECT_EQ(trace.jobs[2].gpus, 0u);
  ASSERT_EQ(trace.left_out.size(), 1u);
  EXPECT_EQ(trace.left_out.begin()->second, 1u);
}

TEST(ReadTrace, PhillyTellsItsVirtualClusterAndItsTimesInWords) {
  auto const trace = read(
      "timestamp,duration,num_gpus,gpu_time,cluster\n"
      "2017-10-09 07:01:55,66.0,1,66.0,11cb48\n"
      "2017-10-09 07:00:55,2951.5,8,23612.0,6214e9\n");
  EXPECT_EQ(trace.format, TraceFormat::Philly);
  ASSERT_EQ(trace.jobs.size(), 2u);
  EXPECT_EQ(trace.jobs[1].submitted - trace.jobs[0].submitted, seconds(60));
  EXPECT_EQ(trace.jobs[0].ran, milliseconds(2'951'500));
  EXPECT_EQ(trace.teams[trace.jobs[0].team], "6214e9");
}

TEST(ReadTrace, AcmeCountsNoWaitingAsRunning) {
  auto const trace = read(
      "job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,state,submit_time,start_time,end_time,fail_time,stop_time,duration,queue,"
      "gpu_time\n"
      "a,u1,1,8,960,1000,100.0,Other,FAILED,2023-05-17 11:00:58+00:00,2023-05-17 11:01:08+00:00,2023-05-17 11:01:16+00:00,,,18,10,144.0\n"
      "b,u2,1,1,16,100,1.0,Other,CANCELLED,2023-05-17 13:00:58+02:00,,,,,0,0,0\n");
  EXPECT_EQ(trace.format, TraceFormat::Acme);
  ASSERT_EQ(trace.jobs.size(), 1u);
  EXPECT_EQ(trace.jobs[0].ran, seconds(8)) << "from start to end, whatever its duration says";
  EXPECT_EQ(trace.jobs[0].cpu_milli, 960'000u);
  EXPECT_EQ(trace.left_out.begin()->second, 1u);
}

TEST(ReadTrace, HeliosIsKnownByItsVirtualClusters) {
  auto const trace = read(
      "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n"
      "1,u1,vc1,4,16,1,COMPLETED,2020-04-01 00:00:27,2020-04-01 00:01:27,2020-04-01 00:02:27,60,60\n");
  EXPECT_EQ(trace.format, TraceFormat::Helios);
  EXPECT_EQ(trace.teams, std::vector<std::string>{"vc1"});
  EXPECT_EQ(trace.jobs[0].ran, seconds(60));
}

TEST(ReadTrace, ALineThatCannotBeReadIsSkippedAndToldWithItsNumberAndWhy) {
  auto const trace = read(
      "submitted,duration,gpus,gpu_milli\n"
      "0,10,1,1000\n"
      "1,ten,1,1000\n"
      "2,10,1.5,1000\n"
      "3,10,1,1001\n"
      "4,10,2,500\n"
      "5,-1,1,1000\n"
      "yesterday,10,1,1000\n"
      "6,10\n"
      "\n"
      "7,10,1,\n");
  EXPECT_EQ(trace.jobs.size(), 2u);
  EXPECT_EQ(trace.lines, 9u);
  EXPECT_EQ(trace.broken, 7u);
  ASSERT_EQ(trace.broken_lines.size(), 7u);
  EXPECT_EQ(trace.broken_lines[0].line, 3u);
  EXPECT_EQ(trace.broken_lines[0].why, "duration is \"ten\", not a number");
  EXPECT_EQ(trace.broken_lines[1].why, "gpus is \"1.5\", not a whole number");
  EXPECT_EQ(trace.broken_lines[6].line, 9u);
  EXPECT_EQ(trace.broken_lines[6].why, "gpus is \"\", not a number");
}

TEST(ReadTrace, AFileOfNoKnownFormIsRefusedWithTheColumnsWanted) {
  auto const refused = read_trace("when,who\n1,2\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("when,who"), std::string::npos);
  for (auto const* column : {"gpu_milli", "timestamp", "vc", "node_num", "submitted"})
    EXPECT_NE(refused.error().hint.find(column), std::string::npos) << column;
  EXPECT_EQ(read_trace("").error().message, "there is no first line");
  EXPECT_EQ(read_trace("\x01\x02,\x7f\n").error().message, "the first line is not text");
  EXPECT_FALSE(read_trace("submitted,duration,gpus\n")) << "no job";
  auto const unread = read_trace("submitted,duration,gpus\n1,x,1\n");
  ASSERT_FALSE(unread);
  EXPECT_NE(unread.error().message.find("line 2: duration is \"x\""), std::string::npos);
}

TEST(ReadMoment, KnowsZonesAndLeapDaysAndRefusesTheRest) {
  EXPECT_EQ(*read_moment("1970-01-02 00:00:00"), Time{days(1).us});
  EXPECT_EQ(*read_moment("2023-03-01T00:18:22+08:00"), *read_moment("2023-02-28 16:18:22Z"));
  EXPECT_EQ(*read_moment("2024-03-01 00:00:00") - *read_moment("2024-02-28 00:00:00"), days(2));
  EXPECT_EQ(*read_moment("12.5"), Time{12'500'000});
  for (auto const* bad : {"", "soon", "2023-02-29 00:00:00", "2023-13-01 00:00:00", "2023-01-01", "2023-01-01 25:00:00", "-5", "2023-01-01 00:00:00+8"})
    EXPECT_FALSE(read_moment(bad)) << bad;
}

TEST(Csv, CellsMayStandInQuotes) { EXPECT_EQ(cells_of("a,\"b, \"\"c\"\"\", d ,"), (std::vector<std::string>{"a", "b, \"c\"", "d", ""})); }

}  // namespace
}  // namespace nav::replay
