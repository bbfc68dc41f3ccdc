#include "verify/container_state.h"

#include "format/names.h"
#include "verify/segment_check.h"

namespace pdr::verify {

bool ContainerState::IsSystem(std::string_view name) const {
  if (!name.starts_with(kContainersDir)) return false;
  for (const std::string& table :
       {MetadataSegmentName(container), StorageMetadataSegmentName(container)}) {
    if (name == table || name == AttributeIndexName(table)) return true;
  }
  return false;
}

const Stored* ContainerState::Find(const std::string& name) const {
  const StoredMap& map = IsSystem(name) ? system : stored;
  auto it = map.find(name);
  return it == map.end() ? nullptr : &it->second;
}

TableSegment ContainerState::Table(const Registered& segment) const {
  TableSegment table;
  table.name = segment.name;
  table.attributes = segment.attributes;
  table.length = segment.length;
  table.start_offset = segment.start_offset;
  table.data = Find(segment.name);
  table.index = Find(AttributeIndexName(segment.name));
  table.log = segment.log;
  table.unindexed_tail_allowed = log.written && segment.log != nullptr;
  return table;
}

}  // namespace pdr::verify
