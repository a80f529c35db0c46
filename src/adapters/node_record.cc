// SPDX-License-Identifier: Apache-2.0
#include "adapters/node_record.h"

#include <unistd.h>

#include <cerrno>

#include "supervisor/files.h"

namespace nav {

Result<NodeRecord> NodeRecordFile::load() {
  auto const path = folder_ + "/record";
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return NodeRecord{};
  auto const text = supervisor::read_whole(path);
  if (!text) return fail(ErrorKind::Unavailable, "{}", text.error());
  auto record = json_read<NodeRecord>(*text, Unknown::Ignore);
  if (record) return record;
  Error error = std::move(record).error();
  error.kind = ErrorKind::Internal;
  error.hint = fmt::format("move {} away: the node then begins without a record, which is safe once no other controller speaks to it", path);
  return within(fmt::format("read {}", path), std::move(error));
}

Result<void> NodeRecordFile::save(NodeRecord const& record) {
  errno = 0;
  auto const saved = supervisor::replace_file(folder_, "record", json_write(record), 0600, supervisor::Durability::Power);
  if (saved) return {};
  return fail(errno == ENOSPC || errno == EDQUOT ? ErrorKind::StorageFull : ErrorKind::Unavailable, "{}", saved.error());
}

}  // namespace nav
