// SPDX-License-Identifier: Apache-2.0
#include "adapters/report_maker.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "adapters/small_disk.h"
#include "adapters/test_folder.h"
#include "api/report_forms.h"
#include "controller/report.h"

namespace nav {
namespace {

namespace fs = std::filesystem;

constexpr Time six{1'795'413'600'000'000};  // 2026-11-23T06:00:00Z, a Monday

/// Team "vision" held one memory slice all the time, as far as it is counted.
class Counted final : public Telemetry {
 public:
  Time until = six + days(365);
  std::string problem;
  void deliver(NodeId, telemetry::SampleBatch, Duration, std::function<void(Result<void>)>) override {}
  Result<std::vector<telemetry::UsageGroup>> usage(telemetry::UsageQuestion const& question) const override {
    telemetry::UsageGroup group{.names = std::vector<std::string>(question.by.size(), "vision"), .points = {}};
    for (auto const measure : question.measures) group.points[question.range.from][measure].sum = (question.range.to - question.range.from).seconds();
    return std::vector{group};
  }
  Result<std::vector<telemetry::Series>> series(telemetry::SeriesQuestion const&, std::size_t) const override { return std::vector<telemetry::Series>{}; }
  std::vector<telemetry::Latest> latest(std::optional<NodeId>, Duration, std::size_t) const override { return {}; }
  Progress progress() const override { return {.counted = until, .skews = {}, .problem = problem}; }
};

/// A controller of which only what there is is asked.
class Schedules final : public Front {
 public:
  Access access;
  void change(AccessCommand const& command, Time now) {
    auto const events = decide(access, command, UserId{1}, now);
    ASSERT_TRUE(events) << events.error().message;
    for (auto const& event : *events) apply(access, event);
    auto fresh = std::make_shared<Snapshot>();
    fresh->access.edit() = access;
    snapshot_ = fresh;
  }
  std::shared_ptr<Snapshot const> snapshot() const override { return snapshot_; }
  void ask(Ask, std::function<void(Result<Accepted>)>) override {}
  void sync(SyncRequest, std::function<void(Result<SyncAnswer>)>) override {}
  void why(JobId, std::function<void(Result<Reason>)>) override {}
  Result<std::string> blob(Digest) const override { return ""; }
  std::string attempt_token(AttemptId) const override { return {}; }
  std::optional<AttemptId> attempt_of_token(std::string const&) const override { return {}; }
  std::unique_ptr<Subscription> subscribe(std::uint64_t, std::function<bool(std::vector<Frame> const&)>) override { return nullptr; }

 private:
  std::shared_ptr<Snapshot const> snapshot_ = std::make_shared<Snapshot>();
};

ReportWish hourly(std::uint32_t keep = 5) {
  return {.report = "usage", .by = {"team"}, .span = {}, .cron = "0 * * * *", .time_zone = "UTC", .formats = {ReportFormat::Csv}, .keep = keep};
}

/// A controller's machine whose clock is turned by hand.
struct Desk {
  TestFolder folder;
  std::string reports;
  Time now = six - minutes(30);
  Counted telemetry;
  Schedules front;
  std::vector<std::string> said;
  std::unique_ptr<ReportMaker> maker;

  explicit Desk(std::string in = {}) : reports((in.empty() ? folder.path() : in) + "/reports") { restart(); }
  void restart() {
    maker = std::make_unique<ReportMaker>(
        front, telemetry, ReportMaker::Options{.folder = reports, .clock = [this] { return now; }, .say = [this](auto const& line) { said.push_back(line); }});
  }
  void make(std::string const& name, ReportWish wish) { front.change(MakeReportSchedule{name, std::move(wish)}, now); }
  void look_at(Time time) {
    now = time;
    maker->look();
  }
  /// Old to new, without what is the same in all.
  std::vector<std::string> files(std::string const& name) const {
    auto const list = maker->files(name);
    EXPECT_TRUE(list) << list.error().message;
    std::vector<std::string> names;
    for (auto const& file : *list) names.insert(names.begin(), file.name);
    return names;
  }
  std::string path(std::string const& name, std::string const& file) const { return reports + "/" + name + "/" + file; }
};

using Names = std::vector<std::string>;

TEST(ReportMaker, MakesAReportWhenItsTimeHasComeOfAllSinceTheTimeBefore) {
  Desk desk;
  ReportWish wish = hourly();
  wish.formats = {ReportFormat::Csv, ReportFormat::Html, ReportFormat::Json};
  desk.make("teams", wish);
  desk.look_at(six - seconds(1));
  EXPECT_EQ(desk.files("teams"), Names{});
  desk.look_at(six);
  EXPECT_EQ(desk.files("teams"), (Names{"2026-11-23T06-00-00Z.json", "2026-11-23T06-00-00Z.html", "2026-11-23T06-00-00Z.csv"}));

  auto const question = reports::question_of("usage", {"team"}, six - hours(1), six);
  auto const report = reports::report_of(desk.telemetry, *question, desk.now);
  EXPECT_EQ(*desk.maker->read("teams", "2026-11-23T06-00-00Z.csv"), api::report_csv(*report));
  EXPECT_EQ(*desk.maker->read("teams", "2026-11-23T06-00-00Z.html"), api::report_html(*report));
  EXPECT_EQ(*desk.maker->read("teams", "2026-11-23T06-00-00Z.json"), json_write(*report) + "\n");
  EXPECT_EQ(desk.maker->progress("teams").last, six);
  struct stat info {};
  ASSERT_EQ(::stat(desk.path("teams", "2026-11-23T06-00-00Z.csv").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(ReportMaker, ASpanIsSoLongWhateverTheTimesAre) {
  Desk desk;
  ReportWish wish = hourly();
  wish.span = days(7);
  wish.formats = {ReportFormat::Json};
  desk.make("teams", wish);
  desk.look_at(six);
  auto const report = json_read<api::Report>(*desk.maker->read("teams", "2026-11-23T06-00-00Z.json"));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->since, six - days(7));
  EXPECT_EQ(report->until, six);
}

TEST(ReportMaker, MakesEachOnceAlsoAfterARestart) {
  Desk desk;
  desk.make("teams", hourly());
  desk.look_at(six);
  auto const before = fs::last_write_time(desk.path("teams", "2026-11-23T06-00-00Z.csv"));
  desk.look_at(six + minutes(1));
  desk.restart();
  desk.look_at(six + minutes(2));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T06-00-00Z.csv"});
  EXPECT_EQ(fs::last_write_time(desk.path("teams", "2026-11-23T06-00-00Z.csv")), before);
}

TEST(ReportMaker, MakesWhatWasMissedAsManyAsAreKept) {
  Desk desk;
  desk.make("teams", hourly(3));
  desk.look_at(six);
  desk.restart();
  desk.look_at(six + hours(2) + minutes(10));
  EXPECT_EQ(desk.files("teams"), (Names{"2026-11-23T06-00-00Z.csv", "2026-11-23T07-00-00Z.csv", "2026-11-23T08-00-00Z.csv"}));
  desk.restart();
  desk.look_at(six + hours(20));
  EXPECT_EQ(desk.files("teams"), (Names{"2026-11-24T00-00-00Z.csv", "2026-11-24T01-00-00Z.csv", "2026-11-24T02-00-00Z.csv"}));
}

TEST(ReportMaker, HalfOfOneThatAKilledWriterLeftIsNoReportAndIsMadeAnew) {
  Desk desk;
  ReportWish wish = hourly();
  wish.formats = {ReportFormat::Csv, ReportFormat::Json};
  desk.make("teams", wish);
  fs::create_directories(desk.reports + "/teams");
  std::ofstream(desk.path("teams", "2026-11-23T06-00-00Z.csv")) << "whole";
  std::ofstream(desk.path("teams", ".unfinished-2026-11-23T06-00-00Z.json")) << "{\"repo";
  std::ofstream(desk.path("teams", "notes.txt")) << "somebody's own";
  desk.look_at(six + minutes(5));
  EXPECT_EQ(desk.files("teams"), (Names{"2026-11-23T06-00-00Z.json", "2026-11-23T06-00-00Z.csv"}));
  EXPECT_NE(*desk.maker->read("teams", "2026-11-23T06-00-00Z.csv"), "whole") << "it was one of two: both are made again, of one moment";
  EXPECT_FALSE(fs::exists(desk.path("teams", ".unfinished-2026-11-23T06-00-00Z.json")));
  EXPECT_TRUE(fs::exists(desk.path("teams", "notes.txt")));
}

TEST(ReportFiles, OneWhoIsKilledWhileWritingLeavesNoHalfReport) {
  TestFolder folder;
  std::string const place = folder.path() + "/teams", text(std::size_t{32} << 20, 'x');
  ReportFiles files(folder.path());
  pid_t const writer = ::fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (Time until = six;; until = until + hours(1)) (void)files.write("teams", until, api::ReportFormat::Csv, text);
  }
  auto const half = [&] {
    std::error_code gone;  // it is renamed at any moment
    for (auto const& one : fs::directory_iterator(place, gone))
      if (auto const size = one.file_size(gone); !gone && size > 0 && size < text.size()) return true;
    return false;
  };
  while (!half()) std::this_thread::yield();
  ::kill(writer, SIGKILL);
  ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
  auto const list = files.list("teams");
  ASSERT_TRUE(list);
  for (auto const& file : *list) EXPECT_EQ(file.bytes, text.size()) << file.name;
  ASSERT_TRUE(files.tidy("teams", 1));
  for (auto const& one : fs::directory_iterator(place)) EXPECT_EQ(one.file_size(), text.size()) << one.path();
}

TEST(ReportMaker, OneThatWasAskedForEndsWithTheLastCountedMinuteAndSettlesNothing) {
  Desk desk;
  desk.make("teams", hourly());
  desk.telemetry.until = six - minutes(9) + seconds(14);  // what was measured in the last seconds may be on its way
  desk.now = six - minutes(8);
  auto const made = desk.maker->make_now(desk.front.access.report_schedules.at("teams"));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->size(), 1u);
  EXPECT_EQ(made->front().name, "2026-11-23T05-50-00Z.csv");
  auto const question = reports::question_of("usage", {"team"}, six - hours(1), six - minutes(10));
  EXPECT_EQ(*desk.maker->read("teams", made->front().name), api::report_csv(*reports::report_of(desk.telemetry, *question, desk.now)));
  desk.telemetry.until = six + hours(2);
  desk.restart();
  desk.look_at(six + minutes(1));
  EXPECT_EQ(desk.files("teams"), (Names{"2026-11-23T05-50-00Z.csv", "2026-11-23T06-00-00Z.csv"}));
}

TEST(ReportMaker, TwoWhoAskAtOnceGetTheSameReport) {
  Desk desk;
  desk.make("teams", hourly());
  auto const schedule = desk.front.access.report_schedules.at("teams");
  std::vector<std::thread> people;
  std::array<std::string, 4> got;
  for (auto& name : got)
    people.emplace_back([&] {
      auto const made = desk.maker->make_now(schedule);
      name = made && made->size() == 1 ? made->front().name : "refused";
    });
  for (auto& one : people) one.join();
  for (auto const& name : got) EXPECT_EQ(name, "2026-11-23T05-30-00Z.csv");
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T05-30-00Z.csv"});
}

TEST(ReportMaker, WaitsUntilWhatWasHeldIsCountedAndTellsWhenThatTakesLong) {
  Desk desk;
  desk.make("teams", hourly());
  desk.telemetry.until = six + seconds(14);
  desk.telemetry.problem = "no room";
  desk.look_at(six + minutes(1));
  EXPECT_EQ(desk.maker->progress("teams").problem, "") << "it always trails a little";
  desk.look_at(six + minutes(3));
  EXPECT_EQ(desk.maker->progress("teams").problem, "what was held until 2026-11-23T06:00:00.000000Z is not counted yet: no room");
  EXPECT_EQ(desk.maker->progress("teams").failing_since, six + minutes(3));
  EXPECT_EQ(desk.maker->make_now(desk.front.access.report_schedules.at("teams")).error().message, "what was held is not counted: no room");
  desk.telemetry.until = six + minutes(5);
  desk.look_at(six + minutes(5));
  EXPECT_EQ(desk.files("teams"), Names{}) << "how far the books are is not what can be asked of them while they cannot be written";
  desk.telemetry.problem = "";
  desk.look_at(six + minutes(6));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T06-00-00Z.csv"});
  EXPECT_EQ(desk.maker->progress("teams").problem, "");
  ASSERT_EQ(desk.said.size(), 2u);
  EXPECT_EQ(desk.said.back(), "teams: reports are made again");
}

TEST(ReportMaker, OneThatFailsIsTriedEverMoreSeldomAndHoldsUpNoOther) {
  Desk desk;
  desk.make("bad", hourly());
  desk.make("good", hourly());
  fs::create_directories(desk.reports);
  std::ofstream(desk.reports + "/bad") << "a file where its folder should be";
  desk.look_at(six);
  EXPECT_EQ(desk.files("good"), Names{"2026-11-23T06-00-00Z.csv"});
  EXPECT_NE(desk.maker->progress("bad").problem.find("Not a directory"), std::string::npos) << desk.maker->progress("bad").problem;
  EXPECT_EQ(desk.maker->progress("bad").failing_since, six);
  EXPECT_EQ(desk.said.size(), 1u);
  fs::remove(desk.reports + "/bad");
  desk.look_at(six + seconds(9));
  EXPECT_NE(desk.maker->progress("bad").problem, "") << "it is not tried at every look";
  desk.look_at(six + seconds(10));
  EXPECT_EQ(desk.files("bad"), Names{"2026-11-23T06-00-00Z.csv"});
}

TEST(ReportMaker, AZoneThatIsNotThereIsTold) {
  Desk desk;
  ReportWish wish = hourly();
  wish.time_zone = "Mars/Olympus";
  desk.make("teams", wish);
  desk.look_at(six);
  EXPECT_EQ(desk.maker->progress("teams").problem, "there is no time zone \"Mars/Olympus\" on the controller's machine");
}

TEST(ReportMaker, APausedOneMakesNothingAndAChangedOneOnlyWhatComes) {
  Desk desk;
  desk.make("teams", hourly());
  desk.front.change(PauseReportSchedule{"teams"}, desk.now);
  desk.look_at(six + minutes(1));
  EXPECT_EQ(desk.files("teams"), Names{});
  desk.now = six + minutes(2);
  desk.front.change(ResumeReportSchedule{"teams"}, desk.now);
  desk.look_at(six + minutes(3));
  EXPECT_EQ(desk.files("teams"), Names{});
  desk.look_at(six + hours(1));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T07-00-00Z.csv"});

  ReportWish more = hourly(1);
  more.formats = {ReportFormat::Json};
  desk.front.change(ChangeReportSchedule{"teams", 2, more}, desk.now);
  desk.look_at(six + hours(1) + minutes(1));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T07-00-00Z.csv"}) << "what was made before is not made in another way";
  desk.look_at(six + hours(2));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T08-00-00Z.json"}) << "and gives way to what is newer";

  desk.front.change(RemoveReportSchedule{"teams"}, desk.now);
  desk.look_at(six + hours(3));
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T08-00-00Z.json"}) << "files outlive their schedule";
  EXPECT_EQ(desk.maker->progress("teams").last, Time{});
}

TEST(ReportMaker, NoNameOfAFileLeadsAnywhereElse) {
  Desk desk;
  desk.make("teams", hourly());
  desk.look_at(six);
  std::ofstream(desk.reports + "/secret.csv") << "secret";
  fs::create_symlink(desk.reports + "/secret.csv", desk.path("teams", "2026-11-23T07-00-00Z.csv"));
  for (char const* name : {"", ".", "..", "../secret.csv", "notes.txt", "2026-11-23T06-00-00Z", "2026-11-23T06-00-00Z.csv/", "2026-11-23T06-00-00Z.parquet",
                           "2026-11-23T06:00:00Z.csv", "2026-13-23T06-00-00Z.csv", "2026-11-31T06-00-00Z.csv", "2026-11-23T24-00-00Z.csv",
                           "99999-11-23T06-00-00Z.csv", "+026-11-23T06-00-00Z.csv"}) {
    auto const read = desk.maker->read("teams", name);
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().kind, ErrorKind::NotFound) << name;
  }
  EXPECT_FALSE(desk.maker->read("teams", "2026-11-23T07-00-00Z.csv")) << "a link is no report";
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T06-00-00Z.csv"});
}

TEST(ReportMaker, AFullDiskIsToldAndLeavesNoHalfReport) {
  on_small_disk(std::size_t{64} << 10, [](std::string const& path) {
    Desk desk(path);
    ReportWish wish = hourly();
    wish.formats = {ReportFormat::Html};
    desk.make("teams", wish);
    fs::create_directories(desk.reports + "/teams");
    {
      std::ofstream ballast(path + "/ballast");
      std::string const block(4096, 'x');
      while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {}
    }
    desk.look_at(six);
    EXPECT_EQ(desk.maker->progress("teams").problem, "there is no room left for reports");
    EXPECT_TRUE(fs::is_empty(desk.reports + "/teams")) << "half a report takes no room";
    fs::remove(path + "/ballast");
    desk.look_at(six + minutes(1));
    EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T06-00-00Z.html"});
    EXPECT_EQ(desk.maker->progress("teams").problem, "");
  });
}

TEST(ReportMaker, ItsThreadLooksByItself) {
  Desk desk;
  desk.make("teams", hourly());
  desk.now = six;
  desk.maker->start();
  while (desk.maker->progress("teams").last != six) std::this_thread::yield();
  desk.maker->stop();
  EXPECT_EQ(desk.files("teams"), Names{"2026-11-23T06-00-00Z.csv"});
}

}  // namespace
}  // namespace nav
