// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_journal.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>

#include "adapters/small_disk.h"
#include "adapters/test_folder.h"
#include "base/random.h"
#include "controller/journal_contract.h"

namespace nav {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<SqliteJournal> open(std::string const& folder) {
  auto journal = SqliteJournal::open(folder);
  EXPECT_TRUE(journal) << journal.error().message;
  return journal ? std::move(*journal) : nullptr;
}

struct Home final : JournalHome {
  TestFolder folder;
  std::unique_ptr<SqliteJournal> open_journal = open(folder / "data");

  Journal& journal() override { return *open_journal; }
  void restart() override {
    open_journal.reset();
    open_journal = open(folder / "data");
  }
  void spoil_checkpoint() override {
    fs::path newest;
    std::uint64_t highest = 0;
    for (auto const& entry : fs::directory_iterator(folder / "data/checkpoints")) {
      std::uint64_t const sequence = std::stoull(entry.path().filename().string().substr(11));
      if (sequence > highest) highest = sequence, newest = entry.path();
    }
    std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3);
    file.put('#');
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, JournalContract, testing::Values(MakeJournalHome([] { return std::make_unique<Home>(); })));

Frame frame(std::uint64_t sequence, std::size_t size = 100) {
  return {{sequence, 1, Time{static_cast<std::int64_t>(sequence)}, {}}, "pool", fmt::format("{:0>{}}", sequence, size)};
}

std::uint64_t count(Journal& journal) {
  std::uint64_t last = 0;
  auto const done = journal.read(0, 0, [&](Frame const& f) {
    EXPECT_EQ(f.stamp.sequence, last + 1);
    return last = f.stamp.sequence, true;
  });
  EXPECT_TRUE(done) << done.error().message;
  return last;
}

void run_sql(std::string const& file, char const* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

TEST(SqliteJournal, ItsFilesAreForItsOwnerAlone) {
  TestFolder folder;
  auto journal = open(folder / "data");
  ASSERT_TRUE(journal->append({frame(1)}, {}));
  ASSERT_TRUE(journal->save({1, "x"}));
  for (auto const& entry : fs::recursive_directory_iterator(folder.path()))
    EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()) & 077u, 0u) << entry.path();
}

TEST(SqliteJournal, ASecondControllerOnTheFolderIsRefusedAndTheFirstOneNamed) {
  TestFolder folder;
  auto journal = open(folder / "data");
  auto const second = SqliteJournal::open(folder / "data");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
  EXPECT_NE(second.error().message.find(fmt::format("process {} (", ::getpid())), std::string::npos) << second.error().message;
  journal.reset();
  EXPECT_TRUE(SqliteJournal::open(folder / "data"));
}

TEST(SqliteJournal, AFolderOfANewerVersionIsRefusedNamingBoth) {
  TestFolder folder;
  open(folder / "data").reset();
  run_sql(folder / "data/journal.db", "UPDATE meta SET value = 7 WHERE key = 'format'");
  auto const opened = SqliteJournal::open(folder / "data");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::Unsupported);
  EXPECT_NE(opened.error().message.find("format 7"), std::string::npos);
  EXPECT_NE(opened.error().message.find("up to format 1"), std::string::npos);
}

