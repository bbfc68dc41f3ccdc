// Parts of the records of a shared run.
#pragma once

#include "base/bytes.h"
#include "recovery/evidence.h"

namespace pdr {

// With all attributes as they were read: what Pravega writes of them (EncodeSegmentInfo) is less.
void PutInfo(ByteWriter& w, const SegmentInfo& info);
SegmentInfo TakeInfo(ByteReader& r);

void PutStored(ByteWriter& w, const StoredSegment& segment);
StoredSegment TakeStored(ByteReader& r);

void PutAnomaly(ByteWriter& w, const Anomaly& anomaly);
Anomaly TakeAnomaly(ByteReader& r);

void PutStorageRecords(ByteWriter& w, const StorageRecords& records);
StorageRecords TakeStorageRecords(ByteReader& r);

void PutEvidence(ByteWriter& w, const ContainerEvidence& evidence);
ContainerEvidence TakeEvidence(ByteReader& r);

}  // namespace pdr
