#include "format/ledger_metadata.h"

#include <algorithm>
#include <charconv>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include "proto/ledger.pb.h"

namespace pdr {
namespace {

constexpr std::string_view kMagic = "BookieMetadataFormatVersion\t";
constexpr int kCurrentVersion = 3;
constexpr int kMaxEnsembleSize = 10000;
constexpr int64_t kV1InRecovery = -102;
constexpr std::string_view kV1Closed = "CLOSED";

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0;;) {
    size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

template <typename Int>
StatusOr<Int> ParseInt(std::string_view text) {
  Int value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) {
    return DataLoss("\"{}\" is not a number", text.substr(0, 40));
  }
  return value;
}

Status Validate(const LedgerMetadata& m) {
  if (m.ack_quorum < 1 || m.write_quorum < m.ack_quorum || m.ensemble_size < m.write_quorum ||
      m.ensemble_size > kMaxEnsembleSize) {
    return DataLoss("impossible quorums: ensemble {}, write {}, ack {}", m.ensemble_size,
                    m.write_quorum, m.ack_quorum);
  }
  if (m.length < 0 || m.last_entry < -1) {
    return DataLoss("impossible length {} or last entry {}", m.length, m.last_entry);
  }
  if (m.ensembles.empty() || m.ensembles.front().first_entry != 0) {
    return DataLoss("no ensemble for entry 0");
  }
  for (size_t i = 0; i < m.ensembles.size(); ++i) {
    const LedgerEnsemble& ensemble = m.ensembles[i];
    if (i > 0 && ensemble.first_entry <= m.ensembles[i - 1].first_entry) {
      return DataLoss("the ensembles are out of order at entry {}", ensemble.first_entry);
    }
    if (ensemble.bookies.size() != static_cast<size_t>(m.ensemble_size)) {
      return DataLoss("the ensemble of entry {} has {} bookies instead of {}", ensemble.first_entry,
                      ensemble.bookies.size(), m.ensemble_size);
    }
  }
  return OkStatus();
}

StatusOr<LedgerMetadata> FromProto(const proto::LedgerMetadata& in) {
  if (!in.has_quorumsize() || !in.has_ensemblesize() || !in.has_length() || !in.has_state()) {
    return DataLoss("a required field is missing or has an unknown value");
  }
  const auto& unknown = in.unknown_fields();
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (unknown.field(i).number() == proto::LedgerMetadata::kDigestTypeFieldNumber) {
      return Unimplemented("unknown digest type");
    }
  }
  LedgerMetadata m;
  m.write_quorum = in.quorumsize();
  m.ensemble_size = in.ensemblesize();
  m.ack_quorum = in.has_ackquorumsize() ? in.ackquorumsize() : in.quorumsize();
  m.state = static_cast<LedgerState>(in.state());
  m.length = in.length();
  m.last_entry = in.has_lastentryid() ? in.lastentryid() : -1;
  for (const auto& segment : in.segment()) {
    m.ensembles.push_back({segment.firstentryid(),
                           {segment.ensemblemember().begin(), segment.ensemblemember().end()}});
  }
  if (in.has_password()) {
    m.password = in.password();
    if (in.has_digesttype()) m.digest = static_cast<DigestType>(in.digesttype());
  }
  if (in.has_ctime()) m.ctime = in.ctime();
  for (const auto& custom : in.custommetadata())
    m.custom.emplace_back(custom.key(), custom.value());
  if (in.has_ctoken()) m.creation_token = in.ctoken();
  return m;
}

StatusOr<LedgerMetadata> DecodeV3(std::string_view body) {
  google::protobuf::io::ArrayInputStream stream(body.data(), static_cast<int>(body.size()));
  google::protobuf::io::CodedInputStream in(&stream);
  uint32_t size = 0;
  bool framed =
      in.ReadVarint32(&size) && size == body.size() - static_cast<size_t>(in.CurrentPosition());
  proto::LedgerMetadata message;
  if (!framed || !message.ParseFromCodedStream(&in)) return DataLoss("does not parse");
  return FromProto(message);
}

