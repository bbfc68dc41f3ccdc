#include "tier1/bookkeeper/ledger_nodes.h"

#include <algorithm>
#include <limits>
#include <random>

#include "tier1/bookkeeper/ledger_id_generator.h"

namespace pdr {
namespace {

constexpr int kAttempts = 10;

bool UnknownOutcome(const Status& status) { return status.code() == StatusCode::kUnavailable; }

int64_t RandomToken() {
  std::random_device device;
  return std::uniform_int_distribution<int64_t>(0, std::numeric_limits<int64_t>::max())(device);
}

bool AllDigits(std::string_view name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

StatusOr<LedgerLayout> LedgerNodes::Layout() {
  std::lock_guard lock(mutex_);
  if (!layout_) {
    StatusOr<Node> node = store_.Get(root_ + "/LAYOUT");
    if (node.status().code() == StatusCode::kNotFound) return LedgerLayout::kHierarchical;
    RETURN_IF_ERROR(node.status());
    ASSIGN_OR_RETURN(layout_, DecodeLedgerLayout(node->data));
  }
  return *layout_;
}

StatusOr<std::string> LedgerNodes::PathOf(int64_t id) {
  ASSIGN_OR_RETURN(LedgerLayout layout, Layout());
  ASSIGN_OR_RETURN(std::string path, LedgerPath(layout, id));
  return root_ + path;
}

StatusOr<VersionedLedger> LedgerNodes::Load(int64_t id) {
  ASSIGN_OR_RETURN(std::string path, PathOf(id));
  StatusOr<Node> node = store_.Get(path);
  if (node.status().code() == StatusCode::kNotFound) {
    return NotFound("ledger {} does not exist ({})", id, path);
  }
  RETURN_IF_ERROR(node.status());
  StatusOr<LedgerMetadata> metadata = DecodeLedgerMetadata(node->data);
  if (!metadata.ok()) return Annotate(metadata.status(), fmt::format("ledger {}", id));
  return VersionedLedger{id, std::move(*metadata), node->version};
}

// Nothing when the id is taken by someone else's ledger.
StatusOr<std::optional<VersionedLedger>> LedgerNodes::TryCreate(int64_t id,
                                                                const LedgerMetadata& metadata) {
  ASSIGN_OR_RETURN(std::string path, PathOf(id));
  Status created = store_.Create(path, EncodeLedgerMetadata(metadata), /*ephemeral=*/false);
  if (created.ok()) return VersionedLedger{id, metadata, 0};
  if (created.code() != StatusCode::kAlreadyExists && !UnknownOutcome(created)) return created;
  StatusOr<VersionedLedger> there = Load(id);
  if (!there.ok()) return created;
  if (there->metadata == metadata) return *there;  // the token makes it unique
  return std::optional<VersionedLedger>();
}

StatusOr<VersionedLedger> LedgerNodes::Create(LedgerMetadata metadata) {
  metadata.creation_token = RandomToken();
  ASSIGN_OR_RETURN(LedgerLayout layout, Layout());
  LedgerIdGenerator ids(store_, root_, layout);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(int64_t id, ids.Next());
    ASSIGN_OR_RETURN(std::optional<VersionedLedger> ledger, TryCreate(id, metadata));
    if (ledger) return *ledger;
  }
  return AlreadyExists("{} new ledger ids in a row below {} were taken already", kAttempts, root_);
}

StatusOr<VersionedLedger> LedgerNodes::Update(VersionedLedger ledger, const Change& change) {
  ASSIGN_OR_RETURN(std::string path, PathOf(ledger.id));
  Status last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(LedgerMetadata wanted, change(ledger.metadata));
    if (wanted == ledger.metadata) return ledger;
    if (wanted.creation_token) wanted.creation_token = 0;
    StatusOr<int32_t> version = store_.Set(path, EncodeLedgerMetadata(wanted), ledger.version);
    if (version.ok()) return VersionedLedger{ledger.id, std::move(wanted), *version};
    last = version.status();
    if (last.code() != StatusCode::kAborted && !UnknownOutcome(last)) return last;
    ASSIGN_OR_RETURN(ledger, Load(ledger.id));
  }
  return Annotate(last, fmt::format("ledger {}: gave up after {} attempts", ledger.id, kAttempts));
}

Status LedgerNodes::Delete(int64_t id) {
  ASSIGN_OR_RETURN(std::string path, PathOf(id));
  Status deleted = store_.Delete(path, -1);
  if (!deleted.ok() && deleted.code() != StatusCode::kNotFound) return deleted;
  // Parents that have become empty go too; the first one that is still in use ends this.
  for (size_t slash = path.rfind('/'); slash > root_.size(); slash = path.rfind('/')) {
    path.resize(slash);
    if (!store_.Delete(path, -1).ok()) break;
  }
  return OkStatus();
}

Status LedgerNodes::Walk(LedgerLayout layout, const std::string& below, std::vector<int64_t>& ids) {
  StatusOr<std::vector<std::string>> names = store_.Children(root_ + below);
  if (names.status().code() == StatusCode::kNotFound) return OkStatus();
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    std::string path = fmt::format("{}/{}", below, name);
    if (std::optional<int64_t> id = LedgerIdFromPath(layout, path)) {
      ids.push_back(*id);
    } else if (AllDigits(name) && name.size() <= 4) {
      RETURN_IF_ERROR(Walk(layout, path, ids));
    }
  }
  return OkStatus();
}

StatusOr<std::vector<int64_t>> LedgerNodes::List() {
  ASSIGN_OR_RETURN(LedgerLayout layout, Layout());
  std::vector<int64_t> ids;
  RETURN_IF_ERROR(Walk(layout, "", ids));
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace pdr
