#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/bytes.h"
#include "tier1/bookkeeper/bookkeeper_test_cluster.h"

namespace pdr {
namespace {

class LedgerWrite : public BookKeeperTest {
 protected:
  // Breaks one bookie of a fresh ledger at entry 10 and expects a spare to take its place.
  void ExpectReplaced(const FakeReply& reply) {
    config_.ack_quorum = 3;  // nothing is acknowledged without the bad one
    auto store = Open();
    auto writer = store->Create({}).value();
    AddBookie();
    FakeBookie& bad = At(writer->id(), 1);
    bad.Obey(OnAdd(reply, 10));
    ASSERT_TRUE(Append(*writer, 0, 10).ok());
    ASSERT_TRUE(Append(*writer, 10, 50).ok());
    Status closed = writer->Close();
    ASSERT_TRUE(closed.ok()) << closed;
    LedgerMetadata metadata = Metadata(writer->id());
    ASSERT_EQ(metadata.ensembles.size(), 2U);
    EXPECT_EQ(metadata.ensembles[1].first_entry, 10);
    EXPECT_NE(metadata.ensembles[1].bookies[1], bad.id());
    bad.Die();
    ExpectEntries(*store->OpenReadOnly(writer->id()).value(), 50);
    FakeBookie& spare = Bookie(metadata.ensembles[1].bookies[1]);
    EXPECT_EQ(spare.Entries(writer->id()).front(), metadata.ensembles[1].first_entry);
  }
};

TEST_F(LedgerWrite, ClosedLedgerIsOnItsWriteSetsAndReadsBack) {
  config_.write_quorum = 2;
  auto store = Open();
  auto writer = store->Create({{"application", "Pravega"}}).value();
  ASSERT_TRUE(Append(*writer, 0, 30).ok());
  ASSERT_TRUE(writer->Close().ok());
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_EQ(writer->Append("x").code(), StatusCode::kFailedPrecondition);
  LedgerMetadata metadata = Metadata(writer->id());
  EXPECT_EQ(metadata.state, LedgerState::kClosed);
  EXPECT_EQ(metadata.last_entry, 29);
  EXPECT_EQ(metadata.length, LengthOf(30));
  EXPECT_EQ(metadata.creation_token, 0);
  BookieEntryCodec codec(writer->id(), DigestType::kCrc32c, config_.password);
  for (int64_t e = 0; e < 30; ++e) {
    for (size_t i = 0; i < 3; ++i) {
      std::optional<std::string> body = At(writer->id(), i).Stored(writer->id(), e);
      bool holds = i == static_cast<size_t>(e) % 3 || i == static_cast<size_t>(e + 1) % 3;
      EXPECT_EQ(body.has_value(), holds) << e << " on " << i;
      if (!body) continue;
      EXPECT_EQ(codec.Decode(*body, e)->length, LengthOf(e + 1));
    }
  }
  auto reader = store->OpenReadOnly(writer->id()).value();
  ExpectEntries(*reader, 30);
  EXPECT_EQ(reader->custom_metadata().at("application"), "Pravega");
  EXPECT_EQ(reader->Read(30).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(reader->Read(-1).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(LedgerWrite, EmptyLedger) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_EQ(store->OpenFenced(writer->id()).value()->last_confirmed(), -1);
}

TEST_F(LedgerWrite, OneSilentBookieDoesNotHoldUpTheQuorum) {
  auto store = Open();
  auto writer = store->Create({}).value();
  At(writer->id(), 2).Obey(OnAdd({FakeReply::kIgnore, {}, {}}));
  ASSERT_TRUE(Append(*writer, 0, 20).ok());
  EXPECT_TRUE(writer->Close().ok());
}

TEST_F(LedgerWrite, BookieThatHangsUpIsReplaced) { ExpectReplaced({FakeReply::kHangUp, {}, {}}); }

TEST_F(LedgerWrite, BookieThatFailsIsReplaced) {
  ExpectReplaced({FakeReply::kCode, BookieCode::kIo, {}});
}

TEST_F(LedgerWrite, BookieThatBecameReadOnlyIsReplaced) {
  ExpectReplaced({FakeReply::kCode, BookieCode::kReadOnly, {}});
}

TEST_F(LedgerWrite, BookieThatSendsGarbageIsReplaced) {
  ExpectReplaced({FakeReply::kRaw, {}, std::string("\0\0\0\x04\xff\xff\xff\xff", 8)});
}

TEST_F(LedgerWrite, BookieThatSendsAnOversizedFrameIsReplaced) {
  ExpectReplaced({FakeReply::kRaw, {}, std::string("\x7f\xff\xff\xff", 4)});
}

TEST_F(LedgerWrite, BookieThatAnswersWhatWasNotAskedIsReplaced) {
  proto::Response response;
  response.mutable_header()->set_version(3);
  response.mutable_header()->set_operation(2);
  response.mutable_header()->set_txn_id(1 << 30);
  response.set_status(0);
  std::string frame = response.SerializeAsString();
  ExpectReplaced({FakeReply::kRaw, {}, ByteWriter().U32(frame.size()).Put(frame).Take()});
}

TEST_F(LedgerWrite, AcknowledgementWithoutContentDoesNotCount) {
  config_.ack_quorum = 3;
  auto store = Open();
  auto writer = store->Create({}).value();
  FakeBookie& bad = At(writer->id(), 0);
  bad.Obey([](const proto::Request& request) {
    proto::Response response;
    *response.mutable_header() = request.header();
    response.set_status(0);
    std::string frame = response.SerializeAsString();
    return FakeReply{FakeReply::kRaw, {}, ByteWriter().U32(frame.size()).Put(frame).Take()};
  });
  Status status = Append(*writer, 0, 20);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(Message(status).find(bad.id()), std::string_view::npos) << status;
}

TEST_F(LedgerWrite, BookiesThatHangAreReplacedAfterTheTimeout) {
  config_.write_timeout_ms = 1000;
  auto store = Open();
  auto writer = store->Create({}).value();
  AddBookie();
  AddBookie();
  At(writer->id(), 0).Obey(OnAdd({FakeReply::kIgnore, {}, {}}, 5));
  At(writer->id(), 1).Obey(OnAdd({FakeReply::kIgnore, {}, {}}, 5));
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  ASSERT_TRUE(Append(*writer, 5, 20).ok());
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_EQ(Metadata(writer->id()).ensembles.back().first_entry, 5);
  ExpectEntries(*store->OpenReadOnly(writer->id()).value(), 20);
}

TEST_F(LedgerWrite, LostQuorumNamesTheBookie) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  std::string dead = At(writer->id(), 0).id();
  At(writer->id(), 1).Die();
  Bookie(dead).Die();
  Status status = Append(*writer, 5, 6);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(Message(status).find("not enough bookies"), std::string_view::npos) << status;
  EXPECT_EQ(writer->Append("x"), status);
  EXPECT_EQ(writer->Close(), status);
  EXPECT_EQ(Metadata(writer->id()).state, LedgerState::kOpen);
}

TEST_F(LedgerWrite, FailureAfterTheAcknowledgementChangesTheEnsembleBeforeTheNextEntry) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  FakeBookie& spare = AddBookie();
  FakeBookie& bad = At(writer->id(), 2);
  bad.Die();
  int64_t entries = 5;
  for (; entries < 500 && spare.Entries(writer->id()).empty(); ++entries) {
    ASSERT_TRUE(Append(*writer, entries, entries + 1).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // the failure is on its way
  }
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_FALSE(spare.Entries(writer->id()).empty());
  ExpectEntries(*store->OpenReadOnly(writer->id()).value(), entries);
}

TEST_F(LedgerWrite, FencedWriterStops) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  ExpectEntries(*Open()->OpenFenced(writer->id()).value(), 5);
  EXPECT_EQ(Append(*writer, 5, 6).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(writer->Close().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Metadata(writer->id()).last_entry, 4);
}

TEST_F(LedgerWrite, WriterCannotCloseWhatWasRecovered) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  LedgerMetadata metadata = Metadata(writer->id());
  metadata.state = LedgerState::kInRecovery;
  SetMetadata(writer->id(), metadata);
  EXPECT_EQ(writer->Close().code(), StatusCode::kFailedPrecondition);
}

TEST_F(LedgerWrite, EnsembleDoesNotChangeUnderRecovery) {
  auto store = Open();
  auto writer = store->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 5).ok());
  AddBookie();
  LedgerMetadata metadata = Metadata(writer->id());
  metadata.state = LedgerState::kInRecovery;
  SetMetadata(writer->id(), metadata);
  At(writer->id(), 0).Die();
  At(writer->id(), 1).Obey(OnAdd({FakeReply::kIgnore, {}, {}}));
  EXPECT_EQ(Append(*writer, 5, 6).code(), StatusCode::kFailedPrecondition);
}

