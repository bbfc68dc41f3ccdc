#include "format/data_frame.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace pdr {
namespace {

constexpr size_t kFrameHeaderBytes = 6;
constexpr size_t kEntryHeaderBytes = 5;
constexpr uint8_t kFirst = 1;
constexpr uint8_t kLast = 2;
constexpr uint8_t kErrorBit = 0x80;

class FrameWriter {
 public:
  explicit FrameWriter(size_t max_bytes)
      : max_bytes_(std::max(max_bytes, kFrameHeaderBytes + kEntryHeaderBytes + 1)) {
    Begin();
  }

  void Put(std::string_view record) {
    uint8_t flags = kFirst;
    do {
      if (max_bytes_ - frame_.size() < kEntryHeaderBytes + 1) Seal();
      const size_t n = std::min(record.size(), max_bytes_ - frame_.size() - kEntryHeaderBytes);
      if (n == record.size()) flags |= kLast;
      frame_.U32(n).U8(flags).Put(record.substr(0, n));
      record.remove_prefix(n);
      flags &= static_cast<uint8_t>(~kFirst);
    } while (!record.empty());
  }

  std::vector<std::string> Finish() {
    if (frame_.size() > kFrameHeaderBytes) Seal();
    return std::move(frames_);
  }

 private:
  void Begin() { frame_.U8(0).U32(0).U8(0); }
  void Seal() {
    frame_.PatchU32(1, static_cast<uint32_t>(frame_.size() - kFrameHeaderBytes));
    frames_.push_back(frame_.Take());
    frame_ = ByteWriter();
    Begin();
  }

  size_t max_bytes_;
  ByteWriter frame_;
  std::vector<std::string> frames_;
};

}  // namespace

std::vector<std::string> BuildDataFrames(const std::vector<std::string>& records,
                                         size_t max_frame_bytes) {
  FrameWriter writer(max_frame_bytes);
  for (const std::string& record : records) writer.Put(record);
  return writer.Finish();
}

StatusOr<std::vector<DataFrameReader::Entry>> DataFrameReader::ReadEntries(std::string_view frame) {
  ByteReader header(frame);
  const uint8_t version = header.U8();
  const size_t content_length = header.U32();
  const uint8_t frame_flags = header.U8();
  // Bytes after the content are allowed; production ignores them.
  ByteReader content(header.Take(content_length));
  RETURN_IF_ERROR(header.status());
  if ((version & kErrorBit) != 0 || (frame_flags & kErrorBit) != 0) {
    return DataLoss("version {}, flags {}", version, frame_flags);
  }
  std::vector<Entry> entries;
  while (content.remaining() > 0) {
    Entry entry;
    entry.part.length = content.U32();
    entry.flags = content.U8();
    if ((entry.flags & kErrorBit) != 0) content.Fail("entry flags have bit 7 set");
    entry.part.frame_offset = kFrameHeaderBytes + content.position();
    entry.data = content.Take(entry.part.length);
    RETURN_IF_ERROR(content.status());
    entries.push_back(entry);
  }
  if (entries.empty()) return DataLoss("no entries");
  return entries;
}

StatusOr<std::vector<DataFrameReader::Record>> DataFrameReader::Feed(std::string_view frame,
                                                                     const LogAddress& address) {
  if (last_sequence_.has_value() && address.sequence <= *last_sequence_) {
    return DataLoss("data frame {:#x} follows {:#x}", address.sequence, *last_sequence_);
  }
  last_sequence_ = address.sequence;
  auto entries = ReadEntries(frame);
  if (!entries.ok()) {
    return Annotate(entries.status(),
                    fmt::format("data frame {:#x} (ledger {}, entry {})", address.sequence,
                                address.ledger_id, address.entry_id()));
  }
  std::vector<Record> complete;
  for (const Entry& entry : *entries) {
    if ((entry.flags & kFirst) != 0) {
      partial_.emplace();  // an unfinished record is dropped: its writer died
    } else if (!partial_.has_value()) {
      if (any_complete_) {
        return DataLoss("data frame {:#x}, offset {}: continues a record that was never begun",
                        address.sequence, entry.part.frame_offset);
      }
      continue;  // the tail of a record that was truncated away
    }
    partial_->bytes.append(entry.data);
    partial_->parts.push_back(entry.part);
    if ((entry.flags & kLast) == 0) continue;
    any_complete_ = true;
    partial_->last_frame = address;
    complete.push_back(std::move(*partial_));
    partial_.reset();
  }
  return complete;
}

}  // namespace pdr
