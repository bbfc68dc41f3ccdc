#include <gtest/gtest.h>

#include "tier1/bookkeeper/bookkeeper_test_cluster.h"

namespace pdr {
namespace {

class LedgerRead : public BookKeeperTest {
 protected:
  // A ledger on three bookies, every entry on all of them.
  int64_t Written(int64_t count, bool close) {
    config_.ack_quorum = 3;
    auto store = Open();
    auto writer = store->Create({}).value();
    EXPECT_TRUE(Append(*writer, 0, count).ok());
    if (close) {
      EXPECT_TRUE(writer->Close().ok());
    } else {
      LedgerMetadata metadata = Metadata(writer->id());
      metadata.ack_quorum = 2;
      SetMetadata(writer->id(), metadata);
    }
    return writer->id();
  }
  BookieEntryCodec Codec(int64_t id) {
    return BookieEntryCodec(id, DigestType::kCrc32c, config_.password);
  }
};

TEST_F(LedgerRead, FallsBackToAnotherReplica) {
  int64_t id = Written(9, true);
  for (int64_t e = 0; e < 9; ++e) {
    std::string body = At(id, 0).Stored(id, e).value();
    body.back() = static_cast<char>(body.back() ^ 1);
    At(id, 0).Store(id, e, body);
    At(id, 1).Store(id, e, std::nullopt);
  }
  ExpectEntries(*Open()->OpenReadOnly(id).value(), 9);
}

TEST_F(LedgerRead, DeadBookies) {
  int64_t id = Written(9, true);
  At(id, 0).Die();
  At(id, 2).Die();
  ExpectEntries(*Open()->OpenFenced(id).value(), 9);
}

TEST_F(LedgerRead, DamagedEverywhereIsDataLoss) {
  int64_t id = Written(3, true);
  for (size_t i = 0; i < 3; ++i) At(id, i).Store(id, 1, "not an entry");
  auto reader = Open()->OpenReadOnly(id).value();
  EXPECT_TRUE(reader->Read(0).ok());
  EXPECT_EQ(reader->Read(1).status().code(), StatusCode::kDataLoss);
  EXPECT_TRUE(reader->Read(2).ok());
}

TEST_F(LedgerRead, OneUnreachableReplicaLeavesHope) {
  int64_t id = Written(3, true);
  for (size_t i = 0; i < 3; ++i) At(id, i).Store(id, 1, std::nullopt);
  At(id, 2).Die();
  EXPECT_EQ(Open()->OpenReadOnly(id).value()->Read(1).status().code(), StatusCode::kUnavailable);
}

TEST_F(LedgerRead, EntryStoredUnderAnotherNumber) {
  int64_t id = Written(3, true);
  for (size_t i = 0; i < 3; ++i) At(id, i).Store(id, 1, At(id, i).Stored(id, 2));
  EXPECT_EQ(Open()->OpenReadOnly(id).value()->Read(1).status().code(), StatusCode::kDataLoss);
}

TEST_F(LedgerRead, SilentBookieGetsCompetition) {
  int64_t id = Written(2, true);
  At(id, 0).Obey(OnRead({FakeReply::kIgnore, {}, {}}));
  auto reader = Open()->OpenReadOnly(id).value();
  EXPECT_EQ(reader->Read(0).value(), Payload(0));
  EXPECT_EQ(reader->Read(1).value(), Payload(1));
}

TEST_F(LedgerRead, SilentBookiesTimeOut) {
  config_.read_timeout_ms = 300;
  int64_t id = Written(1, true);
  for (auto& bookie : bookies_) bookie->Obey(OnRead({FakeReply::kIgnore, {}, {}}));
  Status status = Open()->OpenReadOnly(id).value()->Read(0).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  for (auto& bookie : bookies_) {
    EXPECT_NE(Message(status).find(bookie->id()), std::string_view::npos) << status;
  }
}

TEST_F(LedgerRead, OpenLedgerShowsWhatIsKnownToBeConfirmed) {
  auto store = Open();
  auto writer = store->Create({}).value();
  for (int64_t e = 0; e < 4; ++e) ASSERT_TRUE(Append(*writer, e, e + 1).ok());
  EXPECT_EQ(store->OpenReadOnly(writer->id()).value()->last_confirmed(), 2);
  EXPECT_TRUE(Append(*writer, 4, 5).ok());  // nothing was fenced
  EXPECT_EQ(Metadata(writer->id()).state, LedgerState::kOpen);
}

TEST_F(LedgerRead, OpenLedgerNeedsEnoughBookies) {
  int64_t id = Written(3, false);
  At(id, 0).Die();
  EXPECT_TRUE(Open()->OpenReadOnly(id).ok());
  At(id, 1).Die();
  EXPECT_EQ(Open()->OpenReadOnly(id).status().code(), StatusCode::kUnavailable);
}

TEST_F(LedgerRead, BookieIdThatIsNoAddress) {
  int64_t id = Written(3, true);
  LedgerMetadata metadata = Metadata(id);
  std::string old = metadata.ensembles[0].bookies[1];
  ASSERT_TRUE(zookeeper_.metadata
                  ->Create("/ledgers/available/readonly/bookie-one",
                           EncodeBookieRegistration("bookie-one", Bookie(old).address()), false)
                  .ok());
  metadata.ensembles[0].bookies = {"gone", "bookie-one", "also-gone"};
  SetMetadata(id, metadata);
  ExpectEntries(*Open()->OpenReadOnly(id).value(), 3);
}

TEST_F(LedgerRead, NoSuchLedger) {
  EXPECT_EQ(Open()->OpenReadOnly(7).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Open()->OpenFenced(7).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(Open()->Delete(7).ok());
}

TEST_F(LedgerRead, ListAndDelete) {
  auto store = Open();
  std::vector<int64_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(store->Create({}).value()->id());
  EXPECT_EQ(store->List().value(), ids);
  ASSERT_TRUE(store->Delete(ids[1]).ok());
  EXPECT_EQ(store->List().value(), (std::vector<int64_t>{ids[0], ids[2]}));
  ASSERT_TRUE(store->Delete(ids[0]).ok());
  ASSERT_TRUE(store->Delete(ids[2]).ok());
  EXPECT_EQ(zookeeper_.metadata->Get("/ledgers/00").status().code(), StatusCode::kNotFound);
}

using LedgerRecovery = LedgerRead;

TEST_F(LedgerRecovery, RecoversEverythingAcknowledged) {
  int64_t id = Written(50, false);
  ExpectEntries(*Open()->OpenFenced(id).value(), 50);
  EXPECT_EQ(Metadata(id).state, LedgerState::kClosed);
  EXPECT_EQ(Metadata(id).length, LengthOf(50));
  for (auto& bookie : bookies_) EXPECT_TRUE(bookie->fenced(id));
  ExpectEntries(*Open()->OpenFenced(id).value(), 50);  // again: closed, nothing to do
}

TEST_F(LedgerRecovery, EntryOnOneBookieIsSpreadOrGoneForGood) {
  int64_t id = Written(5, false);
  At(id, 1).Store(id, 4, std::nullopt);
  At(id, 2).Store(id, 4, std::nullopt);
  auto reader = Open()->OpenFenced(id).value();
  int64_t last = reader->last_confirmed();
  ASSERT_TRUE(last == 3 || last == 4);
  ExpectEntries(*reader, last + 1);
  if (last == 4) {
    EXPECT_TRUE(At(id, 1).Stored(id, 4).has_value() || At(id, 2).Stored(id, 4).has_value());
  }
  EXPECT_EQ(Metadata(id).length, LengthOf(last + 1));
}

TEST_F(LedgerRecovery, AcknowledgedEntryWithOneCopyLostIsKept) {
  int64_t id = Written(5, false);
  for (int64_t e = 0; e < 5; ++e) At(id, static_cast<size_t>(e) % 3).Store(id, e, std::nullopt);
  ExpectEntries(*Open()->OpenFenced(id).value(), 5);
}

TEST_F(LedgerRecovery, UnreachableBookieLeavesTheQuestionOpen) {
  int64_t id = Written(5, false);
  At(id, 0).Store(id, 4, std::nullopt);
  At(id, 1).Obey([](const proto::Request& request) {
    bool hit = request.has_read() && request.read().entry_id() == 4;
    return hit ? FakeReply{FakeReply::kCode, BookieCode::kUnknownLedgerState, {}} : FakeReply{};
  });
  At(id, 2).Store(id, 4, "damaged");
  EXPECT_EQ(Open()->OpenFenced(id).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Metadata(id).state, LedgerState::kInRecovery);
  At(id, 1).Obey(nullptr);  // it knows after all: the next attempt ends it
  ExpectEntries(*Open()->OpenFenced(id).value(), 5);
}

TEST_F(LedgerRecovery, NotEnoughBookiesToFence) {
  int64_t id = Written(5, false);
  At(id, 0).Die();
  At(id, 1).Die();
  Status status = Open()->OpenFenced(id).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_EQ(Metadata(id).state, LedgerState::kInRecovery);
}

TEST_F(LedgerRecovery, DeadBookieIsReplacedOnTheWay) {
  int64_t id = Written(30, false);
  FakeBookie& spare = AddBookie();
  At(id, 1).Die();
  ExpectEntries(*Open()->OpenFenced(id).value(), 30);
  LedgerMetadata metadata = Metadata(id);
  if (!spare.Entries(id).empty()) {
    EXPECT_EQ(metadata.ensembles.back().bookies[1], spare.id());
  }
}

TEST_F(LedgerRecovery, NothingAfterAnEnsembleChange) {
  int64_t id = Written(5, false);
  LedgerMetadata metadata = Metadata(id);
  LedgerEnsemble next{5, metadata.ensembles[0].bookies};
  next.bookies[0] = AddBookie().id();
  metadata.ensembles.push_back(next);
  SetMetadata(id, metadata);
  ExpectEntries(*Open()->OpenFenced(id).value(), 5);
  EXPECT_EQ(Metadata(id).length, LengthOf(5));
}

TEST_F(LedgerRecovery, LedgerThatNoBookieKnows) {
  int64_t id = Open()->Create({}).value()->id();
  EXPECT_EQ(Open()->OpenFenced(id).value()->last_confirmed(), -1);
  EXPECT_EQ(Metadata(id).length, 0);
}

TEST_F(LedgerRecovery, WrongKeyIsRefused) {
  int64_t id = Written(1, false);
  for (auto& bookie : bookies_) {
    bookie->Obey(OnRead({FakeReply::kCode, BookieCode::kUnauthorized, {}}));
  }
  EXPECT_EQ(Open()->OpenFenced(id).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(LedgerRecovery, LostReplyOfEveryZooKeeperEffect) {
  for (int k = 1;; ++k) {
    int64_t id = Written(3, false);
    FaultAt fault(k, FaultAt::kLoseReply);
    auto reader = Open([&](std::string_view e) { return fault(e); })->OpenFenced(id);
    ASSERT_TRUE(reader.ok()) << fault.effect() << reader.status();
    ExpectEntries(**reader, 3);
    if (fault.effects() < k) break;
    ASSERT_LT(k, 20);
  }
}

}  // namespace
}  // namespace pdr