TEST_F(LedgerWrite, WrongPassword) {
  auto writer = Open()->Create({}).value();
  ASSERT_TRUE(Append(*writer, 0, 1).ok());
  config_.password = "wrong";
  EXPECT_EQ(Open()->OpenFenced(writer->id()).status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(Open()->OpenReadOnly(writer->id()).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(LedgerWrite, RefusedByTheBookie) {
  auto store = Open();
  auto writer = store->Create({}).value();
  At(writer->id(), 0).Obey(OnAdd({FakeReply::kCode, BookieCode::kUnauthorized, {}}));
  At(writer->id(), 1).Obey(OnAdd({FakeReply::kIgnore, {}, {}}));
  EXPECT_EQ(Append(*writer, 0, 1).code(), StatusCode::kPermissionDenied);
}

TEST_F(LedgerWrite, EntryLargerThanAFrame) {
  auto writer = Open()->Create({}).value();
  EXPECT_EQ(writer->Append(std::string(kMaxBookieFrame, 'x')).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(Append(*writer, 0, 1).ok());
}

TEST_F(LedgerWrite, MoreThanFitsUnderWay) {
  auto store = Open();
  auto writer = store->Create({}).value();
  const std::string big(1 << 20, 'b');
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(writer->Append(big).ok());
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(writer->Append("small").ok());
  ASSERT_TRUE(writer->Close().ok());
  auto reader = store->OpenReadOnly(writer->id()).value();
  EXPECT_EQ(reader->last_confirmed(), 2059);
  EXPECT_EQ(reader->Read(59).value(), big);
}

TEST_F(LedgerWrite, LostReplyOfEveryZooKeeperEffect) {
  for (int k = 1;; ++k) {
    FaultAt fault(k, FaultAt::kLoseReply);
    auto store = Open([&](std::string_view effect) { return fault(effect); });
    auto writer = store->Create({});
    if (writer.ok()) {
      Status status = Append(**writer, 0, 3);
      if (status.ok()) status = (*writer)->Close();
      EXPECT_TRUE(status.ok()) << fault.effect() << ": " << status;
      EXPECT_EQ(Metadata((*writer)->id()).last_entry, 2);
    } else {  // only the id's node may be lost for good
      EXPECT_NE(fault.effect().find("idgen"), std::string::npos) << fault.effect();
    }
    if (fault.effects() < k) break;
    ASSERT_LT(k, 100);
  }
}

TEST_F(LedgerWrite, CheckWritable) {
  EXPECT_TRUE(Open()->CheckWritable().ok());
  config_.ensemble_size = 4;
  Status status = Open()->CheckWritable();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(Message(status).find(bookies_[0]->id()), std::string_view::npos) << status;
  EXPECT_EQ(Open()->Create({}).status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(Open()->List().value().empty());
}

TEST_F(LedgerWrite, ImpossibleQuorums) {
  config_.ack_quorum = 4;
  EXPECT_EQ(BookKeeperLedgerStore::Open(cluster_.Open().metadata, config_).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace pdr