TEST(SqliteJournal, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  TestFolder folder;
  fs::create_directory(folder / "data");
  std::ofstream(folder / "data/journal.db") << std::string(10'000, 'z');
  auto const opened = SqliteJournal::open(folder / "data");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("damaged"), std::string::npos) << opened.error().message;
  EXPECT_EQ(fs::file_size(folder / "data/journal.db"), 10'000u);
}

TEST(SqliteJournal, ADamagedCommitIsToldAndNotPassedOver) {
  TestFolder folder;
  auto journal = open(folder / "data");
  for (std::uint64_t s = 1; s <= 3; ++s) ASSERT_TRUE(journal->append({frame(s)}, {}));
  journal.reset();
  run_sql(folder / "data/journal.db", "UPDATE commits SET frames = CAST(replace(CAST(frames AS TEXT), '00002', '00009') AS BLOB) WHERE last = 2");
  journal = open(folder / "data");
  std::uint64_t seen = 0;
  auto const done = journal->read(0, 0, [&](Frame const&) { return ++seen, true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(seen, 1u);
  EXPECT_EQ(done.error().message, "the journal's commit with event 2: its checksum does not hold");
}

TEST(SqliteJournal, ACheckpointOfAnotherLifeIsNotTaken) {
  TestFolder folder;
  auto journal = open(folder / "data");
  ASSERT_TRUE(journal->append({frame(1), frame(2)}, {}));
  ASSERT_TRUE(journal->save({1, "before the backup"}));
  journal.reset();
  fs::copy(folder / "data/journal.db", folder / "backup.db");
  journal = open(folder / "data");
  ASSERT_TRUE(journal->append({frame(3), frame(4)}, {}));
  ASSERT_TRUE(journal->save({4, "after the backup"}));
  journal.reset();
  fs::remove(folder / "data/journal.db");
  fs::copy(folder / "backup.db", folder / "data/journal.db");
  journal = open(folder / "data");
  EXPECT_EQ((**journal->checkpoint()).body, "before the backup");
  Frame other = frame(3), another = frame(4);
  other.stamp.epoch = another.stamp.epoch = 2;
  ASSERT_TRUE(journal->append({other, another}, {}));
  EXPECT_EQ((**journal->checkpoint()).body, "before the backup");
}

TEST(SqliteJournal, TheWriteAheadLogIsBoundedWhileAWriterNeverRests) {
  TestFolder folder;
  auto writer = sqlite::Database::open(folder / "some.db", sqlite::Open::Create);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"));
  auto keeper = WalKeeper::start(**writer, {.copy_from_pages = 50, .most_pages = 400});
  ASSERT_TRUE(keeper);
  auto insert = (*writer)->prepared("INSERT INTO t(body) VALUES(zeroblob(20000))");
  std::uintmax_t largest = 0;
  for (int i = 0; i < 4'000; ++i) {
    ASSERT_TRUE((*insert)->run());
    largest = std::max(largest, fs::file_size(folder / "some.db-wal"));
  }
  keeper->reset();
  EXPECT_LT(largest, 40u << 20) << "of 80 MB written";
}

// A disk of 4 MB is filled until it refuses, then something else on it is removed: what was acknowledged is there, nothing else is,
// and the very same journal goes on.
TEST(SqliteJournal, AFullDiskIsToldAndWorkGoesOnOnceThereIsRoom) {
  on_small_disk(4 << 20, [](std::string const& disk) {
    std::ofstream(disk + "/ballast") << std::string(1 << 20, 'b');
    auto journal = open(disk + "/data");
    std::uint64_t last = 0;
    Error error;
    while (error.message.empty() && last < 10'000) {
      auto const done = journal->append({frame(last + 1, 5'000), frame(last + 2, 5'000)}, {{Digest{last, 1}, "body"}});
      if (done) last += 2;
      else error = done.error();
    }
    EXPECT_EQ(error.kind, ErrorKind::StorageFull) << error.message;
    EXPECT_GT(last, 50u);
    EXPECT_EQ(journal->save({last, std::string(3 << 20, 'c')}).error().kind, ErrorKind::StorageFull);
    EXPECT_EQ(count(*journal), last);
    EXPECT_FALSE(journal->blob(Digest{last, 1}));
    fs::remove(disk + "/ballast");
    auto const again = journal->append({frame(last + 1), frame(last + 2)}, {{Digest{last, 1}, "body"}});
    EXPECT_TRUE(again) << again.error().message;
    EXPECT_EQ(count(*journal), last + 2);
    journal.reset();
    journal = open(disk + "/data");
    EXPECT_EQ(count(*journal), last + 2);
    EXPECT_TRUE(journal->blob(Digest{last, 1}));
  });
}

[[noreturn]] void write_for_ever(std::string const& folder, std::uint64_t seed, int acknowledge) {
  Random random(seed);
  auto journal = open(folder);
  std::uint64_t last = count(*journal);
  while (true) {
    std::vector<Frame> frames;
    std::uint64_t const size = 1 + random.below(20);
    for (std::uint64_t i = 1; i <= size; ++i) frames.push_back(frame(last + i, 50 + (last + i) % 700));
    if (!journal->append(frames, {{Digest{frames.back().stamp.sequence, 0}, "b"}})) ::_exit(1);
    last += size;
    if (::write(acknowledge, &last, sizeof last) != sizeof last) ::_exit(1);
    if (random.chance(0.02)) (void)journal->save({last, std::string(50'000, 'c')});
  }
}

TEST(SqliteJournal, KilledAtAnyInstantItHasEveryAcknowledgedEventWholeAndInOrder) {
  TestFolder folder;
  Random random(4711);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pid_t const child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_for_ever(folder / "data", static_cast<std::uint64_t>(round), ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t const acknowledgements = random.below(40);  // dies after so many, a little later
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < acknowledgements && ::read(ends[0], &last, sizeof last) == sizeof last; ++i) acknowledged = last;
    ::usleep(static_cast<useconds_t>(random.below(3'000)));
    ::kill(child, SIGKILL);
    while (::read(ends[0], &last, sizeof last) == sizeof last) acknowledged = last;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";

    auto journal = open(folder / "data");
    std::uint64_t found = 0;
    auto const done = journal->read(0, 0, [&](Frame const& f) {
      ++found;
      EXPECT_EQ(f, frame(found, 50 + found % 700));
      return true;
    });
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_GE(found, acknowledged);
    ASSERT_LE(found, acknowledged + 20) << "more than the one commit that was under way";
    EXPECT_TRUE(found == 0 || journal->blob(Digest{found, 0}));
    auto const checkpoint = journal->checkpoint();
    ASSERT_TRUE(checkpoint);
    EXPECT_TRUE(!*checkpoint || (*checkpoint)->body.size() == 50'000u);
  }
  EXPECT_GT(acknowledged, 100u);
}

}  // namespace
}  // namespace nav