StatusOr<LedgerMetadata> DecodeV2(std::string_view body) {
  class Quiet : public google::protobuf::io::ErrorCollector {
    void AddError(int, int, const std::string&) override {}
  } quiet;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&quiet);
  proto::LedgerMetadata message;
  if (!parser.ParseFromString(std::string(body), &message)) return DataLoss("does not parse");
  return FromProto(message);
}

// write quorum, ensemble size, length, one line per ensemble, and a last line unless open.
StatusOr<LedgerMetadata> DecodeV1(std::string_view body) {
  LedgerMetadata m;
  std::vector<std::string_view> lines = Split(body, '\n');
  if (lines.size() < 4) return DataLoss("only {} lines", lines.size());
  ASSIGN_OR_RETURN(m.write_quorum, ParseInt<int>(lines[0]));
  ASSIGN_OR_RETURN(m.ensemble_size, ParseInt<int>(lines[1]));
  ASSIGN_OR_RETURN(m.length, ParseInt<int64_t>(lines[2]));
  m.ack_quorum = m.write_quorum;
  for (size_t i = 3; i < lines.size(); ++i) {
    if (lines[i].empty() && i + 1 == lines.size()) break;
    std::vector<std::string_view> words = Split(lines[i], '\t');
    ASSIGN_OR_RETURN(int64_t entry, ParseInt<int64_t>(words[0]));
    if (words.size() == 2 && words[1] == kV1Closed) {
      bool recovering = entry == kV1InRecovery;
      m.state = recovering ? LedgerState::kInRecovery : LedgerState::kClosed;
      m.last_entry = recovering ? -1 : entry;
      break;
    }
    m.ensembles.push_back({entry, {words.begin() + 1, words.end()}});
  }
  return m;
}

StatusOr<LedgerMetadata> DecodeBody(std::string_view version, std::string_view body) {
  if (version == "1") return DecodeV1(body);
  if (version == "2") return DecodeV2(body);
  if (version == "3") return DecodeV3(body);
  return Unimplemented("format version \"{}\"", version.substr(0, 20));
}

}  // namespace

const LedgerEnsemble& LedgerMetadata::EnsembleOf(int64_t entry) const {
  auto after = std::upper_bound(
      ensembles.begin() + 1, ensembles.end(), entry,
      [](int64_t e, const LedgerEnsemble& ensemble) { return e < ensemble.first_entry; });
  return *(after - 1);
}

StatusOr<LedgerMetadata> DecodeLedgerMetadata(std::string_view bytes) {
  size_t end = bytes.find('\n');
  if (!bytes.starts_with(kMagic) || end == std::string_view::npos) {
    return DataLoss("ledger metadata without its first line");
  }
  StatusOr<LedgerMetadata> metadata =
      DecodeBody(bytes.substr(kMagic.size(), end - kMagic.size()), bytes.substr(end + 1));
  Status status = metadata.ok() ? Validate(*metadata) : metadata.status();
  if (!status.ok()) return Annotate(status, "ledger metadata");
  return metadata;
}

std::string EncodeLedgerMetadata(const LedgerMetadata& m) {
  proto::LedgerMetadata out;
  out.set_quorumsize(m.write_quorum);
  out.set_ensemblesize(m.ensemble_size);
  out.set_length(m.length);
  out.set_lastentryid(m.last_entry);
  out.set_state(static_cast<proto::LedgerMetadata::State>(m.state));
  for (const LedgerEnsemble& ensemble : m.ensembles) {
    auto* segment = out.add_segment();
    for (const std::string& bookie : ensemble.bookies) segment->add_ensemblemember(bookie);
    segment->set_firstentryid(ensemble.first_entry);
  }
  if (m.digest) out.set_digesttype(static_cast<proto::LedgerMetadata::Digest>(*m.digest));
  if (m.password) out.set_password(*m.password);
  out.set_ackquorumsize(m.ack_quorum);
  if (m.ctime) out.set_ctime(*m.ctime);
  for (const auto& [key, value] : m.custom) {
    auto* custom = out.add_custommetadata();
    custom->set_key(key);
    custom->set_value(value);
  }
  if (m.creation_token) out.set_ctoken(*m.creation_token);

  std::string bytes = fmt::format("{}{}\n", kMagic, kCurrentVersion);
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteVarint32(static_cast<uint32_t>(out.ByteSizeLong()));
  out.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace pdr
