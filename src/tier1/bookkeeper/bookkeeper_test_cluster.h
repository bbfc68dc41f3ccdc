// Fake bookies and a fake ZooKeeper that together are a BookKeeper cluster. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "format/ledger_metadata.h"
#include "tier1/bookkeeper/bookkeeper_ledger_store.h"
#include "tier1/testing/fake_bookie.h"
#include "tier1/testing/fake_tier1.h"

namespace pdr {

class BookKeeperTest : public ::testing::Test {
 protected:
  BookKeeperTest() {
    config_.ledger_path = "/ledgers";
    config_.write_timeout_ms = 5000;
    config_.read_timeout_ms = 5000;
    config_.password = "secret";
    zookeeper_ = cluster_.Open();
    for (int i = 0; i < 3; ++i) AddBookie();
  }

  FakeBookie& AddBookie() {
    bookies_.push_back(std::make_unique<FakeBookie>());
    const FakeBookie& bookie = *bookies_.back();
    EXPECT_TRUE(zookeeper_.metadata
                    ->Create("/ledgers/available/" + bookie.id(),
                             EncodeBookieRegistration(bookie.id(), bookie.address()), false)
                    .ok());
    return *bookies_.back();
  }
  std::unique_ptr<BookKeeperLedgerStore> Open(FaultHook hook = nullptr) {
    return BookKeeperLedgerStore::Open(cluster_.Open(std::move(hook)).metadata, config_).value();
  }
  FakeBookie& Bookie(const std::string& id) {
    for (auto& bookie : bookies_) {
      if (bookie->id() == id) return *bookie;
    }
    ADD_FAILURE() << "no bookie " << id;
    return *bookies_[0];
  }
  LedgerMetadata Metadata(int64_t id) {
    std::string path = "/ledgers" + LedgerPath(LedgerLayout::kHierarchical, id).value();
    return DecodeLedgerMetadata(zookeeper_.metadata->Get(path).value().data).value();
  }
  void SetMetadata(int64_t id, const LedgerMetadata& metadata) {
    std::string path = "/ledgers" + LedgerPath(LedgerLayout::kHierarchical, id).value();
    int32_t version = zookeeper_.metadata->Get(path).value().version;
    ASSERT_TRUE(zookeeper_.metadata->Set(path, EncodeLedgerMetadata(metadata), version).ok());
  }
  // The bookie that is at an index of a ledger's last ensemble.
  FakeBookie& At(int64_t id, size_t index) {
    return Bookie(Metadata(id).ensembles.back().bookies[index]);
  }
  static std::string Payload(int64_t i) { return "payload " + std::to_string(i); }
  static Status Append(LedgerWriter& writer, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) RETURN_IF_ERROR(writer.Append(Payload(i)));
    return writer.Flush();
  }
  static void ExpectEntries(LedgerReader& reader, int64_t count) {
    ASSERT_EQ(reader.last_confirmed(), count - 1);
    for (int64_t i = 0; i < count; ++i) {
      StatusOr<std::string> payload = reader.Read(i);
      ASSERT_TRUE(payload.ok()) << payload.status();
      EXPECT_EQ(*payload, Payload(i));
    }
  }
  static int64_t LengthOf(int64_t count) {
    int64_t length = 0;
    for (int64_t i = 0; i < count; ++i) length += static_cast<int64_t>(Payload(i).size());
    return length;
  }

  Tier1Config config_;
  FakeCluster cluster_;
  Tier1 zookeeper_;
  std::vector<std::unique_ptr<FakeBookie>> bookies_;
};

// A bookie that does something else with adds of entries from `first` on.
inline FakeBookie::Script OnAdd(FakeReply reply, int64_t first = 0) {
  return [=](const proto::Request& request) {
    bool hit = request.has_add() && request.add().entry_id() >= first;
    return hit ? reply : FakeReply{};
  };
}

inline FakeBookie::Script OnRead(FakeReply reply) {
  return [=](const proto::Request& request) { return request.has_add() ? FakeReply{} : reply; };
}

}  // namespace pdr
